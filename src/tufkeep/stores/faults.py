"""What an OSError means for an object, told as a StoreFault."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tufkeep.stores.errors import (
    LinkRefused,
    NameRefused,
    NotAFile,
    NotAFolder,
    ObjectMissing,
    StoreBroken,
    StoreDenied,
    StoreFault,
    StoreFull,
    StoreReadOnly,
)


class FolderVanished(StoreBroken):
    """The folder was removed with its last object while we were about to use it."""


TOLD: Mapping[int, tuple[type[StoreFault], str]] = {
    errno.ENOSPC: (StoreFull, "no room left"),
    errno.EDQUOT: (StoreFull, "the disk quota is used up"),
    errno.EFBIG: (StoreFull, "longer than this folder's file system takes"),  # FAT: 4 GiB
    errno.EROFS: (StoreReadOnly, "the file system is read-only"),
    errno.EISDIR: (NotAFile, "is a folder, not a file"),
    errno.ENXIO: (NotAFile, "is neither a file nor a folder"),
    errno.ENOTDIR: (NotAFolder, "is a file, not a folder"),
    errno.ENAMETOOLONG: (NameRefused, "the name is too long for this folder's file system"),
    errno.EINVAL: (NameRefused, "this folder's file system takes no such name"),  # FAT: : ? * and their like
    errno.EILSEQ: (NameRefused, "this folder's file system takes no such name"),
}
_DENIED = {errno.EACCES, errno.EPERM}


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Tell what stops a read."""
    try:
        yield
    except OSError as error:
        raise _told(name, error, ObjectMissing(name), StoreDenied(name, "may not be read by this user")) from error


@contextmanager
def writing(name: str) -> Iterator[None]:
    """Tell what stops a write."""
    try:
        yield
    except OSError as error:
        vanished = FolderVanished(name, "its folder vanished")
        raise _told(name, error, vanished, StoreReadOnly(name, "may not be written by this user")) from error


def _told(name: str, error: OSError, missing: StoreFault, denied: StoreFault) -> StoreFault:
    if error.errno == errno.ENOENT:
        return missing
    if error.errno in _DENIED:
        return denied
    if error.errno == errno.ELOOP:
        return LinkRefused(name)
    kind, fact = TOLD.get(error.errno or 0, (StoreBroken, (error.strerror or "the medium failed").lower()))
    return kind(name, fact)
