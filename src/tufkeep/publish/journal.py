"""The publish journal: one small object in the remote for each push, which no client ever reads.

An entry is named by what it says (its hash), and written before the metadata it speaks of. So it tells whose a file is
that never became part of a published state. Entries are linked by the timestamps they were based on: an entry was
published when its timestamp is the present one, or a later published entry is based on it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from tufkeep.decoding import Undecodable, decode_json
from tufkeep.publish.metadata_set import sha256
from tufkeep.publish.names import JOURNAL
from tufkeep.stores import CREATE, ObjectExists, Store, StoreFault

_LIMIT_BYTES = 64 << 20
_AT_ONCE = 16
_UNBASED = timedelta(days=1)


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One push, as it was about to happen."""

    who: str
    when: datetime
    program: str
    versions: dict[str, int]  # role -> version
    files: dict[str, str]  # metadata name -> sha256 of what this push writes there
    timestamp: str  # sha256 of the timestamp.json that it publishes
    base: str = ""  # sha256 of the one that it replaces
    retired: tuple[str, ...] = ()  # objects that nothing refers to once it is published
    needs: tuple[str, ...] = ()  # artifacts that it relies on, and the state before does not: none of them may go
    note: str = ""
    approved_by: str = ""
    tested_by: str = ""  # the smoke test that the state had passed
    source: str = ""  # the remote that it was deployed from
    format: int = 1

    def encode(self) -> bytes:
        return msgspec.json.encode(self)

    @property
    def name(self) -> str:
        return f"{_prefix(self.versions.get('timestamp', 0))}{sha256(self.encode())[:32]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """An entry with what became of it."""

    entry: JournalEntry
    published: bool


def append(store: Store, entry: JournalEntry) -> None:
    """Write an entry; the same one again is the same one."""
    with suppress(ObjectExists):
        store.write(entry.name, entry.encode(), condition=CREATE)


def read_journal(store: Store) -> tuple[JournalEntry, ...]:
    """Return every entry that is what its name says, oldest first."""
    names = [found.name for found in store.list(JOURNAL)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        entries = [entry for entry in pool.map(lambda name: _read(store, name), names) if entry is not None]
    return tuple(sorted(entries, key=lambda entry: (entry.when, entry.versions.get("timestamp", 0))))


def entry_of(store: Store, *, version: int, timestamp: str) -> JournalEntry | None:
    """Return the newest entry that speaks of a published timestamp, without reading those of others.

    Args:
        timestamp: its sha256.
    """
    found = [_read(store, entry.name) for entry in store.list(_prefix(version))]
    about = (each for each in found if each is not None and each.timestamp == timestamp)
    return max(about, key=lambda each: each.when, default=None)


def logged(entries: Sequence[JournalEntry], *, timestamp: str) -> tuple[Logged, ...]:
    """Return which entries were published, given the sha256 of the timestamp that is published now."""
    bases: dict[str, set[str]] = {}  # several, where a push brought a new root or objects that were lost
    for entry in entries:
        bases.setdefault(entry.timestamp, set()).add(entry.base)
    published: set[str] = set()
    reached = {timestamp}
    while reached:
        published |= reached
        reached = {base for each in reached for base in bases.get(each, ())} - published
    return tuple(Logged(entry=entry, published=entry.timestamp in published) for entry in entries)


def may_be_published(each: Logged, *, timestamp: str, now: datetime) -> bool:
    """Return whether a push could still be under way: it can only replace the timestamp that it was based on.

    What was based on nothing, or on something that could not be read, is given a day.

    Args:
        timestamp: sha256 of the timestamp that is published.
    """
    if each.published:
        return False
    return each.entry.base == timestamp or (not each.entry.base and each.entry.when > now - _UNBASED)


def highest_versions(entries: Iterable[JournalEntry]) -> dict[str, int]:
    """Return the highest version of each role that any push was about."""
    highest: dict[str, int] = {}
    for entry in entries:
        for role, version in entry.versions.items():
            highest[role] = max(highest.get(role, 0), version)
    return highest


def author(store: Store, name: str, digest: str) -> JournalEntry | None:
    """Return the push that wrote these bytes under this name, if the journal knows it."""
    try:
        entries = read_journal(store)
    except StoreFault:
        return None
    return next((entry for entry in reversed(entries) if entry.files.get(name) == digest), None)


def _prefix(version: int) -> str:
    """Return how the names of the entries about one version of the timestamp begin."""
    return f"{JOURNAL}{version:010}-"


def _read(store: Store, name: str) -> JournalEntry | None:
    """Return an entry, None for what is not what its name says: nobody but us writes there, and somebody might."""
    with suppress(StoreFault, Undecodable):
        data = store.read(name, limit=_LIMIT_BYTES)
        entry = decode_json(data, JournalEntry)
        return entry if name.endswith(f"-{sha256(data)[:32]}") else None
    return None
