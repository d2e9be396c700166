"""A folder store after a crash: every call the last one, kill -9, and what an fsync must come before."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.stores.disks import Disk, store_on
from tufkeep.stores import CREATE, FolderStore, ObjectChanged, Store, Unchanged
from tufkeep.stores.directory import Directory
from tufkeep.testing.broken import StoreStopped
from tufkeep.testing.fat import FatDirectory

OLD, NEW = b"old " * 1000, b"new " * 5000

WORK: dict[str, Callable[[Store], object]] = {
    "write": lambda store: store.write("a/b/there", NEW),
    "write private": lambda store: store.write("a/b/there", NEW, private=True),
    "create": lambda store: store.write("c/d/e", NEW),
    "stream": lambda store: store.write_stream("a/b/there", [NEW[:7], NEW[7:]], executable=True),
    "copy": lambda store: store.copy("new", "a/b/there"),
    "share": lambda store: store.copy("new", "a/b/there", shared=True),
    "share anew": lambda store: store.copy("new", "c/d/e", shared=True),
    "move": lambda store: store.move("new", "a/b/there"),
    "move anew": lambda store: store.move("a/b/there", "c/d/e"),
    "delete": lambda store: store.delete("a/b/there"),
    "lock": lambda store: take_lock(store),
}


def contents(store: Store) -> dict[str, bytes]:
    return {entry.name: store.read(entry.name) for entry in store.list()}


def take_lock(store: Store) -> None:
    with store.lock("a/b/work", note=""):
        pass


@pytest.mark.parametrize("kind", [Directory, FatDirectory])
@pytest.mark.parametrize("work", WORK)
def test_whichever_call_is_the_last_every_object_is_whole(tmp_path: Path, work: str, kind: type[Directory]) -> None:
    """As if killed before the n-th call that changes anything, for every n."""
    disk, store = prepared(tmp_path / "whole", kind)
    before, calls_before = contents(store), len(disk.calls)
    WORK[work](store)
    after, calls = contents(store), len(disk.calls) - calls_before
    assert calls > 3

    for stop_at in range(1, calls + 1):
        disk, store = prepared(tmp_path / str(stop_at), kind)
        disk.stop_at = len(disk.calls) + stop_at
        with pytest.raises(StoreStopped):
            WORK[work](store)
        disk.stop_at = None
        assert contents(store) in (before, after)
        take_lock(store)
        store.sweep()
        assert [path.name for path in store.path.rglob("*.tmp")] == []
        if contents(store) == before:
            WORK[work](store)  # the next command finishes
        assert contents(store) == after


def prepared(root: Path, kind: type[Directory]) -> tuple[Disk, FolderStore]:
    disk = Disk()
    store = store_on(disk, root, base=kind)
    store.write("a/b/there", OLD)
    store.write("new", NEW)
    return disk, store


def test_bytes_reach_the_medium_before_the_name_and_the_folders_after(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    disk = Disk()
    store = store_on(disk, tmp_path / "root")
    store.write("a/b/c", b"1")
    calls = [anonymous(call) for call in disk.calls]
    assert calls == [
        "make root a",
        "set_mode a",
        "make a b",
        "set_mode b",
        "open b TEMPORARY",
        "write b",
        "set_mode b",
        "sync_file b",
        "rename b TEMPORARY c",
        "sync b",
        "sync a",
        "sync root",
    ]
    disk.calls.clear()
    store.write("a/b/d", b"1")
    assert [anonymous(call) for call in disk.calls][-2:] == ["rename b TEMPORARY d", "sync b"]


def anonymous(call: str) -> str:
    return " ".join("TEMPORARY" if part.endswith(".tmp") else part for part in call.split())


def test_folders_that_somebody_else_made_are_seen_to_the_medium_once(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    disk = Disk()
    store = store_on(disk, tmp_path)
    store.write("a/b/c", b"1")
    assert [call for call in disk.calls if call.startswith("sync ")] == ["sync b", "sync a", f"sync {tmp_path.name}"]


def test_a_removed_folder_that_comes_back_is_seen_to_the_medium_again(tmp_path: Path) -> None:
    disk = Disk()
    store = store_on(disk, tmp_path)
    for _ in range(3):
        store.write("a/b/c", b"1")
        disk.calls.clear()
        store.delete("a/b/c")
        assert [call for call in disk.calls if call.startswith("sync ")] == ["sync b"]
        disk.calls.clear()
    store.write("a/b/c", b"1")
    assert {"sync a", f"sync {tmp_path.name}"} < set(disk.calls)


def test_a_new_root_is_seen_to_the_medium_with_what_is_above_it(tmp_path: Path) -> None:
    disk = Disk()
    store_on(disk, tmp_path / "one/two").write("a", b"1")
    syncs = [call for call in disk.calls if call.startswith("sync ")]
    assert syncs == [f"sync {tmp_path.name}", "sync one", "sync two"]


def test_a_batch_syncs_every_file_at_once_and_every_folder_at_its_end(tmp_path: Path) -> None:
    disk = Disk()
    store = store_on(disk, tmp_path)
    with store.batch() as batch:
        for number in range(100):
            batch.write(f"a/{number % 2}/{number}", b"1")
        batch.delete("a/0/0")
        assert not [call for call in disk.calls if call.startswith("sync ")]
        store.write("b/outside", b"1")  # makes its own promise
        assert "sync b" in disk.calls
        disk.calls.clear()
    assert sorted(disk.calls) == ["sync 0", "sync 1", "sync a", f"sync {tmp_path.name}"]


def test_a_batch_that_removes_a_folder_syncs_the_one_above(tmp_path: Path) -> None:
    disk = Disk()
    store = store_on(disk, tmp_path)
    store.write("a/b/c", b"1")
    store.write("a/d", b"1")
    disk.calls.clear()
    with store.batch() as batch:
        batch.delete("a/b/c")
    assert "sync a" in disk.calls


def test_without_durability_nothing_is_synced(tmp_path: Path) -> None:
    disk = Disk()
    store = store_on(disk, tmp_path / "root", durable=False)
    store.write("a/b", b"1")
    store.copy("a/b", "c", shared=True)
    store.move("c", "d")
    with store.batch() as batch:
        batch.delete("d")
    assert not [call for call in disk.calls if call.startswith("sync")]


def test_a_file_that_somebody_else_wrote_is_synced_before_it_gets_a_name_of_ours(tmp_path: Path) -> None:
    disk = Disk()
    store = store_on(disk, tmp_path)
    for act in (store.move, lambda source, name: store.copy(source, name, shared=True)):
        (tmp_path / "foreign").write_bytes(b"1")
        disk.calls.clear()
        act("foreign", "ours")
        named = next(index for index, call in enumerate(disk.calls) if call.startswith(("rename", "link")))
        assert any(call.startswith("sync_file") for call in disk.calls[:named])


def test_a_move_makes_the_new_name_durable_before_the_loss_of_the_old_one(tmp_path: Path) -> None:
    disk = Disk()
    store = store_on(disk, tmp_path)
    store.write("a/1", b"1")
    disk.calls.clear()
    store.move("a/1", "b/1")
    assert disk.calls.index("sync b") < disk.calls.index("sync a")


@pytest.mark.parametrize("work", ["write", "create", "copy", "share", "move", "move away", "delete", "sweep"])
def test_nothing_changes_between_a_condition_and_its_write(tmp_path: Path, work: str) -> None:
    """Whoever else would change the folder waits while a writer has looked and not yet renamed."""
    disk = Disk()
    store = store_on(disk, tmp_path)
    tag = store.write("there", OLD)
    other = FolderStore(tmp_path)
    other.write("else/where", b"2")
    (tmp_path / ".x.0123456789abcdef.tmp").write_bytes(b"")
    acts: dict[str, Callable[[], object]] = {
        "write": lambda: other.write("there", b"2"),
        "create": lambda: other.write("anew", b"2", condition=CREATE),
        "copy": lambda: other.copy("else/where", "there"),
        "share": lambda: other.copy("else/where", "there", shared=True),
        "move": lambda: other.move("else/where", "there"),
        "move away": lambda: other.move("there", "else/there"),
        "delete": lambda: other.delete("there"),
        "sweep": lambda: other.sweep(),
    }
    done = []
    intruder = threading.Thread(target=lambda: done.append(acts[work]()))

    def intrude(call: str) -> None:
        if call.startswith("rename"):
            intruder.start()
            intruder.join(0.2)
            assert not done

    disk.fault = intrude
    store.write("there", NEW, condition=Unchanged(tag))
    intruder.join()
    assert done


KILLED = """
import itertools, sys
from tufkeep.stores import FolderStore
store = FolderStore(sys.argv[1])
print("ready", flush=True)
for n in itertools.count():
    data = (b"%020d" % n) * 20000
    with store.lock("work/lock", note="writing"):
        store.write("a/metadata.json", data)
        store.write_stream("b/c/artifact", (data[at : at + 4096] for at in range(0, len(data), 4096)))
        store.move("b/c/artifact", "d/artifact")
        store.copy("d/artifact", "e/artifact", shared=True)
        store.delete("d/artifact")
