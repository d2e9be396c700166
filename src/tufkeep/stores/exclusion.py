"""Locks of the operating system on open files: gone with their holder, however it dies."""

from __future__ import annotations

import errno
import sys

_TAKEN = {errno.EACCES, errno.EAGAIN, errno.EDEADLK}

if sys.platform == "win32":
    import msvcrt
    import os

    _FAR_AWAY = 1 << 30  # Windows forbids reading a locked byte, so one is locked that no file of ours has

    def lock(fd: int) -> None:
        """Wait until no other open file holds the lock, then hold it until `fd` is closed."""
        while not try_lock(fd):
            continue  # LK_NBLCK itself is quick; LK_LOCK would give up after ten seconds

    def try_lock(fd: int) -> bool:
        """Hold the lock until `fd` is closed, unless another open file holds it."""
        os.lseek(fd, _FAR_AWAY, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno in _TAKEN:
                return False
            raise
        finally:
            os.lseek(fd, 0, os.SEEK_SET)
        return True

else:
    import fcntl

    # flock, not fcntl locks: those are lost as soon as any descriptor of the same file closes, and they let every
    # thread of the process in.
    def lock(fd: int) -> None:
        """Wait until no other open file holds the lock, then hold it until `fd` is closed."""
        fcntl.flock(fd, fcntl.LOCK_EX)

    def try_lock(fd: int) -> bool:
        """Hold the lock until `fd` is closed, unless another open file holds it."""
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _TAKEN:
                return False
            raise
        return True
