"""What a remote has published, read as far as it is not known already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tuf.api.metadata import Root

from tufkeep.metadata.document import Document
from tufkeep.metadata.filenames import TIMESTAMP, metadata_name
from tufkeep.publish.errors import RootsDiffer
from tufkeep.publish.metadata_set import MetadataSet, read_metadata_set
from tufkeep.publish.remote import Remote
from tufkeep.stores import ObjectMissing, Store, Tag
from tufkeep.workspace.state import LIMITS

Roots = Mapping[int, Document[Root]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A remote's state, with the tag that a compare-and-swap of its timestamp takes."""

    found: MetadataSet
    tag: Tag


def read_published(
    remote: Remote, *, roots: Roots, now: datetime, known: MetadataSet | None = None
) -> Published | None:
    """Return what is published, None where no timestamp.json is there.

    Args:
        roots: versions that are trusted here; one of them must be the remote's first.
        known: what was seen there the last time.

    Raises:
        RootsDiffer: a root version there has other bytes than here.
        What `read_metadata_set` raises.
    """
    try:
        timestamp, tag = remote.store.read_tagged(TIMESTAMP, limit=LIMITS["timestamp"])
    except ObjectMissing:
        return None
    trusted = known.roots if known is not None else shared_roots(remote, roots)
    found = read_metadata_set(
        remote.store,
        where=remote.called,
        trusted=trusted,
        since=max(trusted) if known is not None else min(trusted),
        now=now,
        known=known,
        timestamp=timestamp,
    )
    require_same_roots(remote.name, roots, found.roots)
    if found.timestamp.data != timestamp:
        tag = remote.store.read_tagged(TIMESTAMP)[1]  # it moved on while it was read; a swap will tell if it does again
    return Published(found=found, tag=tag)


def shared_roots(remote: Remote, roots: Roots) -> dict[int, Document[Root]]:
    """Return the root versions that are here as well as there.

    Raises:
        RootsDiffer: none is, or one has other bytes.
    """
    shared: dict[int, Document[Root]] = {}
    for version, root in sorted(roots.items()):
        data = _read_root(remote.store, version)
        if data is None and shared:
            return shared
        if data is not None and data != root.data:
            raise RootsDiffer(remote.name, version)
        if data is not None:
            shared[version] = root
    if not shared:
        raise RootsDiffer(remote.name, min(roots))
    return shared


def require_same_roots(remote: str, here: Roots, there: Roots) -> None:
    """Stop where one root version is two documents.

    Raises:
        RootsDiffer: agents could follow only one of them.
    """
    for version in sorted(here.keys() & there.keys()):
        if here[version].data != there[version].data:
            raise RootsDiffer(remote, version)


def _read_root(store: Store, version: int) -> bytes | None:
    try:
        return store.read(metadata_name("root", version), limit=LIMITS["root"])
    except ObjectMissing:
        return None
