"""A repository as the checks look at it: each file read once, what can't be read kept as a fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from tuf.api.metadata import Root, Snapshot, Targets, Timestamp

from tufkeep.errors import TufkeepError
from tufkeep.keys.keyring import Keyring
from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.document import Document
from tufkeep.metadata.filenames import UnstorableRole, metapath, parse_metadata_name, role_fault
from tufkeep.metadata.play import delegated_roles, reachable
from tufkeep.metadata.strict import require_strict
from tufkeep.stores import Entry, ObjectMissing, ObjectTooLarge, Store, StoreFault
from tufkeep.workspace import layout
from tufkeep.workspace.policy import Policy
from tufkeep.workspace.state import LIMITS, State

_KINDS = {"root": Root, "timestamp": Timestamp, "snapshot": Snapshot}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is not as it must be."""

    subject: str  # the file or the role it is about
    fact: str
    warning: bool = False  # nobody is stopped by it, today
    note: bool = False  # not even that: it concerns nobody that is known to be out there
    each: tuple[str, ...] = ()  # where it stands for several of one kind: a line for each
    kind: str = ""  # where one check finds several, and each is repaired in another way
    about: Mapping[str, str] = field(default_factory=dict[str, str])  # what a hint needs to know
    error: TufkeepError | None = None  # which says it


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetsRole:
    """One targets role that clients can reach."""

    role: str
    name: str  # of its file
    document: Document[Targets] | None  # None where the file is missing or can't be read
    delegators: Mapping[str, Root | Targets]  # by their names: "root", "targets" or a delegated role


class Examined:
    """The committed side of a working directory, at one time.

    Nothing here raises for what a file holds: `faults` has what could not be read.
    """

    def __init__(
        self,
        store: Store,
        *,
        now: datetime,
        policy: Policy,
        keyring: Keyring | None = None,
        progress: Callable[[int], None] = lambda length_bytes: None,
    ):
        """Look at a store that has a repository in repository/.

        Args:
            keyring: the keys beside the repository, where there are any.
            progress: called with each number of artifact bytes that were hashed, from any thread.
        """
        self.store = store
        self.now = now
        self.policy = policy
        self.keyring = keyring
        self.progress = progress
        self.faults: list[Fault] = []
        self.odd: list[StoreFault] = []  # what in repository/ is no file: see `entries`
        self._documents: dict[str, Document[Any] | None] = {}

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """Every file of repository/, by name."""
        return {entry.name: entry for entry in self.store.list(layout.REPOSITORY, odd=self.odd.append)}

    @cached_property
    def roots(self) -> Mapping[int, Document[Root]]:
        """Every root that has a version in its name, by that version."""
        parsed = (parse_metadata_name(name.removeprefix(layout.REPOSITORY)) for name in self.entries)
        versions = sorted(found.version for found in parsed if found and found.role == "root" and found.version)
        read = {version: self.document(layout.committed("root", version), "root") for version in versions}
        return {version: document for version, document in read.items() if document is not None}

    @cached_property
    def root(self) -> Document[Root] | None:
        """The root that clients end on."""
        return self.roots[max(self.roots)] if self.roots else self.document(layout.committed("root"), "root")

    @property
    def consistent(self) -> bool:
        return bool(self.root and self.root.signed.consistent_snapshot)

    @cached_property
    def timestamp(self) -> Document[Timestamp] | None:
        return self.document(layout.committed("timestamp"), "timestamp")

    @cached_property
    def snapshot(self) -> Document[Snapshot] | None:
        listed = self.timestamp.signed.snapshot_meta if self.timestamp else None
        return self._listed("snapshot", listed.version if listed else None)

    @property
    def targets(self) -> Document[Targets] | None:
        return self.targets_roles[0].document if self.targets_roles else None

    @cached_property
    def targets_roles(self) -> tuple[TargetsRole, ...]:
        """Every targets role that clients can come to, in their order, `targets` first."""
        return tuple(self._reachable()) if self.root else ()

    @cached_property
    def roles(self) -> frozenset[str]:
        """Every role that this repository should have metadata of."""
        return frozenset((*layout.ROLES, *(each.role for each in self.targets_roles)))

    def versioned(self, role: str, version: int) -> str:
        """Return the name under which clients find a role's file."""
        own = role == "root" or (self.consistent and role != "timestamp")
        return layout.committed(role, version if own else None)

    def document(self, name: str, role: str) -> Document[Any] | None:
        """Return a metadata file; None, with a fault where it is there, when it can't be read."""
        if name not in self._documents:
            self._documents[name] = self._read(name, role)
        return self._documents[name]

    def _listed(self, role: str, version: int | None) -> Document[Any] | None:
        """Return the file that clients ask for; the plain one in its place, so that the other checks can go on."""
        asked = self.document(self.versioned(role, version), role) if version else None
        return asked or self.document(layout.committed(role), role)

    def _reachable(self) -> Iterator[TargetsRole]:
        assert self.root is not None
        snapshot = self.snapshot.signed if self.snapshot else None
        delegators: dict[str, dict[str, Root | Targets]] = {"targets": {"root": self.root.signed}}
        documents: dict[str, Document[Targets] | None] = {}

        def load(role: str, delegator: str) -> Targets | None:
            if fault := role_fault(role):
                fact = f"delegates to {role!r}, which can't be stored: its name {fault}"
                error = UnstorableRole(role, fault=fault)
                self.faults.append(Fault(subject=self._targets_name(delegator), fact=fact, error=error))
                return None
            listed = snapshot.meta.get(metapath(role)) if snapshot else None
            document = documents[role] = self._listed(role, listed.version if listed else None)
            return document.signed if document else None

        for role, targets in reachable(load, snapshot):
            for below in delegated_roles(targets, snapshot):
                delegators.setdefault(below, {})[role] = targets
        for role, document in documents.items():
            yield TargetsRole(role=role, name=self._targets_name(role), document=document, delegators=delegators[role])

    def _targets_name(self, role: str) -> str:
        """Return the name under which clients find a targets role; the plain one where no snapshot lists it."""
        listed = self.snapshot.signed.meta.get(metapath(role)) if self.snapshot else None
        return self.versioned(role, listed.version) if listed else layout.committed(role)

    def _read(self, name: str, role: str) -> Document[Any] | None:
        if name not in self.entries:
            return None
        fault = None
        try:
            data = self.store.read(name, limit=LIMITS.get(role, LIMITS["targets"]))
            document: Document[Any] = Document.parse(data, _KINDS.get(role, Targets))
            require_strict(document.signed)
        except ObjectMissing:
            fault = "vanished while it was read"
        except ObjectTooLarge as error:
            fault = f"larger than the {error.limit:,} bytes that clients accept"
        except MalformedMetadata as error:
            fault = f"no {role} metadata: {error.reason}" if data else "is empty"
        except StoreFault as error:  # a bad block, no right to read it
            self.faults.append(Fault(subject=name, fact=error.fact, error=error))
            return None
        else:
            return document
        self.faults.append(Fault(subject=name, fact=fault))
        return None


def listed_keyids(examined: Examined) -> tuple[set[str], set[str]]:
    """Return the keyids that root lists, committed or staged, and those that any root ever listed."""
    now = _keyids(examined.root)
    with suppress(TufkeepError):  # a staged root that can't be read lists nobody
        now |= _keyids(State(examined.store).staged("root"))
    ever = now.union(*(_keyids(root) for root in examined.roots.values()))
    return now, ever


def _keyids(root: Document[Root] | None) -> set[str]:
    roles = root.signed.roles.values() if root is not None else ()
    return {keyid for role in roles for keyid in role.keyids}
