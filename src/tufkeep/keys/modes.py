"""Permission bits of keys: who else on this machine can read them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700

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


def modes_below(folder: Path) -> Callable[[str], int | None]:
    """Return the `modes` of a StoreKeyFolder whose files lie in a folder on disk.

    FAT and its like keep no modes; what they show belongs to the mount, and no chmod changes it.
    """

    def mode(name: str) -> int | None:
        try:
            found = (folder / name).lstat()
        except OSError:
            return None
        return None if _file_system(found.st_dev) in _NO_MODES else found.st_mode & 0o777

    return mode


def _file_system(device: int) -> str | None:
    wanted = f"{os.major(device)}:{os.minor(device)}"
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    for mount in mounts.splitlines():
        before, _, after = mount.partition(" - ")
        if before.split()[2] == wanted:
            return after.split()[0]
    return None
