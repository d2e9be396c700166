"""Deleting what is no longer needed: only what a push retired, only after a grace period.

An agent may still be working with the state before. So an object goes when the push that retired it was published
longer ago than the grace period, and nothing published refers to it again. What no push has retired is not ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from tufkeep.metadata.filenames import OWN, parse_metadata_name
from tufkeep.publish.inventory import object_names
from tufkeep.publish.journal import Logged, logged, read_journal
from tufkeep.publish.metadata_set import MetadataSet, sha256
from tufkeep.publish.names import INCOMING
from tufkeep.publish.remote import Remote
from tufkeep.stores import StoreFault

_AT_ONCE = 16


def plan_retire(remote: Remote, found: MetadataSet, *, now: datetime, grace: timedelta) -> tuple[str, ...]:
    """Return what may go, by name; nothing is deleted."""
    entries = logged(read_journal(remote.store), timestamp=sha256(found.timestamp.data))
    needed = set(object_names(found))
    for each in entries:
        if each.entry.when > now - grace:
            needed.update(each.entry.retired)  # an agent may still be with the state before this one
            needed.update(each.entry.files)  # or this push is going on right now
    gone = {name for each in entries for name in _gone(each)} - needed
    there = {entry.name for entry in remote.store.list()}
    incoming = {name for name in there if name.startswith(INCOMING)} if _quiet(entries, now, grace) else set[str]()
    return tuple(sorted((gone & there) | incoming))


def retire(remote: Remote, found: MetadataSet, *, now: datetime, grace: timedelta) -> tuple[str, ...]:
    """Delete what may go; return the names."""
    names = plan_retire(remote, found, now=now, grace=grace)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(remote.store.delete, names))
    return names


def foreign(remote: Remote, found: MetadataSet) -> tuple[str, ...]:
    """Return objects that the repository does not own, as far as the remote lists any; they are never deleted."""
    try:
        entries = read_journal(remote.store)
        there = [entry.name for entry in remote.store.list()]
    except StoreFault:  # a web server lists nothing
        return ()
    known = {name for entry in entries for name in (*entry.retired, *entry.files)}
    known.update(object_names(found))
    return tuple(name for name in there if name not in known and not name.startswith(OWN))


def _gone(each: Logged) -> Iterator[str]:
    """What a push retired; of one that was never published, the prefixed metadata that it left."""
    if each.published:
        yield from each.entry.retired
        return
    for name in each.entry.files:
        found = parse_metadata_name(name)
        if found is not None and found.version is not None and found.role != "root":
            yield name


def _quiet(entries: tuple[Logged, ...], now: datetime, grace: timedelta) -> bool:
    """Whether nobody can be in the middle of a push."""
    return all(each.entry.when <= now - grace for each in entries)
