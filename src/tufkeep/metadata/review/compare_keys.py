"""What a new version changes about the keys of its roles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tufkeep.metadata.model import UnknownKey, public_identity
from tufkeep.metadata.quorum import distinct_public_keys
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
from tufkeep.metadata.review.role_facts import ConsistentSnapshotChanged, OtherChange

if TYPE_CHECKING:
    from securesystemslib.signer import Key
    from tuf.api.metadata import Role, Root, Targets

_ORDER = ("root", "targets", "snapshot", "timestamp")


def root_facts(old: Root, new: Root) -> Iterator[Fact]:
    """Return what a new root changes beyond version and expiry."""
    gained = False
    for name in _ORDER:
        changes = tuple(role_key_facts(name, old.roles[name], old.keys, new.roles[name], new.keys))
        gained = gained or any(isinstance(fact, KeyAdded) for fact in changes)
        yield from changes
    if gained and all(set(old.roles[name].keyids) <= set(new.roles[name].keyids) for name in _ORDER):
        yield NothingRemoved(role="root")
    for name in _ORDER:
        yield from threshold_facts(name, old, new)
    if bool(old.consistent_snapshot) != bool(new.consistent_snapshot):
        yield ConsistentSnapshotChanged(role="root", after=bool(new.consistent_snapshot))
    elif old.consistent_snapshot != new.consistent_snapshot:  # absent means off
        yield OtherChange(role="root", member="consistent_snapshot")
    yield from key_detail_facts("root", old.keys, new.keys, [*old.roles.values(), *new.roles.values()])


def role_key_facts(
    name: str, old: Role | None, old_keys: Mapping[str, Key], new: Role, new_keys: Mapping[str, Key]
) -> Iterator[Fact]:
    """Return the keys that a role gains and loses."""
    listed = old.keyids if old else []
    for keyid in new.keyids:
        if keyid not in listed:
            yield _added(name, keyid, new_keys.get(keyid))
        elif _identity(new_keys.get(keyid)) != _identity(old_keys.get(keyid)):
            yield KeyReplaced(role=name, keyid=keyid)
    yield from _twice(name, new, new_keys)
    for keyid in listed:
        if keyid not in new.keyids:
            yield KeyRemoved(role=name, keyid=keyid)
    if old and set(listed) == set(new.keyids) and listed != new.keyids:
        yield OtherChange(role=name, member="order of keys")
    if old and old.unrecognized_fields != new.unrecognized_fields:
        yield OtherChange(role=name, member="extra members")


def threshold_facts(name: str, old: Root | Targets, new: Root | Targets) -> Iterator[Fact]:
    """Return how many of how many keys must sign; for root always, because that is what readers fear for."""
    was, becomes = _requirement(old, name), _requirement(new, name)
    if was != becomes:
        yield ThresholdChanged(
            role=name, threshold_before=was[0], keys_before=was[1], threshold=becomes[0], keys=becomes[1]
        )
    elif name == "root":
        yield ThresholdKept(role=name, threshold=becomes[0], keys=becomes[1])


def key_detail_facts(role: str, old: Mapping[str, Key], new: Mapping[str, Key], roles: list[Role]) -> Iterator[Fact]:
    """Return what is said otherwise of a key that stays, and the keys that no role ever used."""
    used = {keyid for listed in roles for keyid in listed.keyids}
    for keyid in sorted(old.keys() | new.keys()):
        before, after = old.get(keyid), new.get(keyid)
        if before and after and before != after and (keyid not in used or _identity(before) == _identity(after)):
            yield OtherChange(role=role, member=f"key {keyid[:8]}")
        elif (before is None) != (after is None) and keyid not in used:
            yield OtherChange(role=role, member=f"unused key {keyid[:8]}")


def _added(name: str, keyid: str, key: Key | None) -> KeyAdded:
    usable = key is not None and not isinstance(key, UnknownKey)
    keytype, scheme = (key.keytype, key.scheme) if key else ("missing", "missing")
    return KeyAdded(role=name, keyid=keyid, keytype=keytype, scheme=scheme, usable=usable)


def _twice(name: str, role: Role, keys: Mapping[str, Key]) -> Iterator[Fact]:
    first: dict[object, str] = {}
    for keyid in role.keyids:
        identity = _identity(keys.get(keyid))
        if identity is not None and first.setdefault(identity, keyid) != keyid:
            yield PublicKeyTwice(role=name, keyid=keyid, same_as=first[identity])


def _identity(key: Key | None) -> object:
    return None if key is None else public_identity(key)


def _requirement(delegator: Root | Targets, role: str) -> tuple[int, int]:
    return delegator.get_delegated_role(role).threshold, distinct_public_keys(delegator, role)
