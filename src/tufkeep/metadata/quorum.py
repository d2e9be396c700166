"""The quorum of one version: which of the keys that may sign have signed.

Spec: TUF 1.0.34 #update-root.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tufkeep.errors import TrustRefused
from tufkeep.metadata.model import UnknownKey, public_identity

if TYPE_CHECKING:
    from securesystemslib.signer import Key
    from tuf.api.metadata import Role, Root, Signed, Targets

    from tufkeep.metadata.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Quorum:
    """Who has signed one version of a role's metadata.

    Sets, because a keyid counts once however many signatures carry it. Of a public key that is
    listed under two keyids only one keyid is in `signed`, and neither is in `waiting` then.
    """

    role: str
    version: int
    threshold: int  # signatures needed, >= 1
    signed: frozenset[str]  # keyids whose signature verified
    waiting: frozenset[str]  # the role's other keyids that could still sign
    delegator: str = ""  # whose keys these are, where that needs saying: "root v3"

    @property
    def missing(self) -> int:
        return max(0, self.threshold - len(self.signed))

    @property
    def reached(self) -> bool:
        return not self.missing

    @property
    def by_older_root(self) -> bool:
        """Whether these are the keys of another root version than the one that is signed."""
        return self.role == "root" and self.delegator not in ("", f"root v{self.version}")

    @property
    def fact(self) -> str:
        """How many have signed, in words."""
        if self.by_older_root:
            return f"signed by {len(self.signed)} of {self.threshold} keys of {self.delegator}"
        return f"{len(self.signed)} of {self.threshold} needed signatures"

    def require(self) -> None:
        """Stop where the threshold is not reached.

        Raises:
            ThresholdNotReached: too few of the role's keys have signed.
        """
        if not self.reached:
            raise ThresholdNotReached(self)


class ThresholdNotReached(TrustRefused):
    """Too few of a role's keys have signed."""

    exit_code = 20

    def __init__(self, quorum: Quorum):
        super().__init__(f"{quorum.role} v{quorum.version}: {quorum.fact}")
        self.quorum = quorum


class RoleNotDelegated(TrustRefused):
    """Nobody says which keys sign for this role."""

    exit_code = 20

    def __init__(self, role: str, *, delegator: str):
        super().__init__(f"{role}: {delegator} does not delegate to it")
        self.role = role
        self.delegator = delegator


def delegates(delegator: Root | Targets, role: str) -> bool:
    """Whether it says which keys sign for a role."""
    try:
        _role(delegator, role)
    except RoleNotDelegated:
        return False
    return True


def delegators(
    role: str, *, root: Root | None, previous: Root | None, targets: Iterable[Targets]
) -> tuple[Root | Targets, ...]:
    """Return whose keys must sign a role's metadata.

    For root these are the root before it, where there is one, and its own; for any other role those that its delegator
    lists, and nothing where no role delegates to it.

    Args:
        targets: the targets roles there are, in the order in which they are asked.

    Spec: TUF 1.0.34 #update-root, #update-targets.
    """
    if root is not None and role == "root":
        return (root,) if previous is None else (previous, root)
    if root is not None and role in root.roles:
        return (root,)
    return next(((found,) for found in targets if delegates(found, role)), ())


def quorum(document: Document[Signed], role: str, delegator: Root | Targets) -> Quorum:
    """Return who of the keys that the delegator lists for a role has signed its metadata.

    A public key counts once, even under two keyids: else one stolen key could be two signers.

    Raises:
        RoleNotDelegated: the delegator does not name the role.

    Spec: TUF 1.0.34 #update-root, #update-targets.
    """
    listed = _role(delegator, role)
    signed: set[str] = set()
    waiting: set[str] = set()
    for keys in _distinct_keys(listed, delegator).values():
        verified = next((key.keyid for key in keys if document.verifies(key)), None)
        if verified is not None:
            signed.add(verified)
        else:
            waiting.update(key.keyid for key in keys if not isinstance(key, UnknownKey))
    return Quorum(
        role=role,
        version=document.version,
        threshold=listed.threshold,
        signed=frozenset(signed),
        waiting=frozenset(waiting),
        delegator=f"{delegator.type} v{delegator.version}" if role == "root" else "",
    )


def root_quorums(document: Document[Root], previous: Root | None) -> tuple[Quorum, ...]:
    """Return who has signed a root version: by the keys of the previous root, then by its own.

    A client on the previous root asks for both. The first root has only its own.

    Spec: TUF 1.0.34 #update-root.
    """
    asked = delegators("root", root=document.signed, previous=previous, targets=())
    return tuple(quorum(document, "root", each) for each in asked)


def quorums(
    before: Mapping[str, Document[Any]], after: Mapping[str, Document[Any]], roles: Iterable[str]
) -> Iterator[Quorum]:
    """Yield who has signed the new documents of some roles, once for each of their `delegators`.

    Args:
        before: the metadata by role as it was.
        after: what is new; a role that is not in it stays as it is.
    """
    merged = {**before, **after}
    root, previous = (each["root"].signed if "root" in each else None for each in (merged, before))
    for role in roles:
        others = (merged[name] for name in sorted(merged, key=lambda name: (name != "targets", name)))
        targets = (document.signed for document in others if document.role_type == "targets")
        for delegator in delegators(role, root=root, previous=previous, targets=targets):
            yield quorum(merged[role], role, delegator)


def verified_signers(
    before: Mapping[str, Document[Any]], after: Mapping[str, Document[Any]]
) -> dict[str, tuple[str, ...]]:
    """Return the keyids whose signatures over each new document verify, by role; others prove nothing.

    Args:
        before: the metadata by role as it was.
        after: what is new.
    """
    signed: dict[str, set[str]] = {role: set() for role in after}
    for found in quorums(before, after, after):
        signed[found.role] |= found.signed
    listed = {role: dict.fromkeys(each.keyid for each in document.signatures) for role, document in after.items()}
    return {role: tuple(keyid for keyid in listed[role] if keyid in keyids) for role, keyids in signed.items()}


def signers(role: str, delegators: Iterable[Root | Targets]) -> dict[str, Key]:
    """Return the keys whose signatures a role's metadata can use, by keyid, as these delegators list them.

    Raises:
        RoleNotDelegated: one of them does not name the role.
    """
    return {
        key.keyid: key
        for delegator in delegators
        for keys in _distinct_keys(_role(delegator, role), delegator).values()
        for key in keys
    }


def distinct_public_keys(delegator: Root | Targets, role: str) -> int:
    """Return how many signatures a role can collect at most.

    Raises:
        RoleNotDelegated: the delegator does not name the role.
    """
    groups = _distinct_keys(_role(delegator, role), delegator).values()
    return sum(any(not isinstance(key, UnknownKey) for key in keys) for keys in groups)


def _role(delegator: Root | Targets, role: str) -> Role:
    try:
        return delegator.get_delegated_role(role)
    except ValueError:
        raise RoleNotDelegated(role, delegator=f"{delegator.type} v{delegator.version}") from None


def _distinct_keys(listed: Role, delegator: Root | Targets) -> dict[object, list[Key]]:
    """Group a role's keys by public key; a keyid without a key can never sign and is left out."""
    groups: dict[object, list[Key]] = {}
    for keyid in listed.keyids:
        try:
            key = delegator.get_key(keyid)
        except ValueError:
            continue
        groups.setdefault(public_identity(key), []).append(key)
    return groups
