"""The proof before a commit: every agent out there, on every old root, ends on the new state.

A client is played for each committed root version, with what is committed now as what it trusts.
Expired metadata that this commit does not replace must not stop the commit that repairs another
role, so the client leaves expiry alone, and what is expired is named instead.

Spec: TUF 1.0.34 #detailed-client-workflow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tuf.api.metadata import Root, Targets

from tufkeep.errors import TrustRefused
from tufkeep.metadata.chain import require_whole_chain
from tufkeep.metadata.document import Document
from tufkeep.metadata.filenames import metadata_name
from tufkeep.metadata.lint_change import require_read
from tufkeep.metadata.plan import VersionReused, VersionRollback
from tufkeep.metadata.play import delegated_roles, play
from tufkeep.metadata.quorum import RoleNotDelegated, ThresholdNotReached, quorum
from tufkeep.workspace import layout
from tufkeep.workspace.state import HalfARepository, State

_LOADED_IN_ORDER = ("timestamp", "snapshot", "targets")


class SignedButExpired(TrustRefused):
    """A staged role would be refused from the moment it is committed."""

    exit_code = 25

    def __init__(self, role: str, *, version: int, expires: datetime, now: datetime):
        super().__init__(f"{role} v{version}: expired at {expires:%Y-%m-%d %H:%M:%S}, now is {now:%Y-%m-%d %H:%M:%S}")
        self.role, self.version, self.expires = role, version, expires


class CommittedUnsigned(ThresholdNotReached):
    """What is committed lacks signatures, so nothing is built on it; whoever signs it again may sign a forgery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was proved: from each of these roots a client ends on these versions."""

    from_roots: tuple[int, ...]
    versions: dict[str, int]  # role -> version
    expired: tuple[str, ...]  # committed roles whose end has passed; agents refuse until they are renewed


def prove(
    *,
    roots: Mapping[int, Document[Root]],
    documents: Mapping[str, Document[Any]],
    before: Mapping[str, Document[Any]],
    now: datetime,
    declared: Sequence[str],
) -> Proof:
    """Prove the state that a commit would make.

    Args:
        roots: every root version that will be committed.
        documents: the four top-level roles as they will be committed, the delegated roles that are new, and those that
            lead to them.
        before: the roles as they are committed now.
        declared: the clients that are out there.

    Raises:
        HalfARepository: one of the four roles is missing.
        RootChainBroken: a client on some root version would not reach the newest root.
        VersionRollback, VersionReused: a version goes down, or comes back with other bytes.
        SignedButExpired: a role that is new in this commit is expired.
        MalformedMetadata: a role that is new in this commit reads differently from reader to reader.
        UnreadableByClients: a declared client would refuse a file that is new in this commit.
        RoleNotDelegated: no role delegates to one that is new, so no client would ever ask for it.
        UnstorableRole: a role is newly delegated to whose file can't be stored.
        CommittedUnsigned: a role that is not new in this commit lacks signatures.
        ThresholdNotReached, HashMismatch, WrongVersion, ...: what a client would refuse.
    """
    newest = require_whole_chain(roots)
    fresh = {role: document for role, document in documents.items() if document is not before.get(role)}
    for role, document in sorted(fresh.items()):
        _require_forward(role, document, before.get(role), now)
        _require_storable(role, document, before.get(role))
    require_read(documents, before, declared=declared)
    _require_roots_read(roots, before.get("root"), declared)
    if missing := [role for role in _LOADED_IN_ORDER if role not in documents]:
        raise HalfARepository(metadata_name(missing[0]))
    outcome = play(newest, lambda role, listed: documents.get(role), known=before)
    try:
        outcome.require()
    except ThresholdNotReached as error:
        if error.quorum.role in fresh:
            raise
        raise CommittedUnsigned(error.quorum) from error
    for role in sorted(fresh.keys() - outcome.documents.keys() - set(layout.ROLES)):
        raise RoleNotDelegated(role, delegator="no targets role")
    return Proof(
        from_roots=tuple(sorted(roots)),
        versions={role: document.version for role, document in documents.items()},
        expired=tuple(role for role, document in documents.items() if role not in fresh and document.expires <= now),
    )


def _require_forward(role: str, document: Document[Any], before: Document[Any] | None, now: datetime) -> None:
    if document.expires <= now:
        raise SignedButExpired(role, version=document.version, expires=document.expires, now=now)
    if before is None or document.version > before.version:
        return
    if document.version < before.version:
        raise VersionRollback(role, listed=before.version, staged=document.version)
    if role == "root" and document.same_payload(before):
        return  # only the signatures are others, and no client looks at them again
    if document.data != before.data:
        raise VersionReused(role, version=document.version)


def _require_roots_read(
    roots: Mapping[int, Document[Root]], before: Document[Root] | None, declared: Sequence[str]
) -> None:
    """Look at the roots between the one that is out there and the newest: agents walk over each of them."""
    for version in sorted(roots)[:-1] if before is not None else ():
        if before is not None and version > before.version:
            require_read({"root": roots[version]}, {"root": before}, declared=declared)


def _require_storable(role: str, document: Document[Any], before: Document[Any] | None) -> None:
    """Refuse a new delegation to a role whose file can't be stored; one that was committed before stops no commit."""
    if isinstance(document.signed, Targets):
        for name in sorted(_delegated_names(document.signed) - (_delegated_names(before.signed) if before else set())):
            metadata_name(name)


def _delegated_names(targets: Targets) -> set[str]:
    """Return the roles that are delegated to; one of the succinct roles, which differ in their number alone."""
    succinct = targets.delegations.succinct_roles if targets.delegations else None
    return {next(iter(succinct.get_roles()))} if succinct else set(delegated_roles(targets, None))


def vouched(state: State, role: str) -> Document[Any] | None:
    """Return the committed document of a role, None where there is none.

    Raises:
        CommittedUnsigned: its signatures do not hold, or those of the root that says whose they must be; whatever is
            made from it would be signed as ours.
    """
    committed, root = state.committed(role), state.committed("root")
    if committed is not None and root is not None:
        for found in (quorum(root, "root", root.signed), quorum(committed, role, root.signed)):
            if not found.reached:
                raise CommittedUnsigned(found)
    return committed


def require_vouched(state: State, *, apart_from: Mapping[str, Document[Any]]) -> None:
    """Stop where something is committed that our keys have not signed: what is signed again later is not read again.

    Args:
        apart_from: by role, what is known from elsewhere, such as what was published.

    Raises:
        RootChainBroken, CommittedUnsigned: somebody else wrote it into repository/.
    """
    require_whole_chain(state.roots)
    for role in layout.ROLES:
        committed = state.committed(role)
        if committed is not None and committed.data != apart_from[role].data:
            vouched(state, role)
