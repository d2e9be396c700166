"""A client played through a set of documents: root after root, timestamp, snapshot, targets, every delegated role.

The real client fetches; this one is given documents. Whether every agent will follow what is committed, pushed or
deployed, from when on it will not, and whether a remote's files belong together are all this one walk.

Spec: TUF 1.0.34 #detailed-client-workflow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import Any, TypeAlias

from tuf.api.metadata import MetaFile, Root, Snapshot, Targets

from tufkeep.errors import TufkeepError
from tufkeep.metadata.document import Document
from tufkeep.metadata.filenames import metapath, role_of
from tufkeep.metadata.trusted import TrustedSet

Find: TypeAlias = Callable[[str, MetaFile | None], Document[Any] | None]  # role, the entry that lists it

_BEFORE_ANY_EXPIRY = datetime.min.replace(tzinfo=UTC)
_MOST_ROLES = 100_000  # a circle ends sooner, and an endless repository here


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """How far a client came."""

    documents: Mapping[str, Document[Any]]  # what it trusts in the end, by role, in the order of loading
    role: str  # the last one that it looked at
    refused: TufkeepError | None  # why it stopped there; None where it came to the end

    def require(self) -> None:
        """Raise what the client was refused with, if it was."""
        if self.refused is not None:
            raise self.refused


def play(
    root: Document[Root],
    find: Find,
    *,
    roots: Iterable[Document[Root]] = (),
    known: Mapping[str, Document[Any]] = MappingProxyType({}),
    now: datetime | None = None,
) -> Played:
    """Play one client from its trusted root to the last targets role that it can come to.

    Each role is verified as the first role that delegates to it says, once.

    Args:
        root: what it trusts.
        find: returns the document that the client would get for a role, given how the role before it lists it; None
            where there is none, and the client goes no further that way. Any error of its own passes.
        roots: later versions, the next one first.
        known: the timestamp and snapshot that the client has from earlier. They guard it from what is older, and need
            not be valid any more.
        now: decides what is expired; None leaves expiry alone.
    """
    client = _Client(now)
    try:
        client.walk(root, find, roots, known)
    except _Refused as refusal:
        return Played(documents=client.trusts, role=refusal.role, refused=refusal.error)
    return Played(documents=client.trusts, role=next(reversed(client.trusts)), refused=None)


def delegated_roles(targets: Targets, snapshot: Snapshot | None) -> list[str]:
    """Return the roles that a targets role delegates to, in the order that clients ask them.

    Args:
        snapshot: what lists the roles there are: of succinct roles, up to four billion, only those that it lists.
    """
    delegations = targets.delegations
    if delegations is None:
        return []
    succinct = delegations.succinct_roles
    if succinct is None:
        return list(delegations.roles or ())
    return sorted(role for role in map(role_of, snapshot.meta if snapshot else ()) if succinct.is_delegated_role(role))


def reachable(load: Callable[[str, str], Targets | None], snapshot: Snapshot | None) -> Iterator[tuple[str, Targets]]:
    """Yield every targets role that a client can come to, once, in the order of priority, `targets` first.

    Args:
        load: returns a role, given the one that delegates to it; None leads no further.
        snapshot: as of `delegated_roles`.
    """
    waiting, seen = [("targets", "root")], set[str]()
    while waiting and len(seen) < _MOST_ROLES:
        role, delegator = waiting.pop()
        if role in seen:
            continue
        seen.add(role)
        targets = load(role, delegator)
        if targets is not None:
            yield role, targets
            waiting += [(below, role) for below in reversed(delegated_roles(targets, snapshot)) if below not in seen]


class _Refused(Exception):
    """What the client refuses, apart from what a `find` raises."""

    def __init__(self, role: str, error: TufkeepError):
        super().__init__(role)
        self.role, self.error = role, error


class _Client:
    """One client on its way."""

    def __init__(self, now: datetime | None):
        self.trusts: dict[str, Document[Any]] = {}
        self._now = now or _BEFORE_ANY_EXPIRY
        self._offered: Document[Any] | None = None

    def walk(
        self, root: Document[Root], find: Find, roots: Iterable[Document[Root]], known: Mapping[str, Document[Any]]
    ) -> None:
        self._begin(root)
        for following in roots:
            self._take("root", following, self._set.update_root)
        self._remember(known.get("timestamp"), self._set.update_timestamp)
        if (timestamp := find("timestamp", None)) is None:
            return
        self._take("timestamp", timestamp, self._set.update_timestamp)
        self._remember(known.get("snapshot"), lambda data: self._set.update_snapshot(data, trusted=True))
        if (snapshot := find("snapshot", self._set.timestamp.snapshot_meta)) is None:
            return
        self._take("snapshot", snapshot, self._set.update_snapshot)
        for _ in reachable(partial(self._targets_role, find), self._set.snapshot):
            pass

    def _begin(self, root: Document[Root]) -> None:
        try:
            self._set = TrustedSet(root, now=self._now, load=self._load, tolerant=True)
        except TufkeepError as error:
            raise _Refused("root", error) from error
        self.trusts["root"] = root

    def _remember(self, document: Document[Any] | None, update: Callable[[bytes], object]) -> None:
        """Load what the client has on disk; what it can't use any more, it does without."""
        if document is not None:
            self._offered = document
            with suppress(TufkeepError):
                update(document.data)

    def _targets_role(self, find: Find, role: str, delegator: str) -> Targets | None:
        document = find(role, self._set.snapshot.meta.get(metapath(role)))
        if document is None:
            return None
        self._take(role, document, lambda data: self._set.update_delegated_targets(data, role, delegator))
        return self._set.targets_role(role)

    def _take(self, role: str, document: Document[Any], update: Callable[[bytes], object]) -> None:
        self._offered = document
        try:
            update(document.data)
        except TufkeepError as error:
            raise _Refused(role, error) from error
        self.trusts[role] = document

    def _load(self, data: bytes, kind: type[Any]) -> Document[Any]:
        """Return what is being offered, as it was parsed, if it was parsed as this kind."""
        assert self._offered is not None
        return self._offered if isinstance(self._offered.signed, kind) else Document.parse(data, kind)
