"""A lease: the lock of a store whose holders share no machine.

An object says who holds it, why, since when and until when. The holder puts the end off while it works; once the end
has passed, whoever comes next takes it over. Clocks of hosts differ by seconds, so a lease is long beside that.

A holder that can't put the end off, or was asleep, does not know what others have done meanwhile: well before the end
its store refuses to write.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from tufkeep.clock import Clock
from tufkeep.decoding import Undecodable, decode_json
from tufkeep.stores.errors import Locked, LockLost, ObjectChanged, ObjectExists, ObjectMissing, StoreFault
from tufkeep.stores.holder import Holder, this_process
from tufkeep.stores.store import ALWAYS, CREATE, Condition, Tag, Unchanged

if TYPE_CHECKING:
    from tufkeep.stores.bucket import Bucket

LEASE = timedelta(seconds=90)
_LIMIT_BYTES = 4096
_POLL_SECONDS = 0.25
_SETTLE_SECONDS = 1.0  # without conditions: the time in which another's write would show


class _Lease(msgspec.Struct, frozen=True, kw_only=True):
    """What a lease object says."""

    pid: int
    host: str
    note: str
    since: datetime
    until: datetime

    @property
    def holder(self) -> Holder:
        return Holder(pid=self.pid, host=self.host, note=self.note, since=self.since.astimezone(UTC))

    @property
    def data(self) -> bytes:
        return msgspec.json.encode(self)


@contextmanager
def hold(
    bucket: Bucket,
    path: str,
    *,
    name: str,
    note: str,
    wait_seconds: float,
    clock: Clock,
    conditions: bool,
    lease: timedelta = LEASE,
) -> Iterator[Holding]:
    """Hold the lease at `path` for a block; what it gives says whether it is held still.

    Args:
        conditions: False where the server ignores them: two who come in the same second may then both believe.

    Raises:
        Locked: another's lease has not ended after `wait_seconds`.
    """
    deadline = time.monotonic() + wait_seconds
    holding = Holding(bucket, path, name=name, note=note, clock=clock, conditions=conditions, lease=lease)
    while (other := holding.acquire()) is not None:
        if time.monotonic() >= deadline:
            raise Locked(name, holder=other)
        time.sleep(_POLL_SECONDS)
    with holding.renewing():
        yield holding


class Holding:
    """One attempt to hold a lease, and the lease while it is held."""

    def __init__(
        self,
        bucket: Bucket,
        path: str,
        *,
        name: str,
        note: str,
        clock: Clock,
        conditions: bool,
        lease: timedelta,
    ):
        self._bucket, self._path, self._name = bucket, path, name
        self._mine = this_process(note, clock)
        self._clock, self._conditions, self._lease = clock, conditions, lease
        self._tag: Tag = ""
        self._until: datetime | None = None  # None: it is another's by now
        self._spent = time.monotonic()

    def require(self) -> None:
        """Refuse to go on without the lease.

        A third of it is left then: what was asked of the server before may arrive late. Both clocks are asked, as one
        stands still while a machine sleeps and the other can be set.

        Raises:
            LockLost: it ends soon, has ended, or is another's.
        """
        margin = self._lease / 3
        soon = time.monotonic() - self._spent > (self._lease - margin).total_seconds()
        if self._until is None or soon or self._clock() > self._until - margin:
            raise LockLost(self._name)

    def acquire(self) -> Holder | None:
        """Take the lease if it is free; return who holds it if it is not."""
        found = self._read()
        condition: Condition = CREATE
        if found is not None:
            other, tag = found
            if other.until > self._clock():
                return other.holder
            condition = Unchanged(tag)
        try:
            self._tag = self._write(condition)
        except (ObjectExists, ObjectChanged):
            found = self._read()
            return found[0].holder if found is not None else self.acquire()  # free again at once
        return None if self._conditions else self._settled()

    @contextmanager
    def renewing(self) -> Iterator[None]:
        done = threading.Event()
        thread = threading.Thread(target=self._renew_until, args=(done,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
            self._release()

    def _renew_until(self, done: threading.Event) -> None:
        while not done.wait(self._lease.total_seconds() / 3):
            try:
                self._tag = self._write(Unchanged(self._tag))
            except (ObjectChanged, ObjectMissing):
                self._until = None
                return
            except StoreFault:  # the next one may get through; if none does, the lease ends
                continue

    def _release(self) -> None:
        """Give it back, if it is still ours: it may have ended and be another's by now."""
        with suppress(StoreFault):
            found = self._read()
            if found is not None and found[0].holder == self._mine:
                with self._bucket.telling(self._name, writing=True):
                    self._bucket.delete(self._path)

    def _settled(self) -> Holder | None:
        """Look again after a while: without conditions the last to write is the holder."""
        time.sleep(_SETTLE_SECONDS)
        found = self._read()
        if found is None:
            return self.acquire()
        return None if found[0].holder == self._mine else found[0].holder

    def _read(self) -> tuple[_Lease, Tag] | None:
        try:
            with self._bucket.telling(self._name):
                found = self._bucket.get(self._path)
                data = bytes(found.bytes())[:_LIMIT_BYTES]
                return decode_json(data, _Lease), self._bucket.tag(found.meta)
        except ObjectMissing:
            return None
        except Undecodable:
            raise StoreFault(self._name, "its lock object was not written by tufkeep") from None

    def _write(self, condition: Condition) -> Tag:
        mine, until, began = self._mine, self._clock() + self._lease, time.monotonic()
        lease = _Lease(pid=mine.pid, host=mine.host, note=mine.note, since=mine.since, until=until)
        tag = self._put(lease, condition)
        self._until, self._spent = until, began
        return tag

    def _put(self, lease: _Lease, condition: Condition) -> Tag:
        attributes = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        if self._conditions and condition is not ALWAYS:
            return self._bucket.put_if(self._path, lease.data, condition, name=self._name, attributes=attributes)
        with self._bucket.telling(self._name, writing=True):
            return self._bucket.put(self._path, lease.data, attributes=attributes)
