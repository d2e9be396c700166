"""A request as it would be carried out on the newest root that is here.

A request that was made for an older root is carried over to the newest one, where it can be; the
sentences are those of the newest. An approval that was passed on must hold exactly the root that its
request leads to: whoever gets it is shown the same sentences, made from the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec
from tuf.api.metadata import Root

from tufkeep.ceremony.letter import LetterRefused, read_letter
from tufkeep.ceremony.request import Letter, fulfilled, letter_of, next_root, root_seen
from tufkeep.errors import PersonNeeded
from tufkeep.metadata.canonical import MalformedMetadata, encode_json
from tufkeep.metadata.document import Document
from tufkeep.metadata.edit import EditRefused
from tufkeep.metadata.fingerprint import Fingerprint
from tufkeep.metadata.lint_change import require_read
from tufkeep.metadata.quorum import Quorum, root_quorums
from tufkeep.metadata.review import Sentence, review, sentences
from tufkeep.workspace import NotARepository, Workspace
from tufkeep.workspace.record import RecordEntry

WARN_LIFE: Final = 2  # times the life that the policy gives a root


class OtherRepository(PersonNeeded):
    """A request or an approval that was made for another repository."""

    exit_code = 45

    def __init__(self, version: int):
        super().__init__(f"made for another repository: its root v{version} is not the root v{version} here")
        self.version = version


class RootTooOld(PersonNeeded):
    """The directory does not have the root that a request or an approval builds on."""

    exit_code = 45

    def __init__(self, *, here: int, wanted: int):
        super().__init__(f"root v{here} is the newest here, the file builds on root v{wanted}")
        self.here, self.wanted = here, wanted


class ApprovalOutdated(PersonNeeded):
    """Another root was committed since, so that the signatures are for a root that can't come any more."""

    exit_code = 45

    def __init__(self, version: int, *, here: int, reason: str):
        super().__init__(f"root v{version} was approved, but {reason}")
        self.version, self.here = version, here


