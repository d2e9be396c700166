"""Work that was done here but is not published: found by comparing with what was last seen published.

It is what a pull must not lose: entries added, changed and removed, delegations, a new root, later ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from tufkeep.metadata.document import Document
from tufkeep.publish.inventory import raw_targets
from tufkeep.publish.metadata_set import MetadataSet
from tufkeep.workspace import layout
from tufkeep.workspace.state import State

Prefer: TypeAlias = Literal["ours", "theirs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Changes on top of a published state."""

    added: Mapping[str, Any] = field(default_factory=dict)  # target path -> entry, new or changed
    removed: tuple[str, ...] = ()
    delegations: Mapping[str, Any] | None = None
    delegated: Mapping[str, bytes] = field(default_factory=dict)  # role -> its file, as it was signed
    root: bytes | None = None
    renewed: tuple[str, ...] = ()
    was_committed: bool = False

    @property
    def empty(self) -> bool:
        return self == Work(was_committed=self.was_committed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Our work against theirs: what to do again, and what both changed."""

    work: Work
    conflicts: tuple[str, ...]


def merge(state: State, base: MetadataSet, theirs: MetadataSet, *, prefer: Prefer | None) -> Merge:
    """Compare what is here with what it was made from, and with what is published now.

    Args:
        prefer: whose side is taken where both changed the same thing.
    """
    merging = _Merging(state, base, theirs, prefer)
    work = Work(
        added=dict(merging.added()),
        removed=tuple(merging.removed()),
        delegations=merging.delegations(),
        delegated=dict(merging.delegated()),
        root=merging.root(),
        renewed=tuple(merging.renewed()),
        was_committed=merging.was_committed,
    )
    return Merge(work=work, conflicts=tuple(merging.conflicts))


class _Merging:
    """One three-way comparison."""

    def __init__(self, state: State, base: MetadataSet, theirs: MetadataSet, prefer: Prefer | None):
        self._state, self._base, self._theirs, self._prefer = state, base, theirs, prefer
        self.conflicts: list[str] = []
        self._ours = state.current("targets") or base.targets
        same = self._ours.data == base.targets.data
        self._before = raw_targets(base.targets)
        self._mine = self._before if same else raw_targets(self._ours)
        self._other = raw_targets(theirs.targets)

    @property
    def was_committed(self) -> bool:
        """Whether the work is all in repository/: then it is committed again when it is signed again."""
        documents = {role: self._state.committed(role) for role in layout.ROLES}
        changed = any(found and found.data != self._base.documents[role].data for role, found in documents.items())
        return changed and not self._state.staged_roles

    def added(self) -> Iterator[tuple[str, Any]]:
        if self._mine is self._before:
            return
        for path, entry in self._mine.items():
            old = self._before.get(path)
            if entry != old and self._chosen(f"target {path}", old, entry, self._other.get(path)):
                yield path, entry

    def removed(self) -> Iterator[str]:
        if self._mine is self._before:
            return
        for path, old in self._before.items():
            if path not in self._mine and self._chosen(f"target {path}", old, None, self._other.get(path)):
                yield path

    def delegations(self) -> Mapping[str, Any] | None:
        old, mine, other = (_delegations(each) for each in (self._base.targets, self._ours, self._theirs.targets))
        if mine != old and self._chosen("the delegations of targets", old, mine, other):
            return mine or {}
        return None

    def delegated(self) -> Iterator[tuple[str, bytes]]:
        """Yield delegated roles that are newer here; their signatures stay, for their bytes stay."""
        roles = {role for role in (*self._state.staged_roles, *self._base.delegated) if role not in layout.ROLES}
        for role in sorted(roles):
            mine = self._state.current(role)
            old, other = self._base.delegated.get(role), self._theirs.delegated.get(role)
            if mine is None or (old is not None and mine.data == old.data):
                continue
            if self._chosen(f"role {role}", _data(old), mine.data, _data(other)):
                yield role, mine.data

    def root(self) -> bytes | None:
        """Return a root that is newer here than there, with the signatures that it has."""
        mine = self._state.current("root")
        known = self._theirs.roots.get(mine.version) if mine is not None else None
        if mine is None or (known is not None and known.data == mine.data) or mine.data == self._base.root.data:
            return None
        if mine.version == self._theirs.root.version + 1:
            return mine.data
        if self._prefer != "theirs":
            self.conflicts.append(f"root (v{mine.version} here, v{self._theirs.root.version} there)")
        return None

    def renewed(self) -> Iterator[str]:
        """Yield roles that end later here than there, though nothing else in them changed."""
        for role in ("targets", "snapshot", "timestamp"):
            mine, old, other = self._state.current(role), self._base.documents[role], self._theirs.documents[role]
            if mine is not None and mine.data != old.data and mine.expires > max(old.expires, other.expires):
                yield role

    def _chosen(self, what: str, old: Any, mine: Any, other: Any) -> bool:
        """Whether our side of a change is to be made again."""
        if other == mine:
            return False
        if other == old or self._prefer == "ours":
            return True
        if self._prefer is None:
            self.conflicts.append(what)
        return False


def _delegations(document: Document[Any]) -> Mapping[str, Any] | None:
    delegations = document.signed.delegations
    return delegations.to_dict() if delegations is not None else None


def _data(document: Document[Any] | None) -> bytes | None:
    return document.data if document is not None else None
