"""A store that stops: as a kill would, at every write, and no later call works."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal

import pytest

from tufkeep.stores import FolderStore, MemoryStore, Store, StoreFull
from tufkeep.testing.broken import BrokenStore, StoreStopped

WRITES: list[Callable[[Store], object]] = [
    lambda store: store.write("a", b"12"),
    lambda store: store.write_stream("b", [b"12"]),
    lambda store: store.copy("a", "c"),
    lambda store: store.move("b", "d"),
    lambda store: store.delete("a"),
]


def work(store: Store) -> None:
    for write in WRITES:
        write(store)


def names(store: Store) -> list[str]:
    return [entry.name for entry in store.list()]


@pytest.mark.parametrize(
    ("when", "left"),
    [("before", [[], ["a"], ["a", "b"], ["a", "b", "c"], ["a", "c", "d"]]),
     ("after", [["a"], ["a", "b"], ["a", "b", "c"], ["a", "c", "d"], ["c", "d"]]),
     ("torn", [[], ["a"], ["a", "b"], ["a", "b", "c"], ["a", "c", "d"]])],
)  # fmt: skip
def test_it_stops_at_every_write_in_turn(when: Literal["before", "after", "torn"], left: list[list[str]]) -> None:
    for number in itertools.count(1):
        store = BrokenStore(MemoryStore(), stop_at=number, when=when)
        with suppress(StoreStopped):
            work(store)
        if not store.stopped:
            break
        assert names(store.inner) == left[number - 1]
        assert store.writes == number
    assert (number, store.writes) == (6, 5)


def test_no_handler_of_errors_notices_a_kill() -> None:
    assert not issubclass(StoreStopped, Exception)


def test_nothing_works_between_the_stop_and_the_revival() -> None:
    store = BrokenStore(MemoryStore(), stop_at=1)
    asks: list[Callable[[], object]] = [
        *(lambda write=write: write(store) for write in WRITES),
        lambda: store.read("a"),
        lambda: store.read_tagged("a"),
        lambda: store.open("a"),
        lambda: store.stat("a"),
        lambda: store.list(),
        lambda: store.lock("a", note="").__enter__(),
        lambda: store.batch().__enter__(),
        lambda: store.sweep(),
    ]
    for ask in asks:
        with pytest.raises(StoreStopped):
            ask()
    assert store.stopped and store.writes == 1 and names(store.inner) == []
    store.revive()
    work(store)
    assert not store.stopped and names(store) == ["c", "d"]


def test_it_can_stop_again_after_a_revival() -> None:
    store = BrokenStore(MemoryStore(), stop_at=1)
    with pytest.raises(StoreStopped):
        work(store)
    store.revive(stop_at=3)
    with pytest.raises(StoreStopped):
        work(store)
    assert names(store.inner) == ["a", "b"]


def test_a_kill_frees_the_locks() -> None:
    inner = MemoryStore()
    store = BrokenStore(inner, stop_at=1)
    with pytest.raises(StoreStopped), store.lock("lock", note=""):
        store.write("a", b"")
    with inner.lock("lock", note=""):
        pass


def test_the_writes_of_a_batch_count() -> None:
    store = BrokenStore(MemoryStore(), stop_at=3)
    with pytest.raises(StoreStopped), store.batch() as batch:
        batch.write("a", b"")
        store.write("b", b"")
        batch.write("c", b"")
    assert store.stopped and names(store.inner) == ["a", "b"]


@pytest.mark.parametrize("write", range(3))
def test_a_torn_write_leaves_half_a_temporary_file_and_no_object(tmp_path: Path, write: int) -> None:
    inner = FolderStore(tmp_path)
    if write == 2:
        inner.write("a", b"12")
    store = BrokenStore(inner, stop_at=1, when="torn")
    with pytest.raises(StoreStopped):
        WRITES[write](store)
    store.revive()
    assert names(store) == ["a"] * (write == 2)
    assert len(store.sweep()) == 1
    assert store.sweep() == ()


def test_on_a_full_disk_every_later_write_fails_and_reads_go_on() -> None:
    store = BrokenStore(MemoryStore(), stop_at=2, full=True)
    store.write("a", b"12")
    for write in WRITES:
        with pytest.raises(StoreFull):
            write(store)
    assert store.read("a") == b"12" and names(store) == ["a"]
    store.revive()
    work(store)
