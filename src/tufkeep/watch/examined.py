"""A repository as the checks look at it: each file read once, what can't be read kept as a fault."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote

from tuf.api.metadata import Root, Snapshot, Targets, Timestamp

from tufkeep.errors import TufkeepError
from tufkeep.keys.keyring import Keyring
from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.document import Document
from tufkeep.metadata.strict import require_strict
from tufkeep.stores import Entry, ObjectMissing, ObjectTooLarge, Store
from tufkeep.watch.finding import Fault
from tufkeep.workspace import layout
from tufkeep.workspace.policy import Policy
from tufkeep.workspace.state import LIMITS, State

_VERSIONED_ROOT = re.compile(r"repository/([1-9][0-9]{0,8})\.root\.json")
_KINDS = {"root": Root, "timestamp": Timestamp, "snapshot": Snapshot}
_MOST_DELEGATIONS = 100_000  # roles; a loop ends sooner, and a cruel repository here


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetsRole:
    """One targets role that clients can reach, on the word of one delegator."""

    role: str
    name: str  # of its file
    document: Document[Targets] | None  # None where the file is missing or can't be read
    delegator: Root | Targets
    delegator_name: str  # "root", "targets" or a delegated role


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
        self._documents: dict[str, Document[Any] | None] = {}

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """Every file of repository/, by name."""
        return {entry.name: entry for entry in self.store.list(layout.REPOSITORY)}

    @cached_property
    def roots(self) -> Mapping[int, Document[Root]]:
        """Every root that has a version in its name, by that version."""
        found = {int(match[1]): name for name in self.entries if (match := _VERSIONED_ROOT.fullmatch(name))}
        read = {version: self.document(name, "root") for version, name in sorted(found.items())}
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
        """Every targets role that clients can reach, in their order, `targets` first."""
        return tuple(self._reachable()) if self.root else ()

    @cached_property
    def known_metadata(self) -> frozenset[str]:
        """The names of the metadata files that this repository should have: plain ones, and those with a version."""
        plain = {layout.committed(role) for role in layout.ROLES} | {
            layout.committed(quote(each.role, "")) for each in self.targets_roles
        }
        return frozenset(plain | {each.name for each in self.targets_roles})

    def versioned(self, role: str, version: int) -> str:
        """Return the name under which clients ask for a role's file."""
        own = role == "root" or (self.consistent and role != "timestamp")
        return layout.committed(quote(role, ""), version if own else None)

    def document(self, name: str, role: str) -> Document[Any] | None:
        """Return a metadata file; None, with a fault where it is there, when it can't be read."""
        if name not in self._documents:
            self._documents[name] = self._read(name, role)
        return self._documents[name]

    def _listed(self, role: str, version: int | None) -> Document[Any] | None:
        """Return the file that clients ask for; the plain one in its place, so that the other checks can go on."""
        asked = self.document(self.versioned(role, version), role) if version else None
        return asked or self.document(layout.committed(quote(role, "")), role)

    def _reachable(self) -> Iterator[TargetsRole]:
        assert self.root is not None
        waiting: list[tuple[str, Root | Targets, str]] = [("targets", self.root.signed, "root")]
        seen: set[tuple[str, str]] = set()
        while waiting and len(seen) < _MOST_DELEGATIONS:
            role, delegator, delegator_name = waiting.pop()
            if (role, delegator_name) in seen:
                continue
            seen.add((role, delegator_name))
            listed = self.snapshot.signed.meta.get(f"{role}.json") if self.snapshot else None
            document = self._listed(role, listed.version if listed else None)
            name = self.versioned(role, listed.version) if listed else layout.committed(quote(role, ""))
            yield TargetsRole(
                role=role, name=name, document=document, delegator=delegator, delegator_name=delegator_name
            )
            if document is not None:
                waiting += [(below, document.signed, role) for below in reversed(delegated_roles(document.signed))]

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
        else:
            return document
        self.faults.append(Fault(subject=name, fact=fault))
        return None


def delegated_roles(model: Targets) -> list[str]:
    """Return the names of the roles that a targets role delegates to, in the order that clients ask them."""
    delegations = model.delegations
    if delegations is None:
        return []
    if delegations.succinct_roles is not None:
        return list(delegations.succinct_roles.get_roles())
    return list(delegations.roles or {})


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
