"""What a change led to, role by role, and what a commit made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tuf.api.metadata import Key, Signed

from tufkeep.keys.material import Unlooked
from tufkeep.metadata.document import Document
from tufkeep.metadata.lint_change import ClientWarning
from tufkeep.metadata.quorum import RoleNotDelegated
from tufkeep.workspace.artifacts import NotUnpacked
from tufkeep.workspace.state import State


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedRole:
    """One role that is staged, and what it still lacks."""

    role: str
    version: int
    signed: int
    threshold: int
    also_needed: str  # what the root before it still asks for, empty where nothing
    expires: datetime

    @property
    def complete(self) -> bool:
        """Whether it has every signature that a commit asks for."""
        return self.signed >= self.threshold and not self.also_needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """What a change led to."""

    roles: tuple[StagedRole, ...]
    documents: Mapping[str, Document[Signed]] = field(repr=False)  # by role
    unlooked: tuple[Unlooked, ...] = ()  # artifacts that could not be searched for private keys
    not_unpacked: tuple[NotUnpacked, ...] = ()  # archives that agents refuse

    @classmethod
    def of(
        cls,
        documents: Mapping[str, Document[Signed]],
        state: State,
        *,
        unlooked: tuple[Unlooked, ...] = (),
        not_unpacked: tuple[NotUnpacked, ...] = (),
    ) -> Staged:
        """Return what a change led to that staged these documents, by role."""
        roles = tuple(_role(state, role, each) for role, each in documents.items())
        return cls(roles=roles, documents=documents, unlooked=unlooked, not_unpacked=not_unpacked)

    @property
    def complete(self) -> bool:
        """Whether each role has every signature that a commit asks for."""
        return all(role.complete for role in self.roles)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysAdded:
    """Public keys that a staged root trusts for a role, and what that led to."""

    role: str
    keys: tuple[Key, ...]
    file: str | None = None  # in keys/, of the private half where it was made here
    staged: Staged


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRevoked:
    """A key that a staged root trusts no more for a role, and what that led to."""

    role: str
    keyid: str
    staged: Staged


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What became the repository, and who was proved to follow."""

    versions: Mapping[str, int]  # by role; empty where nothing was staged
    from_roots: tuple[int, ...] = ()  # a client on each of these root versions follows
    expired: tuple[str, ...] = ()  # committed roles that nobody renewed yet
    unread: tuple[ClientWarning, ...] = ()  # what it brought that some client does not read


def _role(state: State, role: str, document: Document[Signed]) -> StagedRole:
    if not (quorums := state.quorums(role)):
        raise RoleNotDelegated(role, delegator="no role")
    *older, own = quorums
    lacking = [f"{found.missing} of the keys of {found.delegator}" for found in older if not found.reached]
    return StagedRole(
        role=role,
        version=document.version,
        signed=len(own.signed),
        threshold=own.threshold,
        also_needed=", ".join(lacking),
        expires=document.expires,
    )
