"""Artifacts on their way into staged/targets, hashed while they are copied."""

from __future__ import annotations

import fnmatch
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tuf.api.metadata import TargetFile

from tufkeep.archives.rules import is_archive
from tufkeep.errors import BadRequest
from tufkeep.keys.material import PrivateMaterial, Unlooked
from tufkeep.metadata.canonical import refuse_uncanonical
from tufkeep.metadata.document import Document
from tufkeep.metadata.edit import TargetsNotListed
from tufkeep.metadata.targets import target_file, target_path
from tufkeep.stores import FolderStore, NotAFile, NotAFolder, Store, folder_at
from tufkeep.stores.hashing import Hashes, copy_hashed, hash_file
from tufkeep.workspace import layout
from tufkeep.workspace.no_keys import marked, require_for_others, require_no_keys, search_files, search_objects

_WORKERS = 4  # files at once; hashing frees the interpreter, and more only compete for the disk


@dataclass(frozen=True, slots=True, kw_only=True)
class NotUnpacked:
    """An archive that no agent of ours unpacks; others may."""

    path: str
    reason: str

    @property
    def sentence(self) -> str:
        return f"{self.path}: agents refuse to unpack it: {self.reason.removeprefix('archive: ')}"


class EmptyFolder(BadRequest):
    """A folder was named to be added, and no file is in it."""

    def __init__(self, folder: str):
        super().__init__(f"{folder}: contains no file")
        self.folder = folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One file that is to become a target."""

    path: str  # the target path it gets
    file: Path | None  # where it is now; None when it lies under staged/targets already
    custom: Mapping[str, Any] | None = None  # None keeps the custom data that the target has
    length_bytes: int = 0  # what is known before it is read, to show how far the work is


class AmbiguousName(BadRequest):
    """One target path was given for several files, or several files would get one."""

    def __init__(self, name: str, *, files: int):
        super().__init__(f"target path {name} would mean {files:,} files")
        self.name, self.files = name, files


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedArtifacts:
    """What was copied, with what metadata will say of it."""

    targets: tuple[TargetFile, ...]
    hashes: Mapping[str, Hashes] = field(default_factory=dict)  # by target path
    unlooked: tuple[Unlooked, ...] = ()  # what could not be searched for private keys
    not_unpacked: tuple[NotUnpacked, ...] = ()  # archives that agents refuse


def stage_artifacts(
    store: Store,
    sources: Sequence[Source],
    *,
    listed: Document[Any] | None,
    hash_names: Sequence[str] = ("sha256", "sha512"),
    publish_private_keys: bool = False,
    progress: Callable[[int], None] | None = None,
) -> StagedArtifacts:
    """Bring artifacts to staged/targets; each is read once, several at a time.

    Every path is looked at before the first byte is copied.

    Args:
        listed: the targets metadata whose custom data is kept.
        hash_names: which hashes metadata will list.
        publish_private_keys: take files that contain a private key, too; their custom data then says so.
        progress: called with the number of bytes done after each file.

    Raises:
        UnsafeTargetPath: a target path that could leave the folder it is stored in.
        NotCanonical: custom data that can't be signed.
        ObjectMissing, NotAFile: a source is not there, or is no file.
        PrivateKeyInside: a source contains a private key.
    """
    for source in sources:
        target_path(source.path)
        refuse_uncanonical(source.custom)
    searched = _search(store, sources)
    meant = {path for path, each in searched.items() if any(isinstance(one, PrivateMaterial) for one in each)}
    refused = {path: each for path, each in searched.items() if path not in meant or not publish_private_keys}
    unlooked = require_no_keys(one for each in refused.values() for one in each)

    from tufkeep.archives.reading import refusal  # most changes add no archive

    refusals: dict[str, str | None] = {}

    def stage(source: Source) -> Hashes:
        hashes = _stage_one(store, source)
        if is_archive(source.path):
            with store.open(layout.STAGED_TARGETS + source.path) as stream:
                refusals[source.path] = refusal(stream)
        if progress is not None:
            progress(hashes.length_bytes)
        return hashes

    with store.batch() as batch, ThreadPoolExecutor(min(_WORKERS, len(sources) or 1)) as workers:
        store = batch
        found = list(workers.map(stage, sources))
    targets = tuple(
        target_file(
            source.path,
            length_bytes=hashes.length_bytes,
            hashes={name: hashes.by_algorithm[name] for name in hash_names},
            custom=marked(
                source.custom if source.custom is not None else _custom(listed, source.path), meant=source.path in meant
            ),
        )
        for source, hashes in zip(sources, found, strict=True)
    )
    hashes = {source.path: each for source, each in zip(sources, found, strict=True)}
    not_unpacked = tuple(NotUnpacked(path=path, reason=reason) for path, reason in refusals.items() if reason)
    return StagedArtifacts(targets=targets, hashes=hashes, unlooked=unlooked, not_unpacked=not_unpacked)


def _search(store: Store, sources: Sequence[Source]) -> Mapping[str, tuple[PrivateMaterial | Unlooked, ...]]:
    """Search every source before the first one is copied, so that a refusal leaves nothing behind."""
    files = {source.path: source.file.resolve() for source in sources if source.file is not None}
    staged = {source.path: layout.STAGED_TARGETS + source.path for source in sources if source.file is None}
    return {**search_files(files), **search_objects(store, staged)}


def find_sources(
    paths: Sequence[Path],
    *,
    staged_targets: Path | None,
    name: str | None = None,
    under: str = "",
    custom: Mapping[str, Any] | None = None,
    folder: Path | None = None,
) -> tuple[Source, ...]:
    """Return the files that paths name, with the target path that each gets.

    A file is called by its own name; of a folder, each file by its path from there; a file that
    lies under staged/targets by its path from there.

    Args:
        staged_targets: that folder; None where it is none on this disk.
        name: the target path of the one file there is.
        under: a folder that goes before every target path.
        folder: the working directory, where it is one on this disk.

    Raises:
        WorkingDirectoryAdded: a path is the working directory, or a part of it that is not for others.
        ObjectMissing, EmptyFolder: a path is neither a file nor a folder with files in it.
        AmbiguousName: two files would get one target path.
    """
    for each in paths:
        require_for_others(each, folder)
    staged = staged_targets.resolve() if staged_targets is not None else None
    found = [source for path in paths for source in _sources(path, staged, custom)]
    if name is not None:
        if len(found) != 1 or found[0].file is None:
            raise AmbiguousName(name, files=len(found))
        found = [replace(found[0], path=name)]
    if under:
        found = [source if source.file is None else replace(source, path=f"{under}/{source.path}") for source in found]
    counts = Counter(source.path for source in found)
    for path, count in counts.items():
        if count > 1:
            raise AmbiguousName(path, files=count)
    return tuple(found)


def _sources(path: Path, staged_targets: Path | None, custom: Mapping[str, Any] | None) -> Iterator[Source]:
    path = path.parent.resolve() / path.name
    if _below(staged_targets, path) is None:  # a link there is refused: go-tuf lists it and publishes nothing
        path = path.resolve()
    folder, files = path.parent, [entry for entry in [FolderStore(path.parent).stat(path.name)] if entry is not None]
    try:
        if not files:
            folder, files = path, [entry for entry in FolderStore(path).list() if not layout.is_litter(entry.name)]
    except NotAFolder:
        raise NotAFile(str(path), "is neither a file nor a folder") from None
    if not files:
        folder_at(path)
        raise EmptyFolder(str(path))
    for entry in files:
        file = folder / entry.name
        staged = _below(staged_targets, file)
        yield Source(
            path=staged or entry.name,
            file=file if staged is None else None,
            custom=custom,
            length_bytes=entry.length_bytes,
        )


def _below(folder: Path | None, file: Path) -> str | None:
    """Return the path of a file from a folder, None where it is not in it."""
    return file.relative_to(folder).as_posix() if folder is not None and file.is_relative_to(folder) else None


def matching_targets(document: Document[Any], patterns: Sequence[str]) -> tuple[str, ...]:
    """Return the target paths that are given, by name or by a pattern with `*`, `?` and `[...]`.

    What is a path as it stands is never taken for a pattern.

    Raises:
        TargetsNotListed: nothing is listed for one of them.
    """
    chosen: dict[str, None] = {}
    for pattern in patterns:
        listed = document.signed.targets
        found = [pattern] if pattern in listed else fnmatch.filter(listed, pattern)
        if not found:
            raise TargetsNotListed((pattern,), listed=listed)
        chosen.update(dict.fromkeys(found))
    return tuple(chosen)


def _stage_one(store: Store, source: Source) -> Hashes:
    name = layout.STAGED_TARGETS + source.path
    if source.file is None:
        with store.open(name) as stream:
            return hash_file(stream)
    file = source.file.resolve()  # what is given may be a link; what lies under staged/targets may not
    folder = FolderStore(file.parent)
    entry = folder.stat(file.name)
    with folder.open(file.name) as stream:
        return copy_hashed(stream, store, name, executable=entry is not None and entry.executable)


def _custom(listed: Document[Any] | None, path: str) -> Mapping[str, Any] | None:
    if listed is None or path not in listed.signed.targets:
        return None
    target: TargetFile = listed.signed.targets[path]
    return target.custom or None
