"""The next snapshot, with the timestamp over it.

Spec: TUF 1.0.34 #update-snapshot, #update-timestamp.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from tuf.api.metadata import MetaFile, Snapshot, Timestamp

from tufkeep.errors import TrustRefused
from tufkeep.metadata.filenames import metapath

if TYPE_CHECKING:
    from tuf.api.metadata import Signed, Targets

    from tufkeep.metadata.document import Document

SPEC_VERSION: Final = "1.0.34"  # of new metadata; what exists keeps the one it says


class VersionRollback(TrustRefused):
    """A version that clients would refuse because they have seen a later one."""

    exit_code = 23

    def __init__(self, role: str, *, listed: int, staged: int):
        super().__init__(f"{role} v{staged}: v{listed} was already listed, and no version goes down")
        self.role, self.listed, self.staged = role, listed, staged


class VersionReused(TrustRefused):
    """Other bytes under a version that clients may have stored."""

    exit_code = 24

    def __init__(self, role: str, *, version: int):
        super().__init__(f"{role} v{version}: other bytes were already listed under this version")
        self.role, self.version = role, version


def next_version(*seen: int | Iterable[int]) -> int:
    """Return a version above every one ever seen, committed, staged or published; 1 where there is none."""
    versions = (version for item in seen for version in ((item,) if isinstance(item, int) else item))
    return max(versions, default=0) + 1


def entry(document: Document[Signed]) -> MetaFile:
    """Return the line that a snapshot or timestamp lists a document with.

    Length and hashes, not the version alone: without them a client has no size limit, and a mirror
    could serve any bytes that were ever signed under that version.
    """
    hashes = {"sha256": document.sha256, "sha512": hashlib.sha512(document.data).hexdigest()}
    return MetaFile(version=document.version, length=len(document.data), hashes=hashes)


def speaks_of(listed: MetaFile, document: Document[Signed]) -> bool:
    """Whether an entry is of this very document, as far as what it says can tell."""
    return listed.version == document.version and not _differs(listed, entry(document))


def plan_snapshot(
    previous: Snapshot | None, documents: Mapping[str, Document[Targets]], *, version: int, expires: datetime
) -> Snapshot:
    """Return the next snapshot: what the previous one listed, overlaid by these documents.

    A role once listed stays listed and no version goes down: clients that trust the previous
    snapshot would refuse the next one as a rollback.

    Args:
        previous: the snapshot that clients may trust; None for a first one, or when the snapshot
            key was rotated to recover from a fast-forward.
        documents: by role name, `targets` and delegated roles.

    Raises:
        VersionRollback: a document, or the snapshot itself, has a lower version than clients know.
        VersionReused: a document has a version that is listed with other bytes, or the snapshot
            would get the version of the previous one.
    """
    meta = dict(previous.meta) if previous else {}
    for role, document in sorted(documents.items()):
        name = metapath(role)
        meta[name] = _next_entry(role, meta.get(name), document)
    _require_higher("snapshot", previous, version)
    return Snapshot(version=version, expires=expires, meta=meta, **_kept(previous))


def plan_timestamp(
    previous: Timestamp | None, snapshot: Document[Snapshot], *, version: int, expires: datetime
) -> Timestamp:
    """Return the next timestamp: it lists this snapshot.

    Raises:
        VersionRollback: the snapshot, or the timestamp itself, has a lower version than clients know.
        VersionReused: the snapshot has the version of another one that was listed, or the timestamp
            would get the version of the previous one.
    """
    listed = _next_entry("snapshot", previous.snapshot_meta if previous else None, snapshot)
    _require_higher("timestamp", previous, version)
    return Timestamp(version=version, expires=expires, snapshot_meta=listed, **_kept(previous))


def _next_entry(role: str, listed: MetaFile | None, document: Document[Signed]) -> MetaFile:
    following = entry(document)
    if listed is None or following.version > listed.version:
        return following
    if following.version < listed.version:
        raise VersionRollback(role, listed=listed.version, staged=following.version)
    if _differs(listed, following):
        raise VersionReused(role, version=listed.version)
    return listed  # as it was: unchanged metadata is listed unchanged


def _differs(listed: MetaFile, other: MetaFile) -> bool:
    """Whether two entries speak of other bytes, as far as what both say can tell."""
    if None not in (listed.length, other.length) and listed.length != other.length:
        return True
    known, found = listed.hashes or {}, other.hashes or {}
    return any(known[name].lower() != found[name] for name in known.keys() & found.keys())


def _require_higher(role: str, previous: Signed | None, version: int) -> None:
    if previous is not None and version < previous.version:
        raise VersionRollback(role, listed=previous.version, staged=version)
    if previous is not None and version == previous.version:
        raise VersionReused(role, version=version)


def _kept(previous: Signed | None) -> dict[str, Any]:
    """Return what goes over from version to version: members that the specification does not name."""
    if previous is None:
        return {"spec_version": SPEC_VERSION}
    return {"spec_version": previous.spec_version, "unrecognized_fields": dict(previous.unrecognized_fields)}
