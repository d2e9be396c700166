"""What an approval becomes in the newest repository: a committed root, with all that must be signed anew under it.

The root payload stays what was signed, byte for byte. What else moved on meanwhile does not matter to
it: targets, snapshot and timestamp are made and signed here, where their keys are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tuf.api.metadata import Key

from tufkeep.ceremony.approve import joined
from tufkeep.ceremony.proposal import Proposal, propose
from tufkeep.errors import TrustRefused
from tufkeep.metadata.document import Document, editable
from tufkeep.metadata.quorum import Quorum
from tufkeep.workspace import CommitPlan, Workspace
from tufkeep.workspace.unfinished import StagedInTheWay


class NotApproved(TrustRefused):
    """Too few root keys have signed what is to be accepted."""

    exit_code = 20

    def __init__(self, quorum: Quorum, *, found: Sequence[str]):
        lacks = f"{quorum.missing} more signature{'' if quorum.missing == 1 else 's'}"
        others = f"; found those of {', '.join(found)}" if found else "; found none"
        who = ", ".join(sorted(each[:8] for each in quorum.waiting))
        super().__init__(f"root v{quorum.version}: expected {lacks} by keys of {quorum.delegator}: {who}{others}")
        self.quorum = quorum


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """An approval that became the repository, now or before."""

    proposal: Proposal
    plan: CommitPlan | None  # None where it was accepted before


def accept(workspace: Workspace, letters: Sequence[bytes]) -> Accepted:
    """Commit what was approved.

    Every step can be taken again: the root is staged first, then what follows from it, then the
    commit. Where a key is missing for what follows, the staged change waits for it.

    Args:
        letters: approvals of the same root; signatures collected apart are put together.

    Raises:
        NotApproved: too few signatures.
        StagedInTheWay: another change is staged, which would be committed along.
        What `propose` raises: the files can't be trusted, or do not fit what is here.
        What a commit raises: keys for what must be signed anew are not at hand, for one.
    """
    with workspace.exclusive("accept"):
        proposal = joined([propose(workspace, data) for data in letters])
        if proposal.done:
            return Accepted(proposal=proposal, plan=None)
        found = [signature.keyid[:8] for signature in proposal.root.signatures]
        for quorum in proposal.quorums:
            if not quorum.reached:
                raise NotApproved(quorum, found=found)
        staged = workspace.state.staged("root")
        if workspace.state.staged_roles and (staged is None or not staged.same_payload(proposal.root)):
            raise StagedInTheWay(workspace.state.staged_roles)
        with workspace.edit("accept", sign=_signed_elsewhere(workspace, proposal)) as edit:
            edit.models["root"] = editable(proposal.root)
        plan = workspace.plan_commit()
        workspace.commit(plan, approvals=proposal.notes)
    return Accepted(proposal=proposal, plan=plan)


def _signed_elsewhere(workspace: Workspace, proposal: Proposal) -> Any:
    def sign(document: Document[Any], role: str, keys: Mapping[str, Key]) -> Document[Any]:
        if role == "root":
            return document.with_signatures(proposal.root.signatures)
        found = workspace.keyring.find(keys, role=role)
        return document.with_signatures(key.sign(document.payload) for key in found) if found else document

    return sign
