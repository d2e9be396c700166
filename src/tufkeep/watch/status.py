"""Who has signed what, until when: a working directory at one moment, as facts."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from tufkeep.arguments import typed
from tufkeep.errors import Tries, TufkeepError
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
    faults: tuple[TufkeepError, ...] = ()  # what could not be read; all else is as it is

    def require_whole(self) -> None:
        """Stop where something could not be read.

        Raises:
            TufkeepError: the first of `faults`.
        """
        for fault in self.faults:
            raise fault


@typed
def status(workspace: Workspace) -> Status:
    """Look at a working directory; nothing is verified beyond signatures, nothing is changed.

    What can't be read is one of its `faults`, and hides nothing else.

    Raises:
        NotARepository: there is none, and none was begun.
    """
    state, tries = workspace.state, Tries()
    begun = tries(lambda: unfinished(workspace.store), ())
    if not begun and not tries(lambda: state.exists, True):
        raise NotARepository
    root, targets = tries(lambda: state.current("root"), None), tries(lambda: state.current("targets"), None)
    now, policy = workspace.clock(), tries(lambda: workspace.policy, Policy())
    ring = tries(lambda: keys_in_sight(workspace), None)
    delegated = tries(lambda: state.targets_roles()[1:], ())
    staged = workspace.store.list(layout.STAGED_TARGETS, odd=tries.fault)
    return Status(
        now=now,
        roles=tuple(_role(state, role, tries, policy=policy, now=now) for role in (*layout.ROLES, *delegated)),
        targets=len(targets.signed.targets) if targets is not None else 0,
        consistent_snapshot=root is not None and bool(root.signed.consistent_snapshot),
        staged=bool(tries(lambda: state.staged_roles, ())),
        staged_artifacts=sum(not layout.is_litter(each.name) for each in staged),
        interrupted=tries(lambda: workspace.interrupted, False),
        unfinished=begun,
        key_warnings=tuple(_key_warnings(ring)) if ring else (OUT_OF_SIGHT,),
        overdue_checks=tuple(overdue.sentence for overdue in tries(lambda: overdue_checks(workspace), ())),
        faults=tries.faults,
    )


def _key_warnings(ring: Keyring) -> Iterator[str]:
    yield from (warning.sentence for warning in ring.warnings())
    for name in ring.leftovers():
        yield f"{layout.KEYS}{name}: left by a killed writer; the next command that writes a key removes it"


def _role(state: State, role: str, tries: Tries, *, policy: Policy, now: datetime) -> RoleStatus:
    committed = tries(lambda: state.committed(role), None)
    staged = tries(lambda: state.staged(role), None)
    signed = tries(lambda: state.quorums(role, committed=True), ()) if committed else ()
    signing = tries(lambda: state.quorums(role), ()) if staged else ()
    return RoleStatus(
        role=role,
        committed=_version(committed, role, signed, policy=policy, now=now),
        staged=_version(staged, role, signing, policy=policy, now=now),
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
