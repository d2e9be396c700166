"""What the agent does on a disk beyond a store's named bytes: folders, links, their durability."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path


def sync_folder(path: Path) -> None:
    """Make sure that what was created, renamed or removed in a folder stays so after a power cut.

    Some systems know no such thing (Windows, FAT, network drives); there the rest has to do.
    """
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def make_folder(path: Path) -> None:
    """Make a folder, and what is missing above it: 0755 whatever the umask, so that others can run what is in it.

    A folder that is there keeps the mode that it has.
    """
    if path.is_dir():
        return
    make_folder(path.parent)
    path.mkdir(exist_ok=True)
    with suppress(OSError):  # FAT knows no modes
        path.chmod(0o755)
    sync_folder(path.parent)


def clear_way(path: Path, *, folder: bool = False) -> None:
    """Move aside what is in the place of a file of ours, or of a folder: it may be somebody's, so it is not removed."""
    there = path.is_symlink() or path.exists()
    if not there or (path.is_dir() and not path.is_symlink()) is folder:
        return
    taken = {each.name for each in path.parent.iterdir()}
    names = (f"{path.name}.aside-{number}" for number in range(1, len(taken) + 2))
    rename_folder(path, path.with_name(next(name for name in names if name not in taken)))


def rename_folder(source: Path, target: Path) -> None:
    """Give a folder another name beside the old one; durable."""
    source.rename(target)
    sync_folder(target.parent)


def remove_folder(path: Path) -> None:
    """Remove a folder, so that it is never seen half removed under its own name."""
    if not path.is_symlink() and path.is_dir():
        doomed = path if path.name.startswith(".gone-") else path.with_name(f".gone-{path.name}")
        if doomed != path:
            shutil.rmtree(doomed, ignore_errors=True)
            path.rename(doomed)
        shutil.rmtree(doomed, ignore_errors=True)
