"""The facts behind a refusal, found by comparing what was offered with what is trusted."""

from __future__ import annotations

import hashlib

from tuf.api.metadata import MetaFile, Snapshot, Timestamp

from tufkeep.metadata.filenames import role_of
from tufkeep.metadata.refusal import HashMismatch, RoleNotListed, RollbackRefused


def older_timestamp(offered: Timestamp, trusted: Timestamp) -> RollbackRefused:
    """Say whether the timestamp goes back, or the snapshot it lists."""
    if offered.version < trusted.version:
        return RollbackRefused("timestamp", version=offered.version, trusted=trusted.version)
    return RollbackRefused("snapshot", version=offered.snapshot_meta.version, trusted=trusted.snapshot_meta.version)


def older_snapshot(offered: Snapshot, trusted: Snapshot) -> RollbackRefused | RoleNotListed:
    """Name the first role that a new snapshot forgets or sets back."""
    for name, listed in trusted.meta.items():
        role = role_of(name)
        found = offered.meta.get(name)
        if found is None:
            return RoleNotListed(role, snapshot=offered.version)
        if found.version < listed.version:
            return RollbackRefused(role, version=found.version, trusted=listed.version)
    raise AssertionError(f"snapshot v{offered.version} is refused as older and is not")


def mismatch(role: str, listed: MetaFile | None, data: bytes) -> HashMismatch:
    """Say which measure of the bytes is not the listed one."""
    assert listed is not None
    what = f"{role} v{listed.version}"
    if listed.length is not None and listed.length != len(data):
        return HashMismatch(what, measure="length", expected=listed.length, found=len(data))
    for name, digest in (listed.hashes or {}).items():
        found = _digest(name, data)
        if found != digest:
            return HashMismatch(what, measure=name, expected=digest, found=found)
    raise AssertionError(f"{what} is refused for its hashes and has them")


def _digest(name: str, data: bytes) -> str:
    try:
        return hashlib.new(name, data).hexdigest()
    except (ValueError, TypeError):
        return "of no kind known here"


def sha256(data: bytes) -> str:
    """Return the hash that tells two contents apart."""
    return hashlib.sha256(data).hexdigest()
