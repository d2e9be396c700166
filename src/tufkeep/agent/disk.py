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
