"""Time travel: what a client would be refused from when on, if nobody did anything any more.

Our client is played from every root version that was ever published, with everything that is
committed now: now, where a role's warning window begins, one second before each end, and at each end.
Between two of these nothing can change, for time is all that a client looks at.

Spec: TUF 1.0.34 #detailed-client-workflow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from tuf.api.metadata import Root

from tufkeep.arguments import typed
from tufkeep.errors import Tries, TrustRefused, TufkeepError
from tufkeep.metadata.chain import walk
from tufkeep.metadata.document import Document
from tufkeep.metadata.expiry import Expiry, Validity, expiry_of
from tufkeep.metadata.filenames import role_of
from tufkeep.metadata.play import play
from tufkeep.metadata.refusal import ExpiredMetadata
from tufkeep.workspace import HalfARepository, NotARepository, State, Workspace, layout


class RefusedNow(TrustRefused):
    """Agents can't use what is committed, at this moment already."""

    exit_code = 25

    def __init__(self, reason: str, *, roots: tuple[int, ...]):
        versions = ", ".join(f"v{version}" for version in roots)
        super().__init__(f"a client on root {versions} refuses what is committed: {reason}")
        self.roots = roots


@dataclass(frozen=True, slots=True, kw_only=True)
class Encounter:
    """What clients meet at one moment."""

    at: datetime
    why: str  # why this moment was looked at
    from_roots: tuple[int, ...]  # the root versions that these clients began with
    refused: str  # the reason; empty where they follow


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What clients meet from now on, the earliest first."""

    outcomes: tuple[Encounter, ...]
    faults: tuple[TufkeepError, ...] = ()  # what could not be read; clients are played without it

    @property
    def first_refusal(self) -> Encounter | None:
        return next((outcome for outcome in self.outcomes if outcome.refused), None)

    def require_now(self, now: datetime) -> None:
        """Stop where some client is refused now already.

        Raises:
            RefusedNow: see there.
            TufkeepError: the first of `faults`, which is why.
        """
        for fault in self.faults:
            raise fault
        for outcome in self.outcomes:
            if outcome.refused and outcome.at <= now:
                raise RefusedNow(outcome.refused, roots=outcome.from_roots)


def prove(state: State, *, policy: Mapping[str, Validity], now: datetime) -> Outlook:
    """Return what clients on every root meet with what is committed, as far as it can be read.

    Raises:
        NotARepository: there is nothing to follow.
    """
    tries = Tries()
    documents = _committed(state, tries)
    moments = _moments(documents, policy, now)
    roots = state.readable_roots(tries)
    outcomes: list[Encounter] = []
    for ends_on, starts in _walks(roots, now, outcomes).items():
        for at, why in moments:
            refused = _refused(roots[ends_on], documents, at)
            outcomes.append(Encounter(at=at, why=why, from_roots=starts, refused=refused))
    return Outlook(outcomes=tuple(sorted(outcomes, key=lambda outcome: outcome.at)), faults=tries.faults)


@typed
def outlook(workspace: Workspace) -> Outlook:
    """Return which clients follow the committed repository now, and what would be refused when.

    Raises:
        NotARepository: nothing was ever committed here.
    """
    return prove(workspace.state, policy=workspace.policy.validity, now=workspace.clock())


def ends_soon(
    root: Document[Root], documents: Mapping[str, Document[Any]], *, policy: Mapping[str, Validity], now: datetime
) -> str:
    """Return in one line what clients are refused first, where its warning window has begun; else nothing.

    Args:
        root: the newest.
        documents: the top-level roles by name.
    """
    ends = (expiry_of(document, role, policy=policy) for role, document in documents.items())
    near = [end for end in ends if end.is_due(now) and not end.expired(now)]
    if not near:
        return ""
    first = min(near, key=lambda end: (end.expires, end.role))
    refused = _refused(root, {role: documents[role] for role in layout.ROLES if role in documents}, first.expires)
    others = f", {len(near) - 1} more soon after" if len(near) > 1 else ""
    return f"{first.sentence(now)}{others}; agents refuse it then" if refused else ""


def _committed(state: State, tries: Tries) -> dict[str, Document[Any]]:
    if tries(lambda: state.committed("root"), None) is None and not tries.faults:
        raise NotARepository
    found = {role: tries(partial(_demanded, state, role), None) for role in layout.ROLES}
    snapshot = found["snapshot"]
    for role in map(role_of, snapshot.signed.meta if snapshot is not None else ()):
        if role not in found:
            found[role] = tries(partial(state.committed, role), None)
    return {role: document for role, document in found.items() if document is not None}


def _demanded(state: State, role: str) -> Document[Any]:
    document = state.committed(role)
    if document is None:
        raise HalfARepository(layout.committed(role))
    return document


def _moments(
    documents: Mapping[str, Document[Any]], policy: Mapping[str, Validity], now: datetime
) -> list[tuple[datetime, str]]:
    """Return the moments worth a look, in order; several reasons for one are told together."""
    found: dict[datetime, list[str]] = {now: ["now"]}
    for role, document in documents.items():
        for at, why in _of_one(expiry_of(document, role, policy=policy)):
            if at > now:
                found.setdefault(at, []).append(why)
    return [(at, ", ".join(why)) for at, why in sorted(found.items())]


def _of_one(end: Expiry) -> Iterator[tuple[datetime, str]]:
    yield end.due, f"{end.role} v{end.version} should be renewed"
    yield end.expires - timedelta(seconds=1), f"last second of {end.role} v{end.version}"
    yield end.expires, f"{end.role} v{end.version} ends"


def _walks(roots: Mapping[int, Document[Root]], now: datetime, outcomes: list[Encounter]) -> dict[int, tuple[int, ...]]:
    """Return on which root clients end, with the roots they began with; who gets nowhere is an outcome."""
    ends: dict[int, tuple[int, ...]] = {}
    for start in sorted(roots):
        try:
            newest = walk(roots, start).version
        except TufkeepError as error:
            outcomes.append(Encounter(at=now, why="now", from_roots=(start,), refused=str(error)))
        else:
            ends[newest] = (*ends.get(newest, ()), start)
    return ends


def _refused(root: Document[Root], documents: Mapping[str, Document[Any]], at: datetime) -> str:
    """Return why a client on its newest root is refused at a time; empty where it is not."""
    refused = play(root, lambda role, listed: documents.get(role), now=at).refused
    if isinstance(refused, ExpiredMetadata):
        every = {"root": root, **{role: found for role, found in documents.items() if role != "root"}}
        gone = [f"{role} v{found.version}" for role, found in every.items() if found.expires <= at]
        return f"{', '.join(gone)} {'is' if len(gone) == 1 else 'are'} expired"
    return str(refused) if refused is not None else ""
