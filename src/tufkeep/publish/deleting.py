"""Who deletes and who pushes, kept apart: each says first what it is about to do, then looks for the other.

A push says in the journal what its state needs, before it looks what is there already; then it waits until nobody is
deleting. Who deletes leaves a note first, then reads the journal and the timestamp. Whichever of the two came second
sees the other: a push never relies on an object that is about to go. That takes no lock, so pushes stay as free of each
other as they were.

Who deletes and dies leaves its note behind. It renews the note while it works, and stops where it could not; so a push
that sees the same note for two minutes goes on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import msgspec

from tufkeep.decoding import Undecodable, decode_json
from tufkeep.errors import StoreError
from tufkeep.publish.names import DELETING
from tufkeep.stores import CREATE, ObjectChanged, ObjectExists, ObjectMissing, Store, Tag, Unchanged

RENEWED_SECONDS: Final = 20.0  # how old the note of somebody who still deletes is at most
_DEAD_SECONDS = 6 * RENEWED_SECONDS  # unchanged for so long, by the clock of who looks: a request takes its time, too
_POLL_SECONDS = 1.0
_LIMIT_BYTES = 4096

Sleep = Callable[[float], None]
Monotonic = Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How a push waits for somebody who deletes."""

    seconds: float = 600
    sleep: Sleep = time.sleep
    monotonic: Monotonic = time.monotonic


class DeletionUnderWay(StoreError):
    """Somebody deletes objects of the remote, or was about to."""

    exit_code = 34

    def __init__(self, note: _Note):
        since = f" since {note.when:%Y-%m-%dT%H:%M:%SZ}" if note.when else ""
        super().__init__(f"{note.who or 'somebody'} is deleting old objects{since}")
        self.who, self.when = note.who, note.when


class DeletionTakenOver(StoreError):
    """Our own deletion was so slow that a push took it for dead and went on."""

    exit_code = 34

    def __init__(self) -> None:
        super().__init__("deleting took so long that a push went on without waiting: nothing more is deleted")


class _Note(msgspec.Struct, frozen=True, kw_only=True):
    """What the object says. It stays when nobody deletes: its removal could not be made to depend on what it says."""

    who: str = ""  # nobody
    when: datetime | None = None
    turn: int = 0  # another one at each renewal


@dataclass(kw_only=True)
class Deleting:
    """Leave to delete, as long as it is renewed in time."""

    store: Store
    note: _Note
    tag: Tag
    monotonic: Monotonic
    renewed: float
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def go_on(self) -> None:
        """Make sure that pushes still wait; to be called before each object is deleted.

        Raises:
            DeletionTakenOver: they do not.
        """
        with self._guard:
            now = self.monotonic()
            if now - self.renewed > _DEAD_SECONDS / 2:
                raise DeletionTakenOver
            if now - self.renewed >= RENEWED_SECONDS:
                self._say(msgspec.structs.replace(self.note, turn=self.note.turn + 1))
                self.renewed = now

    def end(self) -> None:
        """Let pushes go on. Where that fails they find out for themselves, later."""
        with suppress(StoreError):
            self._say(_Note())

    def _say(self, note: _Note) -> None:
        try:
            self.tag = self.store.write(DELETING, msgspec.json.encode(note), condition=Unchanged(self.tag))
        except ObjectChanged:
            raise DeletionTakenOver from None
        self.note = note


@contextmanager
def deleting(store: Store, *, who: str, now: datetime, patience: Patience) -> Iterator[Deleting]:
    """Keep pushes waiting for a block that deletes; what may go is to be found out inside of it.

    One who was killed at it holds nobody up for longer than a push waits.

    Raises:
        DeletionUnderWay: somebody else is at it.
    """
    await_deletion(store, patience)
    note, began = _Note(who=who, when=now), patience.monotonic()
    found = _read(store)
    try:
        condition = Unchanged(found[1]) if found is not None else CREATE
        tag = store.write(DELETING, msgspec.json.encode(note), condition=condition)
    except (ObjectExists, ObjectChanged):
        found = _read(store)
        raise DeletionUnderWay(found[0] if found is not None else _Note()) from None
    mine = Deleting(store=store, note=note, tag=tag, monotonic=patience.monotonic, renewed=began)
    try:
        yield mine
    finally:
        mine.end()


def await_deletion(store: Store, patience: Patience) -> None:
    """Wait until nobody deletes; a note that is not renewed any more counts for nothing.

    Raises:
        DeletionUnderWay: somebody deletes for longer than we wait.
    """
    began = since = patience.monotonic()
    seen = ""
    while (found := _read(store)) is not None and found[0].who:
        note, tag = found
        now = patience.monotonic()
        if tag != seen:
            seen, since = tag, now
        if now - since >= _DEAD_SECONDS:
            with suppress(ObjectChanged):
                store.write(DELETING, msgspec.json.encode(_Note()), condition=Unchanged(tag))
                return
        elif now - began >= patience.seconds:
            raise DeletionUnderWay(note)
        else:
            patience.sleep(_POLL_SECONDS)


def _read(store: Store) -> tuple[_Note, Tag] | None:
    """Return the note; one that nobody of us wrote says that somebody deletes."""
    try:
        data, tag = store.read_tagged(DELETING, limit=_LIMIT_BYTES)
    except ObjectMissing:
        return None
    try:
        return decode_json(data, _Note), tag
    except Undecodable:
        return _Note(who="somebody"), tag
