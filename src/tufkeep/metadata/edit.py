"""Changes to metadata, each a function from one model to the next.

The model that goes in stays as it was. Version and expiry change in one place, `successor`.

Spec: TUF 1.0.34 #document-formats.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from tufkeep.errors import BadRequest
from tufkeep.metadata.model import editable_copy, public_identity
from tufkeep.metadata.quorum import distinct_public_keys
from tufkeep.metadata.readers import require_plain_key
from tufkeep.metadata.targets import target_path

if TYPE_CHECKING:
    from securesystemslib.signer import Key
    from tuf.api.metadata import Role, Root, Signed, TargetFile, Targets

S = TypeVar("S", bound="Signed")

_LOOKED_AT = 10_000  # names, in search of one that may have been meant: a second at most


class EditRefused(BadRequest):
    """A change that would leave metadata nobody can sign or follow, or that changes nothing there is."""


class UnknownRole(EditRefused):
    """Not one of the roles that root speaks of."""

    def __init__(self, role: str):
        super().__init__(f"{role!r} is not a role of root")
        self.role = role


class SamePublicKey(EditRefused):
    """A role would list one public key under two keyids: one holder could then count as two."""

    def __init__(self, role: str, *, keyid: str, listed: str):
        super().__init__(f"{role}: key {keyid[:8]} is the public key that is listed as {listed[:8]} already")
        self.role, self.keyid, self.listed = role, keyid, listed


class KeyidTaken(EditRefused):
    """The keyid stands for another public key."""

    def __init__(self, keyid: str):
        super().__init__(f"keyid {keyid[:8]} already means another public key")
        self.keyid = keyid


class KeyNotListed(EditRefused):
    """The role does not have this key."""

    def __init__(self, role: str, keyid: str, *, listed: Iterable[str]):
        super().__init__(f"{role}: no key {keyid}")
        self.role, self.keyid, self.listed = role, keyid, tuple(listed)


class KeyidAmbiguous(EditRefused):
    """The beginning of a keyid that several keys of the role share."""

    def __init__(self, role: str, start: str, *, found: Iterable[str]):
        super().__init__(f"{role}: several keys begin with {start!r}")
        self.role, self.found = role, tuple(found)


class ThresholdUnreachable(EditRefused):
    """A role would need more signatures than it has keys."""

    def __init__(self, role: str, *, threshold: int, keys: int):
        super().__init__(f"{role}: {keys} key{'' if keys == 1 else 's'} can't reach a threshold of {threshold}")
        self.role, self.threshold, self.keys = role, threshold, keys


class ThresholdTooLow(EditRefused):
    """A threshold that no signature at all would reach."""

    def __init__(self, role: str, threshold: int):
        super().__init__(f"{role}: a threshold of {threshold} would need no signature at all")
        self.role, self.threshold = role, threshold


class TargetsNotListed(EditRefused):
    """Target paths that the role does not have."""

    def __init__(self, paths: tuple[str, ...], *, listed: Iterable[str] = ()):
        from difflib import get_close_matches

        more = f" and {len(paths) - 1:,} more are" if len(paths) > 1 else " is"
        super().__init__(f"target {paths[0]!r}{more} not listed")
        self.paths = paths
        some = tuple(islice(listed, _LOOKED_AT))
        self.near = tuple(get_close_matches(paths[0], some)) or some[:3]  # what may have been meant


class BadExpiry(EditRefused):
    """A time that metadata can't carry."""

    def __init__(self, expires: datetime):
        super().__init__(f"expiry {expires.isoformat()} is not a time in UTC")
        self.expires = expires


@dataclass(frozen=True, slots=True, kw_only=True)
class TooFewKeys:
    """A role whose keys are too few for its threshold; a root that says so can't be committed."""

    role: str
    threshold: int
    keys: int  # distinct public keys that can sign


def unreachable(root: Root) -> tuple[TooFewKeys, ...]:
    """Return the roles that nobody could sign for, by name."""
    found = (
        TooFewKeys(role=name, threshold=role.threshold, keys=distinct_public_keys(root, name))
        for name, role in sorted(root.roles.items())
    )
    return tuple(role for role in found if role.keys < role.threshold)


