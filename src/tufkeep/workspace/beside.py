"""A renewal that is made from what is committed, and committed beside what a person has staged.

What is staged is neither committed along nor lost: it is made again on top. The snapshot and the timestamp in it follow
from the rest, and are made and signed anew. A root or targets that a person has signed gets a new version only if the
very keys that signed it are at hand, and then no other signature; otherwise the committed role under it waits, for an
approval must not be lost, nor be given by a machine.

Commit point: the journal, which brings the new versions and what is made again in one. Killed before it, nothing has
happened; after it, whoever comes next finishes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from tuf.api.metadata import Key

from tufkeep.errors import PersonNeeded, TufkeepError
from tufkeep.logs import logger
from tufkeep.metadata.document import Document
from tufkeep.metadata.expiry import Expiry, expiry_of
from tufkeep.metadata.quorum import Quorum
from tufkeep.workspace import layout
from tufkeep.workspace.base import Base, StaleStaged, encode_bases, fingerprint, read_bases, require_fresh
from tufkeep.workspace.commit import plan_commit
from tufkeep.workspace.draft import Draft
from tufkeep.workspace.journal import CommitStep, Journal
from tufkeep.workspace.outcome import Committed
from tufkeep.workspace.proof import CommittedUnsigned
from tufkeep.workspace.staging import Staging
from tufkeep.workspace.state import NotARepository, State, UnreadableMetadata
from tufkeep.workspace.working_directory import NeverCommitted, WorkingDirectory

_CHAIN = ("root", "targets", "snapshot", "timestamp")  # each is listed by those after it; root by none
_MEANT = ("root", "targets")  # what a person means by a change; snapshot and timestamp follow from it
_log = logger("workspace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A role that is to be renewed, and can't be here."""

    expiry: Expiry  # of what is committed
    needs: Quorum | None = None  # whose signatures are missing; None where a staged change is in the way
    owners: Mapping[str, str] = field(default_factory=dict)  # keyid -> who has it, by the policy
    closed: TufkeepError | None = None  # why a key that may be here was not used

    @property
    def role(self) -> str:
        return self.expiry.role


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """What a renewal beside the staged change made, and what it could not."""

    committed: Committed
    documents: Mapping[str, Document[Any]] = field(repr=False)  # that are new, by role
    earlier: tuple[Expiry, ...] = ()  # of the versions before, where the new ones expire earlier
    again: tuple[str, ...] = ()  # staged roles that were made again on top
    waiting: tuple[Waiting, ...] = ()
    left: str = ""  # why what is staged was not made again: it can't be committed as it is

    def require_all(self) -> None:
        """Stop where something is due still.

        Raises:
            DueElsewhere: and all that could be done is done.
        """
        if self.waiting:
            raise DueElsewhere(self.waiting)


class DueElsewhere(PersonNeeded):
    """A role is due and can't be renewed here; what could be renewed is."""

    exit_code = 47

    def __init__(self, waiting: tuple[Waiting, ...]):
        first = waiting[0]
        more = f" and {', '.join(each.role for each in waiting[1:])}" if waiting[1:] else ""
        super().__init__(f"{first.role} v{first.expiry.version}{more}: due, and can't be renewed here")
        self.waiting = waiting


class _SignaturesLost(Exception):
    """What is staged could not be made again with the signatures that it has."""

    def __init__(self, role: str):
        super().__init__(role)
        self.role = role


def renew_beside(
    workspace: WorkingDirectory,
    roles: Iterable[str],
    *,
    as_policy: bool = False,
    seen: Mapping[str, int] = MappingProxyType({}),
) -> Renewed:
    """Renew committed roles, as far as that can be done here, and commit it beside what is staged.

    Args:
        roles: to be renewed.
        as_policy: as of `Draft.renew`.
        seen: by role, the highest version that others may have seen; the new ones go above.

    Raises:
        NotARepository, NeverCommitted: nothing is committed.
        ClockDoubted: the clock can hardly be right.
        What `prove` raises: what is committed does not hold, so nothing is built on it.
    """
    with workspace.exclusive("renew"):
        if workspace.state.committed("root") is None:
            raise NeverCommitted if workspace.state.exists else NotARepository
        workspace.require_likely_clock()
        return _Renewal(workspace, as_policy=as_policy, seen=seen).run(tuple(roles))


