"""Locks and conditions between processes: one holder, one winner, and none after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tufkeep.stores import FolderStore, Locked, StoreReadOnly
from tufkeep.stores.directory import Directory
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.fat import FatStore

HOLD = """
import sys, time
from tufkeep.stores import FolderStore
with FolderStore(sys.argv[1]).lock("work/lock", note="release 1.2"):
    print("held", flush=True)
    time.sleep(600)
"""

RACE = """
import sys, time
from tufkeep.stores import FolderStore, CREATE, ObjectExists, ObjectChanged, Unchanged
path, start, me = sys.argv[1:]
store = FolderStore(path)
time.sleep(max(0, float(start) - time.time()))
for turn in range(20):
    try:
        store.write(f"turn/{turn}/winner", me.encode(), condition=CREATE)
        print(turn, flush=True)
    except ObjectExists:
        pass
done = 0
while done < 10:
    data, tag = store.read_tagged("count")
    try:
        store.write("count", b"%d" % (int(data) + 1), condition=Unchanged(tag))
        done += 1
    except ObjectChanged:
        pass
with store.lock("lock", note="race", wait_seconds=120):
    value = int(store.read("locked"))
    time.sleep(0.001)
    store.write("locked", b"%d" % (value + 1))
"""


@contextmanager
def holder(path: Path, *, user: int | None = None) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, user=user) as process:
        assert process.stdout is not None and process.stdout.readline() == b"held\n"
        try:
            yield process
        finally:
            process.kill()


def test_of_sixteen_processes_one_wins_and_no_update_is_lost(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.write("count", b"0")
    store.write("locked", b"0")
    start = str(time.time() + 2)
    racers = [
        subprocess.Popen([sys.executable, "-c", RACE, str(tmp_path), start, str(number)], stdout=subprocess.PIPE)
        for number in range(16)
    ]
    turns = {number: racer.communicate()[0].split() for number, racer in enumerate(racers)}
    assert [racer.returncode for racer in racers] == [0] * 16
    winners = {int(turn): number for number, won in turns.items() for turn in won}
    assert sum(len(won) for won in turns.values()) == len(winners) == 20
    for turn, number in winners.items():
        assert store.read(f"turn/{turn}/winner") == b"%d" % number
    assert store.read("count") == b"160"
    assert store.read("locked") == b"16"


def test_a_lock_tells_who_holds_it_until_the_holder_is_killed(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    with holder(tmp_path) as process:
        with pytest.raises(
            Locked, match=rf"^work/lock: locked by process {process.pid} on .+ \(release 1.2\) since 20"
        ):
            store.lock("work/lock", note="me").__enter__()
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert (tmp_path / "work/.lock.lock").exists()  # what the dead leave behind locks nobody out
        with store.lock("work/lock", note="me"):
            assert b'"me"' in (tmp_path / "work/.lock.lock").read_bytes()
    assert list((tmp_path / "work").iterdir()) == []


def test_a_holder_that_says_nothing_holds_all_the_same(tmp_path: Path) -> None:
    for said in (b"", b"{", b"[]", b'{"pid": "x"}', b"\xff" * 10_000):
        with holder(tmp_path):
            (tmp_path / "work/.lock.lock").write_bytes(said)
            with pytest.raises(Locked, match=r"^work/lock: locked by another process$"):
                FolderStore(tmp_path).lock("work/lock", note="").__enter__()


def test_a_note_cannot_move_the_cursor(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    with store.lock("lock", note="\x1b[2Jgone"), pytest.raises(Locked) as caught:
        store.lock("lock", note="").__enter__()
    assert "\x1b" not in str(caught.value)


def test_a_lock_says_since_when_by_the_clock_it_was_given(tmp_path: Path) -> None:
    clock = FakeClock()
    store = FolderStore(tmp_path, clock=clock)
    with store.lock("lock", note="early"):
        clock.advance(hours=3)
        with pytest.raises(Locked, match="since 2026-01-01T00:00:00Z"):
            store.lock("lock", note="late").__enter__()


def test_waiting_for_a_lock_ends(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    with store.lock("lock", note=""):
        began = time.monotonic()
        with pytest.raises(Locked):
            store.lock("lock", note="", wait_seconds=0.2).__enter__()
        assert 0.2 <= time.monotonic() - began < 5


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="nothing to count open files with")
def test_waiting_for_a_lock_opens_nothing_that_stays_open(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    open_before = set(Path("/proc/self/fd").iterdir())
    with store.lock("lock", note=""), pytest.raises(Locked):
        store.lock("lock", note="", wait_seconds=0.2).__enter__()
    assert len(set(Path("/proc/self/fd").iterdir())) == len(open_before)


def test_a_lock_file_that_its_holder_removes_as_we_open_it_is_not_the_lock(tmp_path: Path) -> None:
    """The holder removes the file and lets go; whoever had opened it in time could lock what nobody else sees."""
    removed: list[str] = []

    class Late(Directory):
        def open(self, segment: str, flags: int = os.O_RDONLY, mode: int = 0o600) -> int:
            fd = super().open(segment, flags, mode)
            if segment == ".lock.lock" and not removed:
                removed.append(segment)
                self.unlink(segment)
            return fd

    class LateStore(FolderStore):
        _kind = Late

    with LateStore(tmp_path).lock("lock", note=""), pytest.raises(Locked):
        FolderStore(tmp_path).lock("lock", note="").__enter__()
    assert removed


@contextmanager
def child_of(parent: int) -> Iterator[None]:
    """Run a block in which a child may appear; the child ends with the block."""
    try:
        yield
    finally:
        if os.getpid() != parent:
            os._exit(0)


def test_a_child_that_leaves_the_block_does_not_free_the_lock(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    with child_of(os.getpid()), store.lock("lock", note="parent"):
        child = os.fork()
        if child == 0:
            raise SystemExit
        os.waitpid(child, 0)
        with pytest.raises(Locked):
            FolderStore(tmp_path).lock("lock", note="").__enter__()


def test_a_child_does_not_hold_the_lock_when_its_parent_is_done(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    with store.lock("lock", note="parent"):
        child = os.fork()
        if child == 0:
            time.sleep(600)
            os._exit(0)
    try:
        with store.lock("lock", note="while the child lives"):
            pass
        assert os.waitpid(child, os.WNOHANG) == (0, 0)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@pytest.mark.skipif(os.getuid() != 0, reason="needs a second user")
def test_another_users_lock_is_respected_until_that_user_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "work").mkdir()
    (tmp_path / "work").chmod(0o777)
    tmp_path.chmod(0o755)
    with holder(tmp_path) as process:
        os.seteuid(65534)
        try:
            with pytest.raises(Locked, match=rf"process {process.pid} "):
                FolderStore(".").lock("work/lock", note="").__enter__()
            os.seteuid(0)
            process.kill()
            process.wait()
            os.seteuid(65534)
            with FolderStore(".").lock("work/lock", note="mine now"):
                assert Path("work/.lock.lock").stat().st_uid == 65534
            with pytest.raises(StoreReadOnly):
                FolderStore(".").lock("top", note="").__enter__()
        finally:
            os.seteuid(0)


def test_a_lock_works_on_a_fat_drive(tmp_path: Path) -> None:
    store = FatStore(tmp_path)
    with store.lock("Work/Lock", note="upper"), pytest.raises(Locked, match="upper"):
        store.lock("work/lock", note="lower").__enter__()
    with store.lock("work/lock", note="lower"):
        pass