def add_key(root: Root, role: str, key: Key) -> Root:
    """Return the root with one key more in a role; with the key there already, an equal root.

    The key keeps the keyid it has: clients take it as an opaque name, and a key that came from
    another tool is known by that name in the signatures it made.

    Raises:
        UnknownRole, SamePublicKey, KeyidTaken: see there.
        MalformedMetadata: the key is new, and not in the form that every client reads.
    """
    changed = editable_copy(root)
    listed = _role(changed, role)
    known = changed.keys.get(key.keyid)
    if known is None:
        require_plain_key(key.keyid, key.to_dict())
    if known is not None and public_identity(known) != public_identity(key):
        raise KeyidTaken(key.keyid)
    for keyid in listed.keyids:
        other = changed.keys.get(keyid)
        if keyid != key.keyid and other is not None and public_identity(other) == public_identity(key):
            raise SamePublicKey(role, keyid=key.keyid, listed=keyid)
    if key.keyid not in listed.keyids:
        listed.keyids.append(key.keyid)
    changed.keys.setdefault(key.keyid, key)
    return changed


def revoke_key(root: Root, role: str, keyid: str, *, allow_unreachable: bool = False) -> Root:
    """Return the root without a key in a role; the key goes wholly when no other role uses it.

    Args:
        allow_unreachable: for a change that adds keys afterwards; see `unreachable`.

    Raises:
        UnknownRole, KeyNotListed: see there.
        ThresholdUnreachable: too few keys would be left, the last one included.
    """
    changed = editable_copy(root)
    listed = _role(changed, role)
    if keyid not in listed.keyids:
        raise KeyNotListed(role, keyid, listed=listed.keyids)
    listed.keyids.remove(keyid)
    if not any(keyid in other.keyids for other in changed.roles.values()):
        changed.keys.pop(keyid, None)
    if not allow_unreachable:
        _require_reachable(changed, role)
    return changed


def find_keyid(root: Root, role: str, start: str) -> str:
    """Return the one keyid of a role that begins with what somebody typed.

    Raises:
        UnknownRole, KeyNotListed, KeyidAmbiguous: see there.
    """
    keyids = _role(root, role).keyids
    found = [keyid for keyid in keyids if keyid == start] or [keyid for keyid in keyids if keyid.startswith(start)]
    if not found or not start:
        raise KeyNotListed(role, start, listed=keyids)
    if len(found) > 1:
        raise KeyidAmbiguous(role, start, found=found)
    return found[0]


def set_threshold(root: Root, role: str, threshold: int, *, allow_unreachable: bool = False) -> Root:
    """Return the root with another threshold for a role.

    Raises:
        UnknownRole: see there.
        ThresholdTooLow: below 1.
        ThresholdUnreachable: above the number of the role's public keys.
    """
    changed = editable_copy(root)
    listed = _role(changed, role)
    if threshold < 1:
        raise ThresholdTooLow(role, threshold)
    listed.threshold = threshold
    if not allow_unreachable:
        _require_reachable(changed, role)
    return changed


def set_consistent_snapshot(root: Root, consistent: bool) -> Root:
    """Return the root that says whether metadata and artifacts have prefixed names."""
    changed = editable_copy(root)
    changed.consistent_snapshot = consistent
    return changed


def set_expiry(signed: S, expires: datetime) -> S:
    """Return the metadata with another end, in whole seconds.

    Raises:
        BadExpiry: the time has no zone, or another one than UTC.
    """
    if expires.utcoffset() != timedelta(0):
        raise BadExpiry(expires)
    changed = editable_copy(signed)
    changed.expires = expires.astimezone(UTC)  # python-tuf compares with the very object `timezone.utc`
    return changed


def successor(signed: S, *, version: int, expires: datetime) -> S:
    """Return the metadata as its next version.

    Raises:
        BadExpiry: see `set_expiry`.
    """
    changed = set_expiry(signed, expires)
    changed.version = version
    return changed


def add_targets(targets: Targets, files: Iterable[TargetFile]) -> Targets:
    """Return the role with these entries, in place of those that their paths had.

    Raises:
        UnsafeTargetPath: a path that could leave the folder it is stored in.
        NotCanonical: custom data that can't be signed.
    """
    changed = editable_copy(targets)
    for file in files:
        changed.targets[target_path(file.path)] = file
    return changed


def remove_targets(targets: Targets, paths: Iterable[str]) -> Targets:
    """Return the role without these target paths.

    Raises:
        TargetsNotListed: it does not have all of them; nothing is removed then.
    """
    chosen = tuple(dict.fromkeys(paths))
    absent = tuple(path for path in chosen if path not in targets.targets)
    if absent:
        raise TargetsNotListed(absent, listed=targets.targets)
    changed = editable_copy(targets)
    for path in chosen:
        del changed.targets[path]
    return changed


def _role(root: Root, role: str) -> Role:
    try:
        return root.roles[role]
    except KeyError:
        raise UnknownRole(role) from None


def _require_reachable(root: Root, role: str) -> None:
    threshold, keys = root.roles[role].threshold, distinct_public_keys(root, role)
    if keys < threshold:
        raise ThresholdUnreachable(role, threshold=threshold, keys=keys)
