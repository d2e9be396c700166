"""Permission bits of keys: who else on this machine can read them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700

_MOUNTS = Path("/proc/self/mountinfo")
_NO_MODES = frozenset({"vfat", "msdos", "exfat", "ntfs", "ntfs3", "fuseblk"})  # show whatever mode the mount was given


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseMode:
    """A key file, or the folder of them, that others than the owner can get at."""

    name: str  # "." is the folder
    found: int
    wanted: int

    @property
    def sentence(self) -> str:
        what = "the key folder" if self.name == "." else self.name
        return f"{what}: mode {self.found:04o} lets others in, {self.wanted:04o} would not"


def loose_mode(name: str, found: int | None) -> LooseMode | None:
    """Return what is wrong with the mode of a key file, or of the folder for "."; None when nothing is."""
    wanted = FOLDER_MODE if name == "." else FILE_MODE
    return LooseMode(name=name, found=found, wanted=wanted) if found is not None and found & 0o077 else None


def modes_below(folder: Path, *, mounts: Path = _MOUNTS) -> Callable[[str], int | None]:
    """Return the `modes` of a KeyFolder whose files lie in a folder on disk.

    FAT and its like keep no modes; what they show belongs to the mount, and no chmod changes it.
    """

    @cache
    def keeps_modes(device: int) -> bool:
        return _file_system(device, mounts) not in _NO_MODES

    def mode(name: str) -> int | None:
        try:
            found = (folder / name).lstat()
        except OSError:
            return None
        return found.st_mode & 0o777 if keeps_modes(found.st_dev) else None

    return mode


def _file_system(device: int, mounts: Path) -> str | None:
    wanted = f"{os.major(device)}:{os.minor(device)}"
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None  # not Linux, where nothing tells
    for line in lines:
        before, _, after = line.partition(" - ")
        if wanted in before.split()[2:3]:
            return next(iter(after.split()), None)
    return None
