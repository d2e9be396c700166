"""A lock that a living process holds, in a file that says who it is."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

from tufkeep.stores import exclusion
from tufkeep.stores.directory import Directory
from tufkeep.stores.holder import Holder

_LIMIT_BYTES = 4096  # a lock file is a line; a longer one is not ours to read


def acquire(folder: Directory, segment: str, mine: Holder) -> int | Holder | None:
    """Return the descriptor that holds the lock, or else who holds it, None when the holder has not yet said so.

    The lock is the operating system's, on the open file: a holder that dies lets go of it, and the file it leaves is
    only a file. Raises OSError.
    """
    while True:
        fd, writable = _open(folder, segment)
        with ExitStack() as stack:
            stack.callback(os.close, fd)
            if not exclusion.try_lock(fd):
                return _read(fd)
            if not _stands(folder, segment, fd):
                continue  # the holder removed this file as it let go: the lock is on the next one
            if not writable:
                folder.unlink(segment)  # what another user's dead process left; we cannot put our name in it
                continue
            _write(folder, fd, mine)
            stack.pop_all()
            _held.add(fd)
            return fd


def _open(folder: Directory, segment: str) -> tuple[int, bool]:
    try:
        return folder.open(segment, os.O_RDWR | os.O_CREAT, 0o644), True
    except PermissionError as denied:
        try:
            return folder.open(segment), False  # enough to see whether another user holds it, and who
        except FileNotFoundError:
            raise denied from None


@contextmanager
def held(folder: Directory, segment: str, fd: int) -> Iterator[None]:
    """Keep an acquired lock for a block."""
    try:
        yield
    finally:
        if fd in _held:
            try:
                with contextlib.suppress(OSError):
                    folder.unlink(segment)  # first this, then letting go: nobody else's file is ever removed
            finally:
                _held.discard(fd)
                os.close(fd)


_held: set[int] = set()


def _forget() -> None:
    """Leave the locks to the parent: a child that kept them open would hold them when the parent is dead."""
    while _held:
        os.close(_held.pop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def _stands(folder: Directory, segment: str, fd: int) -> bool:
    try:
        return os.path.samestat(folder.stat(segment), os.fstat(fd))
    except FileNotFoundError:
        return False


def _write(folder: Directory, fd: int, mine: Holder) -> None:
    told = {"pid": mine.pid, "host": mine.host, "note": mine.note, "since": mine.since.isoformat()}
    folder.set_mode(fd, 0o644)  # whoever finds it taken may know by whom
    os.ftruncate(fd, 0)
    os.lseek(fd, 0, os.SEEK_SET)
    folder.write(fd, json.dumps(told).encode() + b"\n")


def _read(fd: int) -> Holder | None:
    try:
        told = json.loads(os.read(fd, _LIMIT_BYTES))
        since = datetime.fromisoformat(told["since"]).astimezone(UTC)
        return Holder(pid=int(told["pid"]), host=str(told["host"]), note=str(told["note"]), since=since)
    except (OSError, ValueError, KeyError, TypeError):
        return None  # it has just begun to write, or this is no file of ours
