"""A file being written beside its target."""

from __future__ import annotations

import contextlib
import os
from types import TracebackType
from typing import Self

from tufkeep.stores import exclusion
from tufkeep.stores.directory import Directory
from tufkeep.stores.names import temporary

_CLOSED = -1


class NewFile:
    """A file under a temporary name until it is put in place; gone at the end of the block if it was not.

    Its writer holds a lock on it, so that a sweep can tell the draft of a living writer, however old, from what a dead
    one left behind, however young. Its methods raise OSError.
    """

    def __init__(self, folder: Directory, segment: str):
        self._folder = folder
        self._segment = segment
        self._temporary, self._fd = _begin(folder, segment)

    def __enter__(self) -> Self:
        return self

    def write(self, data: bytes) -> None:
        self._folder.write(self._fd, data)

    def finish(self, *, mode: int, durable: bool) -> None:
        """Give the file its mode and see its bytes to the medium, before a name makes them count."""
        self._folder.set_mode(self._fd, mode)
        if durable:
            self._folder.sync_file(self._fd)

    def place(self) -> None:
        """Give the file its name, over the file that has it."""
        if os.name == "nt":
            self._close()  # Windows renames no open file
        self._folder.rename(self._temporary, self._folder, self._segment)
        self._temporary = ""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._temporary:
                with contextlib.suppress(OSError):  # what stopped the write matters more; a sweep finds the rest
                    self._folder.unlink(self._temporary)
        finally:
            self._close()

    def _close(self) -> None:
        if self._fd != _CLOSED:
            os.close(self._fd)
            self._fd = _CLOSED


def _begin(folder: Directory, segment: str) -> tuple[str, int]:
    while True:
        name = temporary(segment, os.urandom(8).hex())
        fd = folder.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        if _claim(fd):
            return name, fd
        os.close(fd)  # a sweep came between making and locking, and took it for a leftover, or only looked at it
        with contextlib.suppress(OSError):
            folder.unlink(name)


def _claim(fd: int) -> bool:
    try:
        return exclusion.try_lock(fd) and os.fstat(fd).st_nlink > 0
    except OSError:
        return True  # no locks here, so no sweep either


def link(start: Directory, source: str, folder: Directory, segment: str) -> bool:
    """Give a file a second name, over the file that has it; False where the file system cannot. Raises OSError.

    For the length of the call a temporary name carries it: the caller holds the folder's guard, so no sweep takes it.
    """
    name = temporary(segment, os.urandom(8).hex())
    if not start.link(source, folder, name):
        return False
    try:
        folder.rename(name, folder, segment)
    finally:
        with contextlib.suppress(OSError):
            folder.unlink(name)  # still there where both names were one file already: then a rename does nothing
    return True


def sweep(folder: Directory, leftover: str, *, look_only: bool = False) -> bool:
    """Remove a temporary file whose writer is dead, or only look; return whether that was so."""
    try:
        fd = folder.open(leftover, os.O_RDWR)
    except (FileNotFoundError, PermissionError):  # in its place by now; another user's, who will sweep it
        return False
    try:
        if not _abandoned(fd):
            return False
        if not look_only:
            folder.unlink(leftover)
    finally:
        os.close(fd)
    return True


def _abandoned(fd: int) -> bool:
    try:
        return exclusion.try_lock(fd)
    except OSError:
        return False  # no locks here, so nobody can tell