class RequestDoesNotFit(PersonNeeded):
    """The newest root can't be changed as it was asked for an older one."""

    exit_code = 45

    def __init__(self, base: int, *, here: int, reason: str):
        since = f"it was made for root v{base}, since then root became v{here}: " if here != base else ""
        super().__init__(f"the request can't be carried out: {since}{reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A request as it would be carried out on the newest root here, with the signatures it has so far."""

    letter: Letter
    committed: Document[Root]
    root: Document[Root]
    seen: Fingerprint  # of the file that was read
    notes: tuple[dict[str, Any], ...] = ()  # the records of those who signed before
    owners: Mapping[str, str]
    sentences: tuple[Sentence, ...]  # warnings first
    done: bool = False  # the root here says already what is asked

    @property
    def quorums(self) -> tuple[Quorum, ...]:
        """Who has signed: by the keys of the committed root, then by those of the new one."""
        return root_quorums(self.root, self.committed.signed)

    @property
    def reached(self) -> bool:
        return all(quorum.reached for quorum in self.quorums)


def propose(workspace: Workspace, data: bytes) -> Proposal:
    """Return what a request, or an approval that was passed on, leads to here; nothing is signed.

    Raises:
        LetterRefused, ProofWrong: the file can't be trusted.
        NotARepository: there is no committed root to build on.
        OtherRepository, RootTooOld, RequestDoesNotFit, ApprovalOutdated: it does not fit what is here.
        MalformedMetadata, UnreadableByClients: clients would read the new root differently, or some would refuse it.
    """
    content, seen = read_letter(data)
    committed = workspace.state.committed("root")
    if committed is None:
        raise NotARepository
    kind = content.pop("tufkeep", None)
    if kind == "request":
        return _requested(workspace, committed, letter_of(content), seen)
    if kind == "approval":
        return _approved(workspace, committed, content, seen)
    raise LetterRefused("it is neither a request nor an approval")


def _requested(workspace: Workspace, committed: Document[Root], letter: Letter, seen: Fingerprint) -> Proposal:
    base = letter.request.base
    if base.version > committed.version:
        raise RootTooOld(here=committed.version, wanted=base.version)
    known = workspace.state.roots.get(base.version)
    if known is None or root_seen(known) != base:
        raise OtherRepository(base.version)
    if fulfilled(committed.signed, letter.request):
        return _proposal(workspace, letter, committed, committed, seen, done=True)
    return _proposal(workspace, letter, committed, _next(committed, letter), seen)


def _approved(
    workspace: Workspace, committed: Document[Root], content: Mapping[str, Any], seen: Fingerprint
) -> Proposal:
    try:
        letter = letter_of(content["letter"])
        root = Document.parse(encode_json(content["root"]), Root)
        notes = msgspec.convert(content["notes"], tuple[dict[str, Any], ...])
        for note in notes:
            msgspec.convert(note, RecordEntry)
    except (KeyError, TypeError, MalformedMetadata, msgspec.ValidationError) as error:
        raise LetterRefused(f"no approval: {error}") from None
    here = workspace.state.roots.get(root.version)
    if here is not None and here.same_payload(root):
        return _proposal(workspace, letter, committed, here, seen, notes=notes, done=True)
    if root.version <= committed.version:
        raise ApprovalOutdated(
            root.version, here=committed.version, reason=f"another root v{root.version} was committed meanwhile"
        )
    if root.version > committed.version + 1:
        raise RootTooOld(here=committed.version, wanted=root.version - 1)
    base = workspace.state.roots.get(letter.request.base.version)
    if base is None or root_seen(base) != letter.request.base:
        raise OtherRepository(letter.request.base.version)
    if not root.same_payload(_next(committed, letter)):
        raise ApprovalOutdated(root.version, here=committed.version, reason="it is not what the request asks for")
    return _proposal(workspace, letter, committed, root, seen, notes=notes)


def _next(committed: Document[Root], letter: Letter) -> Document[Root]:
    try:
        return Document.of(next_root(committed.signed, letter.request))
    except EditRefused as error:
        raise RequestDoesNotFit(letter.request.base.version, here=committed.version, reason=str(error)) from error


def _proposal(
    workspace: Workspace,
    letter: Letter,
    committed: Document[Root],
    root: Document[Root],
    seen: Fingerprint,
    *,
    notes: tuple[dict[str, Any], ...] = (),
    done: bool = False,
) -> Proposal:
    if not done:
        require_read({"root": root}, {"root": committed}, declared=workspace.declared)
    keyids = [*committed.signed.keys, *root.signed.keys]
    known = {keyid: owner for keyid in keyids if (owner := workspace.policy.owner(keyid)) is not None}
    proposal = Proposal(
        letter=letter,
        committed=committed,
        root=root,
        seen=seen,
        notes=notes,
        owners={**letter.request.owners, **known},
        sentences=(),
        done=done,
    )
    return replace(proposal, sentences=told(workspace, proposal))


def told(workspace: Workspace, proposal: Proposal) -> tuple[Sentence, ...]:
    """Return what a proposal changes and who has signed it, warnings first."""
    now = workspace.clock()
    facts = review({"root": proposal.committed}, {"root": proposal.root}, now=now)
    warnings = [Sentence(text=text, warning=True) for text in _warnings(workspace, proposal)]
    return (*warnings, *sentences(facts, owners=proposal.owners))


def _warnings(workspace: Workspace, proposal: Proposal) -> list[str]:
    """Return what no difference of two roots tells."""
    now, request = workspace.clock(), proposal.letter.request
    found = []
    if request.made_at > now:
        found.append(
            f"this machine's clock says {now:%Y-%m-%d %H:%M}, the request was made at {request.made_at:%Y-%m-%d %H:%M}"
        )
    if request.base.version != proposal.committed.version and not proposal.done:
        found.append(
            f"the request was made for root v{request.base.version}; "
            f"it is carried over to root v{proposal.committed.version}"
        )
    life = workspace.policy.validity["root"].life
    if request.ends > now + WARN_LIFE * life:
        found.append(f"root would be valid for {(request.ends - now).days:,} days; the policy says {life.days:,}")
    for new in request.add:
        known = workspace.policy.owner(new.keyid)
        if known is not None and new.owner and known != new.owner:
            found.append(f"key {new.keyid[:8]} is called {new.owner}'s in the request and {known}'s in tufkeep.toml")
    return found
