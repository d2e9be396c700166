"""The staged change as somebody reviews it before signing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tufkeep.arguments import typed
from tufkeep.metadata.document import Document
from tufkeep.metadata.review import Fact, Sentence, review, sentences
from tufkeep.workspace import NotARepository, Workspace, layout


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedChange:
    """What the staged metadata would change, with who holds the keys it speaks of."""

    facts: tuple[Fact, ...]
    owners: Mapping[str, str]  # keyid -> owner, by the policy

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """The change in words, warnings first."""
        return sentences(self.facts, owners=self.owners)


@typed
def staged_change(workspace: Workspace) -> StagedChange:
    """Return what the staged change would do to what is committed.

    Raises:
        NotARepository: there is neither.
        UnreadableMetadata, MalformedPolicy: a file can't be read.
    """
    state = workspace.state
    if not state.exists:
        raise NotARepository
    roles = dict.fromkeys((*layout.ROLES, *state.staged_roles))
    before = {role: document for role in roles if (document := state.committed(role)) is not None}
    after = state.staged_documents
    facts = review(before, after, now=workspace.clock())
    return StagedChange(facts=facts, owners=_owners(workspace, [*before.values(), *after.values()]))


def _owners(workspace: Workspace, documents: list[Document[Any]]) -> dict[str, str]:
    keyids = {keyid for document in documents for keyid in _keyids(document)}
    named = {keyid: workspace.policy.owner(keyid) for keyid in keyids}
    return {keyid: owner for keyid, owner in named.items() if owner is not None}


def _keyids(document: Document[Any]) -> set[str]:
    """Return the keyids that a document lists, of root or of a role that delegates."""
    holder = document.signed if document.role_type == "root" else getattr(document.signed, "delegations", None)
    return set(holder.keys) if holder is not None else set()
