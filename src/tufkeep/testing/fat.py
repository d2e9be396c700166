"""A folder that behaves like a FAT drive.

What a USB drive from the shelf does, as Linux mounts it: no modes (every file looks executable), no links, names that
differ only in case are one, some characters are refused, times are even seconds. And, as some drivers do, a folder
that cannot be fsynced.
"""

from __future__ import annotations

import errno
import os
import re
import stat

from tufkeep.stores.directory import Directory
from tufkeep.stores.folder import FolderStore

_REFUSED = re.compile(r'[\x00-\x1f"*:<>?|\\]')


class FatDirectory(Directory):
    """An open folder on a FAT drive."""

    def _named(self, segment: str) -> str:
        if _REFUSED.search(segment):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        found = os.listdir(self._path if self._fd is None else self._fd)  # noqa: PTH208
        return next((name for name in found if name.casefold() == segment.casefold()), segment)

    def rename(self, segment: str, target: Directory, target_segment: str) -> None:
        named = self._named(segment)
        if self.identity == target.identity and named == self._named(target_segment):
            os.rename(named, target_segment, src_dir_fd=self._fd, dst_dir_fd=self._fd)  # its case changes
        else:
            super().rename(segment, target, target_segment)

    def stat(self, segment: str) -> os.stat_result:
        return _on_fat(super().stat(segment))

    def scan(self) -> list[tuple[str, os.stat_result]]:
        return [(segment, _on_fat(seen)) for segment, seen in super().scan()]

    def _fsync(self, fd: int) -> None:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    def _chmod(self, fd: int, mode: int) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    def _link(self, segment: str, target: Directory, target_segment: str) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))


def _on_fat(seen: os.stat_result) -> os.stat_result:
    mode = stat.S_IFMT(seen.st_mode) | 0o755
    times = [int(when) // 2 * 2 for when in (seen.st_atime, seen.st_mtime, seen.st_ctime)]
    return os.stat_result((mode, *seen[1:3], 1, *seen[4:7], *times))


class FatStore(FolderStore):
    """A FolderStore on a drive that looks like FAT, in any folder."""

    _kind = FatDirectory
