"""What a caller names a store by: a folder, as text or as a path, or a store of any kind."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import TypeAlias

from tufkeep.clock import Clock, system_clock
from tufkeep.stores.errors import NotAFolder, ObjectMissing
from tufkeep.stores.folder import FolderStore
from tufkeep.stores.overlay import OverlayStore
from tufkeep.stores.store import Store

FilePath: TypeAlias = str | os.PathLike[str]
Place: TypeAlias = str | os.PathLike[str] | Store


def store_at(place: Place, *, clock: Clock = system_clock, standing: Collection[str] = ()) -> Store:
    """Return the store that a caller names.

    Args:
        standing: as of `FolderStore`.

    Raises:
        ValueError: the text is empty.
    """
    if isinstance(place, Store):
        return place
    return FolderStore(file_path(place), clock=clock, standing=standing)


def folder_of(store: Store) -> Path | None:
    """Return the folder on this disk that a store reads from, None where it is none."""
    if isinstance(store, OverlayStore):
        return folder_of(store.base)
    return store.path if isinstance(store, FolderStore) else None


def folder_at(given: FilePath, *, clock: Clock = system_clock) -> FolderStore:
    """Return a folder that must be there.

    Raises:
        ObjectMissing: it is not.
        NotAFolder: it is a file.
    """
    path = file_path(given)
    if not path.is_dir():
        raise NotAFolder(f"{given}", "not a folder") if path.exists() else ObjectMissing(f"{given}")
    return FolderStore(path, clock=clock)


def file_path(given: FilePath) -> Path:
    """Return a path that a caller gave.

    Raises:
        ValueError: the text is empty, or contains a NUL.
    """
    text = os.fspath(given)
    if not text or "\0" in text:
        raise ValueError(f"{text!r} is no path")
    return Path(text)
