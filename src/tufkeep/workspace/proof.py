"""The proof before a commit: every agent out there, on every old root, ends on the new state.

A client is played for each committed root version, with what is committed now as what it trusts.
Expired metadata that this commit does not replace must not stop the commit that mends another
role, so the client's clock is put back to before the earliest such end, and what is expired is
named instead.

Spec: TUF 1.0.34 #detailed-client-workflow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from tuf.api.metadata import Root, Targets

from tufkeep.errors import TrustRefused, TufkeepError
from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.chain import require_whole_chain
from tufkeep.metadata.document import Document
from tufkeep.metadata.plan import VersionReused, VersionRollback
from tufkeep.metadata.quorum import RoleNotDelegated
from tufkeep.metadata.trusted import TrustedSet
from tufkeep.workspace import layout
from tufkeep.workspace.state import HalfARepository

_LOADED_IN_ORDER = ("timestamp", "snapshot", "targets")


class SignedButExpired(TrustRefused):
    """A staged role would be refused from the moment it is committed."""

    exit_code = 25

    def __init__(self, role: str, *, version: int, expires: datetime, now: datetime):
        super().__init__(f"{role} v{version}: expired at {expires:%Y-%m-%d %H:%M:%S}, now is {now:%Y-%m-%d %H:%M:%S}")
        self.role, self.version, self.expires = role, version, expires


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
) -> Proof:
    """Prove the state that a commit would make.

    Args:
        roots: every root version that will be committed.
        documents: the four top-level roles as they will be committed, and the delegated roles that are new.
        before: the roles as they are committed now.

    Raises:
        HalfARepository: one of the four roles is missing.
        RootChainBroken: a client on some root version would not reach the newest root.
        VersionRollback, VersionReused: a version goes down, or comes back with other bytes.
        SignedButExpired: a role that is new in this commit is expired.
        MalformedMetadata: a role that is new in this commit reads differently from reader to reader.
        ThresholdNotReached, HashMismatch, WrongVersion, ...: what a client would refuse.
    """
    newest = require_whole_chain(roots)
    fresh = {role: document for role, document in documents.items() if document is not before.get(role)}
    for role, document in sorted(fresh.items()):
        _require_forward(role, document, before.get(role), now)
    if missing := [role for role in _LOADED_IN_ORDER if role not in documents]:
        raise HalfARepository(f"{missing[0]}.json")
    unchanged = [document for role, document in documents.items() if role not in fresh]
    at = min([now, *(document.expires - timedelta(seconds=1) for document in unchanged)])
    _play_client(newest, documents, before, at)
    return Proof(
        from_roots=tuple(sorted(roots)),
        versions={role: document.version for role, document in documents.items()},
        expired=tuple(role for role, document in documents.items() if role not in fresh and document.expires <= now),
    )


def _require_forward(role: str, document: Document[Any], before: Document[Any] | None, now: datetime) -> None:
    if document.expires <= now:
        raise SignedButExpired(role, version=document.version, expires=document.expires, now=now)
    if document.ambiguous:
        raise MalformedMetadata("an object in it names a member twice", role=role)
    if before is None or document.version > before.version:
        return
    if document.version < before.version:
        raise VersionRollback(role, listed=before.version, staged=document.version)
    if role == "root" and document.same_payload(before):
        return  # only the signatures are others, and no client looks at them again
    if document.data != before.data:
        raise VersionReused(role, version=document.version)


def _play_client(
    root: Document[Root], documents: Mapping[str, Document[Any]], before: Mapping[str, Document[Any]], at: datetime
) -> None:
    """Load what the client trusts already, then what it would fetch; only the second must succeed."""
    known = (*documents.values(), *before.values())  # parsed and verified already: not a second time

    def load(data: bytes, kind: type[Any]) -> Document[Any]:
        return next((document for document in known if document.data is data), None) or Document.parse(data, kind)

    client = TrustedSet(root, now=at, load=load)
    if "timestamp" in before:
        _try(client.update_timestamp, before["timestamp"].data)
    if documents["timestamp"] is not before.get("timestamp") or "timestamp" not in client:
        client.update_timestamp(documents["timestamp"].data)
    if "snapshot" in before:
        _try(client.update_snapshot, before["snapshot"].data, trusted=True)
    if documents["snapshot"] is not before.get("snapshot") or "snapshot" not in client:
        client.update_snapshot(documents["snapshot"].data)
    client.update_targets(documents["targets"].data)
    _load_delegated(client, {role: found for role, found in documents.items() if role not in layout.ROLES})


def _load_delegated(client: TrustedSet, waiting: dict[str, Document[Any]]) -> None:
    """Load the delegated roles of the commit from the top down, each as its delegator says.

    Raises:
        RoleNotDelegated: nobody delegates to one of them, so no client would ever ask for it.
    """
    delegators = ["targets"]
    while delegators and waiting:
        delegator = delegators.pop()
        for role in _delegated_by(client, delegator) & waiting.keys():
            client.update_delegated_targets(waiting.pop(role).data, role, delegator)
            delegators.append(role)
    for role in sorted(waiting):
        raise RoleNotDelegated(role, delegator="no targets role")


def _delegated_by(client: TrustedSet, delegator: str) -> set[str]:
    signed = cast("Targets", client[delegator])
    if signed.delegations is None:
        return set()
    if signed.delegations.succinct_roles is not None:
        return set(signed.delegations.succinct_roles.get_roles())
    return set(signed.delegations.roles or {})


def _try(load: Any, data: bytes, **how: bool) -> None:
    """Load what the client has on disk; what it can't use any more, it does without."""
    try:
        load(data, **how)
    except TufkeepError:
        return
