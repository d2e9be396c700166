"""What a new version changes about the keys of its roles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tufkeep.metadata.model import UnknownKey, public_identity
from tufkeep.metadata.quorum import distinct_public_keys
from tufkeep.metadata.review.change import Change, Place, Untold
from tufkeep.metadata.review.fact import Fact
from tufkeep.metadata.review.key_facts import (
    KeyAdded,
    KeyRemoved,
    KeyReplaced,
    NothingRemoved,
    PublicKeyTwice,
    ThresholdChanged,
    ThresholdKept,
)
from tufkeep.metadata.review.role_facts import ConsistentSnapshotChanged

if TYPE_CHECKING:
    from securesystemslib.signer import Key
    from tuf.api.metadata import Role, Root, Targets

_ORDER = ("root", "targets", "snapshot", "timestamp")


@dataclass(frozen=True, slots=True)
class RoleAt:
    """Where a document lists a role and its keys."""

    name: str
    role: Place
    keys: Place


def root_facts(old: Root, new: Root, untold: Untold) -> Iterator[Fact]:
    """Return what a new root changes beyond version and expiry."""
    gained = False
    for name in _ORDER:
        at = RoleAt(name, ("roles", name), ("keys",))
        found = tuple(role_key_facts(at, (old.roles[name], old.keys), (new.roles[name], new.keys), untold))
        gained = gained or any(isinstance(fact, KeyAdded) for fact in found)
        yield from found
    if gained and all(set(_keyids(old.roles[name])) <= set(_keyids(new.roles[name])) for name in _ORDER):
        yield NothingRemoved(role="root")
    for name in _ORDER:
        yield from threshold_facts(RoleAt(name, ("roles", name), ("keys",)), old, new, untold)
    if bool(old.consistent_snapshot) != bool(new.consistent_snapshot):
        found_there = untold.take("consistent_snapshot")
        yield ConsistentSnapshotChanged(role="root", after=bool(new.consistent_snapshot), changes=found_there)


def role_key_facts(
    at: RoleAt, before: tuple[Role | None, Mapping[str, Key]], after: tuple[Role, Mapping[str, Key]], untold: Untold
) -> Iterator[Fact]:
    """Return the keys that a role gains and loses.

    Args:
        before: the role, where it was there, and all keys.
    """
    (old, old_keys), (new, new_keys) = before, after
    was, becomes = _keyids(old), _keyids(new)
    for keyid in becomes:
        if keyid not in was:
            yield _added(at, keyid, new_keys.get(keyid), untold)
        elif _identity(new_keys.get(keyid)) != _identity(old_keys.get(keyid)):
            yield KeyReplaced(role=at.name, keyid=keyid, changes=untold.take(*at.keys, keyid))
    yield from _twice(at.name, new, new_keys)
    for keyid in was:
        if keyid not in becomes:
            yield KeyRemoved(role=at.name, keyid=keyid, changes=_of_key(at, keyid, untold))


def threshold_facts(at: RoleAt, old: Root | Targets, new: Root | Targets, untold: Untold) -> Iterator[Fact]:
    """Return how many of how many keys must sign; for root always, because that is what readers fear for."""
    was, becomes = _requirement(old, at.name), _requirement(new, at.name)
    if was != becomes:
        yield ThresholdChanged(
            role=at.name,
            threshold_before=was[0],
            keys_before=was[1],
            threshold=becomes[0],
            keys=becomes[1],
            changes=untold.take(*at.role, "threshold"),
        )
    elif at.name == "root":
        yield ThresholdKept(role=at.name, threshold=becomes[0], keys=becomes[1])


def _added(at: RoleAt, keyid: str, key: Key | None, untold: Untold) -> KeyAdded:
    usable = key is not None and not isinstance(key, UnknownKey)
    keytype, scheme = (key.keytype, key.scheme) if key else ("missing", "missing")
    return KeyAdded(
        role=at.name,
        keyid=keyid,
        keytype=keytype,
        scheme=scheme,
        usable=usable,
        changes=_of_key(at, keyid, untold),
    )


def _of_key(at: RoleAt, keyid: str, untold: Untold) -> tuple[Change, ...]:
    """Return the changes that a key's coming or going is: of the role's list, once, and of the key."""
    return (*untold.take(*at.role, "keyids"), *untold.take(*at.keys, keyid))


def _keyids(role: Role | None) -> list[str]:
    """Return the keyids of a role; what is no text in their list is told as the list is."""
    return [keyid for keyid in role.keyids if isinstance(keyid, str)] if role else []


def _twice(name: str, role: Role, keys: Mapping[str, Key]) -> Iterator[Fact]:
    first: dict[object, str] = {}
    for keyid in _keyids(role):
        identity = _identity(keys.get(keyid))
        if identity is not None and first.setdefault(identity, keyid) != keyid:
            yield PublicKeyTwice(role=name, keyid=keyid, same_as=first[identity])


def _identity(key: Key | None) -> object:
    return None if key is None else public_identity(key)


def _requirement(delegator: Root | Targets, role: str) -> tuple[int, int]:
    return delegator.get_delegated_role(role).threshold, distinct_public_keys(delegator, role)
