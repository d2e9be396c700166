"""One open folder: every system call of the folder store that touches the medium.

Below the store's root nothing is reached by path. Each folder is opened from its parent's descriptor without following
links, so a link swapped in at any time leads nowhere: a drive or an archive somebody else prepared cannot make us read
or write outside of it.
"""

# pathlib cannot speak of a name in an open folder
# ruff: noqa: PTH102, PTH105, PTH116

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tufkeep.stores import exclusion
from tufkeep.stores.names import lock_file

_ANCHORED = os.open in os.supports_dir_fd  # all but Windows, where we check for links and hope for no race
_NOT_TEXT = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT = getattr(os, "O_NONBLOCK", 0)  # opening a pipe would wait for its other end
_FOLDER = os.O_RDONLY | _NOT_TEXT | getattr(os, "O_DIRECTORY", 0)

# What file systems answer that know no modes, no links, no locks, or no fsync of a folder.
_UNSUPPORTED = {errno.EPERM, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.ENOTTY}
_UNLOCKABLE = {*_UNSUPPORTED, errno.EBADF, errno.ENOLCK}  # NFS locks no folder: EBADF


class Directory:
    """An open folder, closed at the end of its `with` block. Its methods raise OSError."""

    def __init__(self, path: Path, fd: int | None):
        self._path = path
        self._fd = fd

    @classmethod
    def at(cls, path: Path) -> Self:
        """Open a folder by its path, links and all: where a store lies is its owner's choice."""
        if _ANCHORED:
            return cls(path, os.open(path, _FOLDER))
        if not path.is_dir():
            raise OSError(errno.ENOTDIR if path.exists() else errno.ENOENT, "not a folder")
        return cls(path, None)

    def child(self, segment: str) -> Self:
        """Open a folder in this one.

        Raises:
            OSError: ELOOP for a link, ENOTDIR for anything else that is no folder.
        """
        path = self._path / segment
        if self._fd is None:
            self._demand_folder(segment)
            return type(self)(path, None)
        try:
            return type(self)(path, os.open(self._named(segment), _FOLDER | _NO_LINK, dir_fd=self._fd))
        except NotADirectoryError:
            self._demand_folder(segment)  # Linux says ENOTDIR for a link, too
            raise

    def _demand_folder(self, segment: str) -> None:
        mode = self.stat(segment).st_mode
        if not stat.S_ISDIR(mode):
            raise OSError(errno.ELOOP if stat.S_ISLNK(mode) else errno.ENOTDIR, "not a folder")

    def _named(self, segment: str) -> str:
        """Return what the system calls this entry; for file systems that fold names."""
        return segment

    def _at(self, segment: str) -> tuple[str, dict[str, Any]]:
        named = self._named(segment)
        return (str(self._path / named), {}) if self._fd is None else (named, {"dir_fd": self._fd})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._fd is not None:
            os.close(self._fd)

    @property
    def identity(self) -> tuple[int, int]:
        """Device and inode: the same for two ways to the same folder."""
        seen = os.stat(self._path if self._fd is None else self._fd)
        return seen.st_dev, seen.st_ino

    def stat(self, segment: str) -> os.stat_result:
        """Return what stands there, a link for itself."""
        named, anchor = self._at(segment)
        return os.stat(named, follow_symlinks=False, **anchor)

    def scan(self) -> list[tuple[str, os.stat_result]]:
        """Return the entries, links for themselves, in no order."""
        found = []
        with os.scandir(self._path if self._fd is None else self._fd) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):  # gone since
                    found.append((entry.name, entry.stat(follow_symlinks=False)))
        return found

    def open(self, segment: str, flags: int = os.O_RDONLY, mode: int = 0o600) -> int:
        """Open a regular file, never through a link.

        Raises:
            OSError: ELOOP for a link, EISDIR for a folder, ENXIO for a pipe or a device.
        """
        named, anchor = self._at(segment)
        fd = os.open(named, flags | _NOT_TEXT | _NO_LINK | _NO_WAIT, mode, **anchor)
        kind = os.fstat(fd).st_mode
        if not stat.S_ISREG(kind):
            os.close(fd)
            raise OSError(errno.EISDIR if stat.S_ISDIR(kind) else errno.ENXIO, "not a regular file")
        return fd

    def write(self, fd: int, data: bytes) -> None:
        """Write all of it."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(fd, rest) :]

    def sync_file(self, fd: int) -> None:
        """Return when the file's bytes have reached the medium."""
        if sys.platform == "darwin":
            import fcntl

            with contextlib.suppress(OSError):  # not on every file system
                fcntl.fcntl(fd, fcntl.F_FULLFSYNC)  # fsync alone stops at the drive's cache
                return
        os.fsync(fd)

    def sync(self) -> None:
        """Return when the folder's entries have reached the medium, as far as its file system can say."""
        if self._fd is not None:
            _if_supported(self._fsync, self._fd)

    def set_mode(self, fd: int, mode: int) -> None:
        """Give an open file its mode, where there are modes. The umask has no say."""
        _if_supported(self._chmod, fd, mode)

    def set_own_mode(self, mode: int) -> None:
        """Give this folder its mode, where there are modes."""
        if self._fd is not None:
            self.set_mode(self._fd, mode)

    def make(self, segment: str, mode: int) -> None:
        named, anchor = self._at(segment)
        os.mkdir(named, mode, **anchor)

    def rename(self, segment: str, target: Directory, target_segment: str) -> None:
        """Give a file another name, over the file that has it."""
        source, _ = self._at(segment)
        name, _ = target._at(target_segment)
        if self._fd is None:
            os.replace(source, name)
        else:
            os.rename(source, name, src_dir_fd=self._fd, dst_dir_fd=target._fd)

    def link(self, segment: str, target: Directory, target_segment: str) -> bool:
        """Give a file one more name, False where that cannot be."""
        try:
            self._link(segment, target, target_segment)
        except OSError as error:
            if error.errno not in {*_UNSUPPORTED, errno.EXDEV, errno.EMLINK, errno.EACCES}:
                raise
            return False
        return True

    def unlink(self, segment: str) -> None:
        named, anchor = self._at(segment)
        os.unlink(named, **anchor)

    def remove(self, segment: str) -> None:
        """Remove an empty folder."""
        named, anchor = self._at(segment)
        os.rmdir(named, **anchor)

    def _fsync(self, fd: int) -> None:
        os.fsync(fd)

    def _chmod(self, fd: int, mode: int) -> None:
        if hasattr(os, "fchmod"):
            os.fchmod(fd, mode)

    def _link(self, segment: str, target: Directory, target_segment: str) -> None:
        source, _ = self._at(segment)
        name, _ = target._at(target_segment)
        if self._fd is None:
            raise OSError(errno.ENOTSUP, "no descriptor to link from")
        os.link(source, name, src_dir_fd=self._fd, dst_dir_fd=target._fd, follow_symlinks=False)

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Let one writer at a time decide and rename in this folder, across threads and processes.

        The lock is on the folder itself, so it leaves no file behind and stores that overlap share it. Where folders
        cannot be locked (NFS, Windows), a file in it is.
        """
        fd = self._locked_folder()
        if fd is None:
            fd = self.open(lock_file("folder"), os.O_RDWR | os.O_CREAT, 0o666)
            exclusion.lock(fd)
        try:
            yield
        finally:
            os.close(fd)

    def _locked_folder(self) -> int | None:
        if self._fd is None:
            return None
        fd = os.open(".", _FOLDER, dir_fd=self._fd)  # a new one: locks belong to open files, not to threads
        try:
            self._lock_folder(fd)
        except OSError as error:
            os.close(fd)
            if error.errno in _UNLOCKABLE:
                return None
            raise
        return fd

    def _lock_folder(self, fd: int) -> None:
        exclusion.lock(fd)


def _if_supported(call: Callable[..., None], *arguments: int) -> None:
    try:
        call(*arguments)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
