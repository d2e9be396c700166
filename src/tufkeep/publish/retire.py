"""Deleting what is no longer needed: only what a push retired, only after a grace period.

An agent may still be working with the state before. So an object goes when the push that retired it was published
longer ago than the grace period, and nothing published refers to it again. What no push has retired is not ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from tufkeep.metadata.filenames import OWN, parse_metadata_name
from tufkeep.publish.deleting import Patience, deleting
from tufkeep.publish.inventory import object_names
from tufkeep.publish.journal import JournalEntry, Logged, logged, may_be_published, read_journal
from tufkeep.publish.metadata_set import MetadataSet, sha256
from tufkeep.publish.names import INCOMING
from tufkeep.publish.remote import Remote
from tufkeep.stores import StoreFault

_AT_ONCE = 16


def plan_retire(
    remote: Remote, found: MetadataSet, journal: Sequence[JournalEntry], *, now: datetime, grace: timedelta
) -> tuple[str, ...]:
    """Return what may go, by name; nothing is deleted.

    Nothing that a push under way relies on goes, however short the grace period.
    """
    timestamp = sha256(found.timestamp.data)
    entries = logged(journal, timestamp=timestamp)
    needed = set(object_names(found))
    under_way = [each.entry for each in entries if may_be_published(each, timestamp=timestamp, now=now)]
    for entry in under_way:
        needed.update((*entry.needs, *entry.files))
    for each in entries:
        if each.entry.when > now - grace:
            needed.update(each.entry.retired)  # an agent may still be with the state before this one
            needed.update(each.entry.files)
    gone = {name for each in entries for name in _gone(each)} - needed
    there = {entry.name for entry in remote.store.list()}
    quiet = not under_way and all(each.entry.when <= now - grace for each in entries)
    incoming = {name for name in there if name.startswith(INCOMING)} if quiet else set[str]()
    return tuple(sorted((gone & there) | incoming))


def retire(
    remote: Remote, read: Callable[[], MetadataSet], *, who: str, now: datetime, grace: timedelta, patience: Patience
) -> tuple[str, ...]:
    """Delete what may go, while pushes wait; return the names.

    The journal is read before the timestamp: a push that is done in between is found in one of the two.

    Args:
        read: returns what is published.

    Raises:
        DeletionUnderWay, DeletionTakenOver: see there.
    """
    with deleting(remote.store, who=who, now=now, patience=patience) as leave:
        journal = read_journal(remote.store)
        names = plan_retire(remote, read(), journal, now=now, grace=grace)

        def delete(name: str) -> None:
            leave.go_on()
            remote.store.delete(name)

        with ThreadPoolExecutor(min(_AT_ONCE, remote.policy.concurrency)) as pool:
            list(pool.map(delete, names))
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