"""


def test_kill_9_at_any_instant_leaves_whole_objects_and_a_free_lock(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    for round_number in range(12):
        with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None and writer.stdout.readline() == b"ready\n"
            time.sleep(random.Random(round_number).uniform(0, 0.08))
            writer.send_signal(signal.SIGKILL)
        for data in contents(store).values():
            assert len(data) == 400_000 and data == data[:20] * 20_000
        with store.lock("work/lock", note="after"):
            store.sweep()
        assert not list(tmp_path.rglob(".*"))


def test_where_folders_cannot_be_locked_a_file_is(tmp_path: Path) -> None:
    """NFS says EBADF."""

    class Nfs(Directory):
        def _lock_folder(self, fd: int) -> None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))

    class NfsStore(FolderStore):
        _kind = Nfs

    stores = [NfsStore(tmp_path) for _ in range(4)]
    stores[0].write("n", b"0")

    def count(store: Store) -> None:
        done = 0
        while done < 10:
            data, tag = store.read_tagged("n")
            with contextlib.suppress(ObjectChanged):
                store.write("n", b"%d" % (int(data) + 1), condition=Unchanged(tag))
                done += 1

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, stores))
    assert contents(stores[0]) == {"n": b"40"}
    assert sorted(path.name for path in tmp_path.iterdir()) == [".folder.lock", "n"]
