"""The artifacts of one commit: what is new and how it gets its names, what goes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tuf.api.metadata import TargetFile

from tufkeep.errors import WorkspaceError
from tufkeep.keys.material import PrivateMaterial, Unlooked
from tufkeep.metadata.document import Document
from tufkeep.metadata.filenames import split_prefixed, stored_paths
from tufkeep.metadata.target_map import LazyTargets
from tufkeep.stores import Store
from tufkeep.stores.expected import Comparison, Expected, Match, compare_object
from tufkeep.stores.hashing import Hashes
from tufkeep.workspace import layout
from tufkeep.workspace.adding import left_by_add
from tufkeep.workspace.journal import CommitStep
from tufkeep.workspace.no_keys import is_meant, search_objects


class ArtifactMissing(WorkspaceError):
    """Staged metadata lists an artifact that is nowhere."""

    exit_code = 17

    def __init__(self, path: str):
        super().__init__(f"target {path}: signed, but neither staged nor in the repository")
        self.path = path


class ArtifactChanged(WorkspaceError):
    """A staged artifact is not the one that was signed."""

    exit_code = 17

    def __init__(self, path: str, compared: Comparison):
        signed, found = _brief(compared.expected), _brief(compared.found)
        fact = f"{compared.measure} {signed} is signed, the staged file has {found}"
        if compared.match is Match.UNKNOWN:
            fact = "no hash is signed that can be checked here"
        super().__init__(f"target {path}: {fact}")
        self.path, self.compared = path, compared


class CommitArtifacts:
    """The artifacts of one commit: what is new, what goes."""

    def __init__(
        self,
        store: Store,
        before: Document[Any] | None,
        after: Document[Any] | None,
        hashed: Mapping[str, Hashes],
        *,
        beside: bool = False,
    ):
        """Compare two targets documents.

        Args:
            beside: what is staged belongs to another change, and stays.
        """
        self._store = store
        self._hashed = hashed
        self._after = after
        old = _entries(before)
        new = _entries(after)
        # An entry that nobody touched is the very same object, and need not be compared.
        both = zip(new, new.values(), map(old.get, new), strict=True)
        self._changed = sorted(path for path, entry, was in both if was is not entry and was != entry)
        self._gone = sorted(path for path in old if path not in new)
        self._replaced = [path for path in self._changed if path in old]
        self._before = before
        self._staged, self.litter = (set[str](), ()) if beside else _staged_files(store)
        left = (self._staged & left_by_add(store)).difference(self._changed)
        self._staged -= left
        self.litter += tuple(layout.STAGED_TARGETS + path for path in sorted(left))
        self._listed = new
        self._kept: set[str] = set()

    def unadded(self) -> tuple[str, ...]:
        """Return the staged files that the commit would lose."""
        changed = set(self._changed)
        self._kept = {path for path in self._staged if path not in changed and not self._is_committed(path)}
        return tuple(sorted(self._kept))

    @property
    def changed(self) -> Mapping[str, Any]:
        """The entries that are new, by target path."""
        return {path: self._listed[path] for path in self._changed}

    @property
    def meant(self) -> tuple[str, ...]:
        """The new targets that contain a private key on purpose."""
        return tuple(path for path, entry in self.changed.items() if is_meant(entry.get("custom")))

    def search(self) -> Iterator[PrivateMaterial | Unlooked]:
        """Yield the private keys in what the commit brings, and what could not be looked into."""
        new = self._staged - self._kept - {path for path in self._listed if is_meant(self._listed[path].get("custom"))}
        names = {path: layout.STAGED_TARGETS + path for path in sorted(new)}
        for found in search_objects(self._store, names).values():
            yield from found

    def steps(self, *, consistent: bool) -> Iterator[CommitStep]:
        """Yield how each new artifact comes to every name that an agent may ask for."""
        for path in self._changed:
            target, names = self._target(path), self._names(path, consistent)
            if path in self._staged:
                compared = self._compared(path, target)
                if not compared.right:
                    raise ArtifactChanged(path, compared)
                yield from self._placed(path, names)
            else:
                yield from self._present(path, target, names)
        for path in sorted(self._staged - set(self._changed) - self._kept):  # added again: what is there may be damaged
            yield from self._placed(path, self._names(path, consistent))

    def deletions(self, *, consistent: bool) -> Iterator[CommitStep]:
        """Yield what is no longer listed, to be removed when the new metadata is in force."""
        if self._before is None:
            return
        for path in self._gone:
            for name in stored_paths(self._before.signed.targets[path], consistent_snapshot=consistent):
                yield CommitStep(do="delete", name=layout.REPOSITORY_TARGETS + name)
        for path in (*self._gone, *self._replaced) if consistent else ():
            # Left from before consistent snapshots: no client asks for it, and its bytes are an earlier release.
            name = layout.REPOSITORY_TARGETS + path
            if split_prefixed(path) is None and self._store.stat(name) is not None:
                yield CommitStep(do="delete", name=name)

    def _names(self, path: str, consistent: bool) -> list[str]:
        stored = stored_paths(self._target(path), consistent_snapshot=consistent)
        return [layout.REPOSITORY_TARGETS + name for name in stored]

    @staticmethod
    def _placed(path: str, names: list[str]) -> Iterator[CommitStep]:
        """Yield how a staged artifact gets its names."""
        yield CommitStep(do="move", source=layout.STAGED_TARGETS + path, name=names[0])
        yield from (CommitStep(do="link", source=names[0], name=name) for name in names[1:])

    def _target(self, path: str) -> TargetFile:
        assert self._after is not None
        found: TargetFile = self._after.signed.targets[path]
        return found

    def _is_committed(self, path: str) -> bool:
        """Whether a staged file is one that was committed already: a copy left behind, not a loss."""
        return path in self._listed and self._compared(path, self._target(path)).right

    def _compared(self, path: str, target: TargetFile) -> Comparison:
        """Compare a staged artifact with what is signed; what this process staged itself it does not read again."""
        if path in self._hashed:
            return _expected(target).compare(self._hashed[path])
        return compare_object(self._store, layout.STAGED_TARGETS + path, _expected(target))

    def _present(self, path: str, target: TargetFile, names: list[str]) -> Iterator[CommitStep]:
        """Accept an artifact that is in the repository already, such as one whose custom data changed."""
        there = [name for name in names if (entry := self._store.stat(name)) and entry.length_bytes == target.length]
        if not there or not compare_object(self._store, there[0], _expected(target)).right:
            raise ArtifactMissing(path)
        yield from (CommitStep(do="link", source=there[0], name=name) for name in names if name not in there)


def _entries(document: Document[Any] | None) -> Mapping[str, Any]:
    if document is None:
        return {}
    assert isinstance(document.signed, LazyTargets)
    return document.signed.raw_targets


def _staged_files(store: Store) -> tuple[set[str], tuple[str, ...]]:
    names = [entry.name for entry in store.list(layout.STAGED_TARGETS)]
    litter = tuple(name for name in names if layout.is_litter(name))
    return {name.removeprefix(layout.STAGED_TARGETS) for name in names} - {
        name.removeprefix(layout.STAGED_TARGETS) for name in litter
    }, litter


def _expected(target: TargetFile) -> Expected:
    return Expected(length_bytes=target.length, hashes=target.hashes)


def _brief(measured: int | str) -> str:
    return f"{measured:,}" if isinstance(measured, int) else f"{measured[:16]}..."
