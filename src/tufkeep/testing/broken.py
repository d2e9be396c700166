"""A store that stops in the middle of the work."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import BinaryIO, Literal, TypeAlias, TypeVar

from tufkeep.stores.errors import StoreFull
from tufkeep.stores.folder import FolderStore
from tufkeep.stores.memory import MemoryStore
from tufkeep.stores.names import temporary
from tufkeep.stores.store import ALWAYS, Condition, Entry, Odd, Store, Tag

T = TypeVar("T")
When: TypeAlias = Literal["before", "after", "torn"]


class StoreStopped(BaseException):
    """The process was killed here. No `except Exception` may notice, as none would notice a kill."""


@dataclass(slots=True)
class _Fuse:
    """What a broken store shares with its batches."""

    stop_at: int | None
    writes: int = 0
    blown: bool = False


class BrokenStore:
    """A store that stops at its n-th write, as if the process had been killed or the disk were full.

    `stopped_everywhere` tries every n.

    Args:
        stop_at: the write it stops at, from 1; None for never.
        when: "before" the write does anything, "after" it was made but before the caller hears of it, or "torn": half
            a temporary file is left in a FolderStore, and nothing anywhere else.
        full: the disk is full instead: that write and all later ones raise StoreFull, while reads go on.
    """

    def __init__(
        self,
        inner: Store,
        *,
        stop_at: int | None = None,
        when: When = "before",
        full: bool = False,
    ):
        self.inner = inner
        self._when = when
        self._full = full
        self._fuse = _Fuse(stop_at)

    @property
    def writes(self) -> int:
        """How many writes, copies, moves and deletions were begun, the one it stopped at included."""
        return self._fuse.writes

    @property
    def stopped(self) -> bool:
        return self._fuse.blown

    def revive(self, *, stop_at: int | None = None) -> None:
        """Start a new process, or make room on the disk; stop again at the n-th write from now on."""
        self._fuse.stop_at, self._fuse.writes, self._fuse.blown = stop_at, 0, False

    def read(self, name: str, *, limit: int | None = None) -> bytes:
        return self._living.read(name, limit=limit)

    def read_tagged(self, name: str, *, limit: int | None = None) -> tuple[bytes, Tag]:
        return self._living.read_tagged(name, limit=limit)

    def open(self, name: str) -> BinaryIO:
        return self._living.open(name)

    def stat(self, name: str) -> Entry | None:
        return self._living.stat(name)

    def list(self, prefix: str = "", *, odd: Odd | None = None) -> Iterator[Entry]:
        return self._living.list(prefix, odd=odd)

    def write(self, name: str, data: bytes, *, condition: Condition = ALWAYS, private: bool = False) -> Tag:
        return self._write(
            name,
            lambda: self.inner.write(name, data, condition=condition, private=private),
            torn=lambda: data[: len(data) // 2],
        )

    def write_stream(self, name: str, chunks: Iterable[bytes], *, executable: bool = False) -> Entry:
        return self._write(
            name,
            lambda: self.inner.write_stream(name, chunks, executable=executable),
            torn=lambda: next(iter(chunks), b""),
        )

    def copy(self, source: str, name: str, *, shared: bool = False) -> None:
        self._write(name, lambda: self.inner.copy(source, name, shared=shared), torn=lambda: b"")

    def move(self, source: str, name: str) -> None:
        self._write(name, lambda: self.inner.move(source, name))

    def delete(self, name: str) -> None:
        self._write(name, lambda: self.inner.delete(name))

    @contextmanager
    def lock(self, name: str, *, note: str, wait_seconds: float = 0) -> Iterator[None]:
        with self._living.lock(name, note=note, wait_seconds=wait_seconds):
            yield

    @contextmanager
    def batch(self) -> Iterator[Store]:
        with self._living.batch() as batch:
            view = BrokenStore(batch, when=self._when, full=self._full)
            view._fuse = self._fuse
            yield view

    def sweep(self, prefix: str = "", *, look_only: bool = False) -> tuple[str, ...]:
        return self._living.sweep(prefix, look_only=look_only)

    @property
    def _living(self) -> Store:
        if self._fuse.blown and not self._full:
            raise StoreStopped
        return self.inner

    def _write(self, name: str, act: Callable[[], T], *, torn: Callable[[], bytes] | None = None) -> T:
        fuse = self._fuse
        if not fuse.blown:
            fuse.writes += 1
            fuse.blown = fuse.writes == fuse.stop_at
            if not fuse.blown:
                return act()
            if self._when == "after":
                act()
            if self._when == "torn" and torn:
                self._leave_behind(name, torn())
        raise StoreFull(name, "no room left") if self._full else StoreStopped

    def _leave_behind(self, name: str, data: bytes) -> None:
        if isinstance(self.inner, FolderStore):
            target = self.inner.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            (target.parent / temporary(target.name, os.urandom(8).hex())).write_bytes(data)


def stopped_everywhere(
    begin: Callable[[], Store],
    work: Callable[[Store], object],
    *,
    when: When = "before",
    full: bool = False,
    at_least: int = 1,
) -> Iterator[BrokenStore]:
    """Stop the work at its first write, at its second, ... until it comes to its end; yield each store, revived.

        for store in stopped_everywhere(lambda: clone(before), work, when="torn"):
            work(store)  # finishes what was begun

    Args:
        begin: gives the store that the work begins with, a new one each time.
        work: may let StoreStopped, or StoreFull where the disk is full, come through.
        at_least: how often it must be stopped: a test that never stops anything shows nothing.

    Raises:
        AssertionError: it was stopped less often.
    """
    for stop_at in itertools.count(1):
        store = BrokenStore(begin(), stop_at=stop_at, when=when, full=full)
        with suppress(StoreFull if full else StoreStopped):
            work(store)
        if not store.stopped:
            if stop_at <= at_least:
                raise AssertionError(f"the work was stopped at {stop_at - 1} writes, not at {at_least}")
            return
        store.revive()
        yield store


def clone(store: Store) -> MemoryStore:
    """Return a store in memory with the same objects."""
    copy = MemoryStore()
    for entry in store.list():
        copy.write_stream(entry.name, [store.read(entry.name)], executable=entry.executable)
    return copy
