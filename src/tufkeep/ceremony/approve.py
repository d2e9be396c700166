"""What the holder of root keys does with a proposal: sign it, then send it back or on to the next.

Nothing is staged where root keys are. What goes back is one file with the signed root in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec
from securesystemslib.signer import Key

from tufkeep.ceremony.letter import LetterRefused, write_letter
from tufkeep.ceremony.proposal import Proposal, told
from tufkeep.errors import PersonNeeded
from tufkeep.keys.search import Search
from tufkeep.metadata.quorum import signers
from tufkeep.metadata.review import whole
from tufkeep.workspace import Workspace


class WrongRootKeys(PersonNeeded):
    """None of the keys at hand can sign this root."""

    exit_code = 43

    def __init__(self, version: int, *, expected: Sequence[str], found: Sequence[str]):
        here = f"the keys here are {', '.join(found)}" if found else "there is no key here that opens"
        super().__init__(f"root v{version}: expected a signature by {' or '.join(expected)}; {here}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """A proposal after somebody signed it."""

    proposal: Proposal
    signed: tuple[str, ...]  # keyids that signed now; none where they all had signed before
    data: bytes  # the file that goes back, or on to the next


def sign(workspace: Workspace, proposal: Proposal) -> Approved:
    """Sign a proposal with every root key at hand that it can use.

    The record gets a line here, and the file that goes back a copy of it.

    Raises:
        WrongRootKeys: no key here is one of those that are asked for.
    """
    with workspace.exclusive("approve"):
        signers = _signers(proposal)
        waiting = {keyid: key for keyid, key in signers.items() if not proposal.root.verifies(key)}
        found = workspace.keyring.find(waiting, role="root") if waiting else ()
        if not found:
            if not _has_signed(workspace, proposal, signers):
                raise _wrong_keys(workspace, proposal, waiting)
            return Approved(proposal=proposal, signed=(), data=approval_letter(proposal))
        root = proposal.root.with_signatures(key.sign(proposal.root.payload) for key in found)
        note = workspace.record.append("approve", {"root": proposal.committed}, {"root": root})
    signed = replace(proposal, root=root, notes=(*proposal.notes, note))
    signed = replace(signed, sentences=told(workspace, signed))
    return Approved(proposal=signed, signed=tuple(key.keyid for key in found), data=approval_letter(signed))


def approval_letter(proposal: Proposal) -> bytes:
    """Return the file of an approval."""
    content = {
        "tufkeep": "approval",
        "letter": msgspec.to_builtins(proposal.letter),
        "root": msgspec.json.decode(proposal.root.data),
        "notes": list(proposal.notes),
    }
    return write_letter("tufkeep approval", whole(proposal.sentences), content)


def joined(proposals: Sequence[Proposal]) -> Proposal:
    """Return one proposal with the signatures of all, which were collected apart.

    Raises:
        LetterRefused: they are not about the same root.
    """
    first, *others = proposals
    root, notes = first.root, list(first.notes)
    for other in others:
        if not other.root.same_payload(root):
            raise LetterRefused("these approvals are not about the same root")
        root = root.with_signatures(other.root.signatures)
        notes += [note for note in other.notes if note not in notes]
    return replace(first, root=root, notes=tuple(notes))


def _signers(proposal: Proposal) -> dict[str, Key]:
    """Return the keys whose signatures the new root can use, by keyid."""
    return signers("root", (proposal.committed.signed, proposal.root.signed))


def _has_signed(workspace: Workspace, proposal: Proposal, signers: Mapping[str, Key]) -> bool:
    """Whether a key that lies here has signed before."""
    signed = Search({keyid: key for keyid, key in signers.items() if proposal.root.verifies(key)})
    return any(signed.wants(info.keyids or ()) for info in workspace.keyring.files())


def _wrong_keys(workspace: Workspace, proposal: Proposal, waiting: Mapping[str, Key]) -> WrongRootKeys:
    def called(keyid: str) -> str:
        owner = proposal.owners.get(keyid)
        return f"{keyid[:8]} of {owner}" if owner else keyid[:8]

    files = workspace.keyring.files()
    found = [f"{info.keyids[0][:8]} ({info.name})" for info in files if info.keyids]
    return WrongRootKeys(proposal.root.version, expected=[called(keyid) for keyid in sorted(waiting)], found=found)
