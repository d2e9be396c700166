"""The versions of one component on disk: folders that are complete as soon as they have their name.

A new version is made in a folder called `.new-…`, brought to the disk, and renamed. What it holds
stands in its `.tufkeep/contents`, so that damage is noticed later.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import msgspec

from tufkeep.agent.component import Component, Release
from tufkeep.agent.disk import make_folder, remove_folder, rename_folder
from tufkeep.agent.unpack import Contents, unpack
from tufkeep.archives.rules import OWN_FOLDER, BadArchive
from tufkeep.decoding import Undecodable, decode_json
from tufkeep.errors import TufkeepError
from tufkeep.stores import FolderStore, StoreFault, chunks_of

_CONTENTS = f"{OWN_FOLDER}/contents"


class _Told(msgspec.Struct, kw_only=True):
    version: str
    digest: str
    target: str = ""
    files: dict[str, str]
    links: dict[str, str]
    executable: list[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """One version that is on the disk."""

    folder: Path
    version: str
    digest: str
    contents: Contents

    @property
    def name(self) -> str:
        """What to call it in a sentence."""
        return self.version or self.digest[:16]

    def is_whole(self) -> bool:
        """Whether every file and link is as it was installed, and can be run as it could; hashes them all."""
        store, contents = FolderStore(self.folder), self.contents
        try:
            files = all(_hash(store.open(name)) == digest for name, digest in contents.files.items())
            links = all(str((self.folder / name).readlink()) == target for name, target in contents.links.items())
            bits = contents.executable is None or contents.executable == _executable(store, contents.files)
            return files and links and bits
        except (StoreFault, OSError, ValueError):
            return False


class Versions:
    """The folder that the versions of a component lie in."""

    def __init__(self, folder: Path, component: Component):
        self._folder = folder
        self._component = component

    def find(self, name: str | None) -> Installed | None:
        """Return a version by its folder's name, None where there is no such, or none that can be read."""
        if name is None:
            return None
        try:
            told = decode_json(FolderStore(self._folder / name).read(_CONTENTS), _Told)
        except (StoreFault, Undecodable):
            return None
        bits = frozenset(told.executable) if told.executable is not None else None
        contents = Contents(told.files, told.links, bits)
        return Installed(folder=self._folder / name, version=told.version, digest=told.digest, contents=contents)

    def find_whole(self, release: Release) -> Installed | None:
        """Return the undamaged folder of a release that was installed before."""
        for path in sorted(self._folder.glob(f"{release.folder_name}*")):
            found = self.find(path.name)
            if found is not None and found.digest == release.digest and found.is_whole():
                return found
        return None

    def relabel(self, installed: Installed, release: Release) -> Installed:
        """Call a version what its publisher calls it now: the same bytes may have had a mistake for a version."""
        if installed.version == release.version:
            return installed
        renamed = replace(installed, version=release.version)
        self._note(renamed, release)
        return renamed

    def install(self, release: Release, artifact: Callable[[], BinaryIO]) -> Installed:
        """Make the folder of a release out of its artifact.

        Raises:
            BadArchive: the artifact cannot be unpacked safely, or lacks its executable.
        """
        draft = self._folder / f".new-{secrets.token_hex(8)}"
        try:
            self._fill(draft, release, artifact)
            name = self._free_name(release.folder_name)
            rename_folder(draft, self._folder / name)
        except (TufkeepError, OSError):  # a full disk, too, gets its room back
            remove_folder(draft)
            raise
        installed = self.find(name)
        assert installed is not None
        return installed

    def clear(self) -> None:
        """Remove what was begun and never finished; nobody else may be at work."""
        for path in (*self._folder.glob(".new-*"), *self._folder.glob(".gone-*")):
            remove_folder(path)
        for path in self._folder.glob(".*.tmp"):
            path.unlink(missing_ok=True)

    def prune(self, *kept: str | None) -> None:
        """Remove every version but these."""
        for path in self._folder.iterdir():
            if path.name not in kept and not path.is_symlink() and (path / _CONTENTS).is_file():
                remove_folder(path)

    def _fill(self, draft: Path, release: Release, artifact: Callable[[], BinaryIO]) -> None:
        with artifact() as stream:
            contents = self._unpacked(draft, stream)
        executable = self._component.executable_path
        if executable not in contents.files and executable not in contents.links and self._component.check:
            raise BadArchive("is not in it", entry=executable)
        bits = _executable(FolderStore(draft), contents.files)
        contents = replace(contents, executable=bits)
        self._note(Installed(folder=draft, version=release.version, digest=release.digest, contents=contents), release)

    def _note(self, installed: Installed, release: Release) -> None:
        """Write down what a version's folder contains."""
        contents = installed.contents
        told = _Told(
            version=installed.version,
            digest=installed.digest,
            target=release.target.path,
            files=contents.files,
            links=contents.links,
            executable=sorted(contents.executable) if contents.executable is not None else None,
        )
        FolderStore(installed.folder).write(_CONTENTS, msgspec.json.encode(told))

    def _unpacked(self, draft: Path, artifact: BinaryIO) -> Contents:
        make_folder(draft)
        if self._component.is_archive:
            return unpack(artifact, draft)
        FolderStore(draft).write_stream(self._component.file_name, chunks_of(artifact), executable=True)
        return Contents({self._component.file_name: _hash(FolderStore(draft).open(self._component.file_name))})

    def _free_name(self, name: str) -> str:
        """Return a name that no folder has: a damaged version is not touched while it is in use."""
        taken = {path.name for path in self._folder.iterdir()}
        numbered = (f"{name}.{number}" for number in range(2, len(taken) + 3))
        return next(free for free in (name, *numbered) if free not in taken)


def _executable(store: FolderStore, names: Iterable[str]) -> frozenset[str]:
    """Return those of the files that can be run, as the disk has it: FAT says so of all."""
    entries = ((name, store.stat(name)) for name in names)
    return frozenset(name for name, entry in entries if entry is not None and entry.executable)


def _hash(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    with stream:
        for chunk in chunks_of(stream):
            digest.update(chunk)
    return digest.hexdigest()