class _Renewal:
    """One renewal, under the lock."""

    def __init__(self, workspace: WorkingDirectory, *, as_policy: bool, seen: Mapping[str, int]):
        self._workspace, self._as_policy, self._seen = workspace, as_policy, seen
        self._state = workspace.state
        self._bases = read_bases(workspace.store)
        self._waiting: dict[str, Waiting] = {}
        self._closed: dict[str, TufkeepError] = {}  # role -> why none of its keys signed
        self._staged, self._left = self._readable()

    def run(self, roles: tuple[str, ...]) -> Renewed:
        fresh, again = self._made(roles)
        made = Renewed(
            committed=Committed(versions={}),
            documents=fresh,
            earlier=tuple(self._earlier(fresh)),
            again=tuple(again),
            waiting=tuple(self._waiting[role] for role in _CHAIN if role in self._waiting),
            left=self._left if fresh else "",
        )
        return replace(made, committed=self._commit(fresh, again)) if fresh else made

    def _readable(self) -> tuple[dict[str, Document[Any]], str]:
        """Return what is staged, nothing where it can't be committed as it is, and why."""
        try:
            staged = self._state.staged_documents
            for role, document in staged.items():
                require_fresh(role, document, self._state.committed(role), self._bases)
        except (UnreadableMetadata, StaleStaged) as error:
            return {}, str(error)
        return staged, ""

    def _made(self, roles: tuple[str, ...]) -> tuple[dict[str, Document[Any]], dict[str, Document[Any]]]:
        """Return the new versions, and what is staged made again on top; of as many of the roles as can be."""
        left = list(roles)
        while left:
            fresh = self._fresh(left)
            blocking = self._blocking(fresh)
            if blocking is not None:
                self._wait(left, blocking.role, needs=blocking)
                continue
            try:
                return fresh, self._again(fresh)
            except _SignaturesLost as lost:
                self._wait(left, lost.role)
        return {}, {}

    def _fresh(self, roles: Iterable[str]) -> dict[str, Document[Any]]:
        draft = self._draft(self._state.beside({}), {})
        draft.seen.update(self._seen)
        for role in roles:
            draft.renew(role, as_policy=self._as_policy)
        return Staging(draft, sign=self._sign).finish()

    def _blocking(self, fresh: Mapping[str, Document[Any]]) -> Quorum | None:
        """Return the first quorum that is not reached."""
        beside = self._state.beside(fresh)
        found = (needed for role in _CHAIN if role in fresh for needed in beside.quorums(role))
        return next((needed for needed in found if not needed.reached), None)

    def _wait(self, left: list[str], role: str, *, needs: Quorum | None = None) -> None:
        """Leave a role out, and what can't be listed without it."""
        through = (role,) if role == "root" else _CHAIN[1 : _CHAIN.index(role) + 1]
        chosen = [each for each in left if each in through]
        if not chosen and needs is not None:
            raise CommittedUnsigned(needs)  # of a role that nobody asked for: what is committed does not hold
        for each in chosen:
            left.remove(each)
            document = self._state.committed(each)
            assert document is not None
            owners = {keyid: self._workspace.policy.owner(keyid) for keyid in (needs.waiting if needs else ())}
            self._waiting[each] = Waiting(
                expiry=expiry_of(document, each, policy=self._workspace.policy.validity),
                needs=needs,
                owners={keyid: owner for keyid, owner in owners.items() if owner},
                closed=self._closed.get(role),
            )

    def _again(self, fresh: Mapping[str, Document[Any]]) -> dict[str, Document[Any]]:
        """Return what is staged as it is on top of the new versions: those documents of it that change.

        Raises:
            _SignaturesLost: one of them would lack a signature that it has.
        """
        meant = [role for role in _MEANT if role in fresh and role in self._staged]
        follows = {"snapshot": "snapshot" in fresh or "targets" in meant, "timestamp": "timestamp" in fresh}
        roles = [*meant, *(role for role, wanted in follows.items() if wanted and role in self._staged)]
        if not roles:
            return {}
        state = self._state.after_committing(fresh)
        draft = self._draft(state, {**self._bases, **self._on_top(state, {role: self._staged[role] for role in roles})})
        for role in roles:
            draft.renew(role)
            if role in meant:
                draft.set_expiry(role, self._staged[role].expires)
        again = Staging(draft, sign=self._sign_again).finish(follow=False)
        for role in meant:
            if {one.keyid for one in again[role].signatures} != {one.keyid for one in self._staged[role].signatures}:
                raise _SignaturesLost(role)
        return again

    def _draft(self, state: State, bases: Mapping[str, Base]) -> Draft:
        return Draft(state, validity=self._workspace.policy.validity, now=self._workspace.clock(), bases=bases)

    @staticmethod
    def _on_top(state: State, staged: Mapping[str, Document[Any]]) -> dict[str, Base]:
        """Return the notes that say these staged documents were made from what is committed in this state."""
        return {
            role: Base(made_from=fingerprint(state.committed(role)), staged=fingerprint(document))
            for role, document in staged.items()
        }

    def _sign(self, document: Document[Any], role: str, keys: Mapping[str, Key]) -> Document[Any]:
        """Sign with the keys at hand; a key that can't be used is one that is not here."""
        try:
            return self._workspace.sign_document(document, role, keys)
        except TufkeepError as error:
            self._closed[role] = error
            return document

    def _sign_again(self, document: Document[Any], role: str, keys: Mapping[str, Key]) -> Document[Any]:
        """Sign what a person means with the keys that signed it, and what follows from it with all at hand."""
        if role in _MEANT:
            signed = {one.keyid for one in self._staged[role].signatures}
            keys = {keyid: key for keyid, key in keys.items() if keyid in signed}
        return self._sign(document, role, keys) if keys else document

    def _earlier(self, fresh: Mapping[str, Document[Any]]) -> Iterable[Expiry]:
        for role, document in fresh.items():
            before = self._state.committed(role)
            if before is not None and document.expires < before.expires:
                yield expiry_of(before, role, policy=self._workspace.policy.validity)

    def _commit(self, fresh: Mapping[str, Document[Any]], again: Mapping[str, Document[Any]]) -> Committed:
        workspace, store = self._workspace, self._workspace.store
        plan = plan_commit(
            store,
            self._state.beside(fresh),
            now=workspace.clock(),
            bases={},
            hashed={},
            declared=workspace.declared,
        )
        bases = {**self._bases, **self._on_top(self._state.after_committing(fresh), again)}
        staged = {layout.staged(role): document.data for role, document in again.items()}
        written = {**staged, **({layout.BASE: encode_bases(bases)} if staged else {})}
        steps = []
        for entry in list(store.list(layout.PULLED)):
            store.delete(entry.name)  # of one that was killed before its commit point
        for data in [*(document.data for document in fresh.values()), *written.values()]:
            store.write(layout.pulled(_sha256(data)), data)
        for name, data in written.items():
            digest = _sha256(data)
            steps.append(CommitStep(do="copy", source=layout.pulled(digest), name=name, sha256=digest))
            steps.append(CommitStep(do="delete", name=layout.pulled(digest)))
        journal = Journal(steps=(*plan.journal.steps, *steps))
        workspace.take_in(journal, published=fresh, act="commit")
        for role, document in fresh.items():
            _log.info("renewed %s v%d beside what is staged", role, document.version)
        return plan.committed


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
