"""Who has signed what, until when: a working directory at one moment, as facts."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from tufkeep.arguments import typed
from tufkeep.keys.keyring import Keyring
from tufkeep.metadata.document import Document
from tufkeep.metadata.expiry import expiry_of
from tufkeep.metadata.quorum import Quorum
from tufkeep.watch.keys_in_sight import OUT_OF_SIGHT, keys_in_sight
from tufkeep.workspace import NotARepository, Policy, State, Workspace, layout
from tufkeep.workspace.key_checks import overdue_checks
from tufkeep.workspace.operations import Unfinished
from tufkeep.workspace.unfinished import unfinished

Life = Literal["ok", "due", "expired"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """One key that may sign for a role."""

    keyid: str
    owner: str | None  # by the policy
    signed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedBy:
    """How far one version has come to its threshold, by the keys of one root."""

    by: str  # "root v3" where two roots must agree, else empty
    threshold: int
    signers: tuple[SigningKey, ...]

    @property
    def count(self) -> int:
        return sum(signer.signed for signer in self.signers)

    @property
    def reached(self) -> bool:
        return self.count >= self.threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionStatus:
    """One version of a role's metadata."""

    version: int
    expires: datetime
    life: Life  # due: in its warning window
    late: bool  # it ends later than the policy allows: a clock was ahead, or somebody asked for it
    signed: tuple[SignedBy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleStatus:
    """One role: what is committed, what is staged."""

    role: str
    committed: VersionStatus | None
    staged: VersionStatus | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A working directory at one moment."""

    now: datetime
    roles: tuple[RoleStatus, ...]
    targets: int  # in the newest targets metadata, staged or committed
    consistent_snapshot: bool
    staged: bool  # a change is waiting
    staged_artifacts: int
    interrupted: bool  # a commit was cut off
    unfinished: tuple[Unfinished, ...]  # operations that were begun
    key_warnings: tuple[str, ...]
    overdue_checks: tuple[str, ...]  # root keys that nobody has tried for too long


@typed
def status(workspace: Workspace) -> Status:
    """Look at a working directory; nothing is verified beyond signatures, nothing is changed.

    Raises:
        NotARepository: there is none, and none was begun.
        UnreadableMetadata, MalformedPolicy: a file can't be read.
    """
    state = workspace.state
    begun = unfinished(workspace.store)
    if not state.exists and not begun:
        raise NotARepository
    root = state.current("root")
    now, policy = workspace.clock(), workspace.policy
    targets = state.current("targets")
    ring = keys_in_sight(workspace)
    return Status(
        now=now,
        roles=tuple(_role(state, role, policy=policy, now=now) for role in (*layout.ROLES, *state.targets_roles()[1:])),
        targets=len(targets.signed.targets) if targets is not None else 0,
        consistent_snapshot=root is not None and bool(root.signed.consistent_snapshot),
        staged=bool(state.staged_roles),
        staged_artifacts=sum(not layout.is_litter(each.name) for each in workspace.store.list(layout.STAGED_TARGETS)),
        interrupted=workspace.interrupted,
        unfinished=begun,
        key_warnings=tuple(_key_warnings(ring)) if ring else (OUT_OF_SIGHT,),
        overdue_checks=tuple(overdue.sentence for overdue in overdue_checks(workspace)),
    )


def _key_warnings(ring: Keyring) -> Iterator[str]:
    yield from (warning.sentence for warning in ring.warnings())
    for name in ring.leftovers():
        yield f"{layout.KEYS}{name}: left by a killed writer; the next command that writes a key removes it"


def _role(state: State, role: str, *, policy: Policy, now: datetime) -> RoleStatus:
    committed, staged = state.committed(role), state.staged(role)
    return RoleStatus(
        role=role,
        committed=_version(committed, role, state.quorums(role, committed=True), policy=policy, now=now),
        staged=_version(staged, role, state.quorums(role) if staged else (), policy=policy, now=now),
    )


def _version(
    document: Document[Any] | None, role: str, quorums: Collection[Quorum], *, policy: Policy, now: datetime
) -> VersionStatus | None:
    if document is None:
        return None
    expiry = expiry_of(document, role, policy=policy.validity)
    return VersionStatus(
        version=document.version,
        expires=expiry.expires,
        life="expired" if expiry.expired(now) else "due" if expiry.is_due(now) else "ok",
        late=expiry.ends_late(now),
        signed=tuple(_signed(each, policy, alone=len(quorums) == 1) for each in quorums),
    )


def _signed(found: Quorum, policy: Policy, *, alone: bool) -> SignedBy:
    signers = [
        SigningKey(keyid=keyid, owner=policy.owner(keyid), signed=keyid in found.signed)
        for keyid in sorted(found.signed | found.waiting)
    ]
    return SignedBy(by="" if alone else found.delegator, threshold=found.threshold, signers=tuple(signers))
