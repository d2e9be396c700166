"""A .tar.gz made a folder: that folder or nothing.

What may be in it is decided by `archives`. Links are made last, so that nothing is ever written through one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from tufkeep.agent.disk import make_folder, sync_folder
from tufkeep.archives.reading import ArchivedFile, ArchivedFolder, ArchivedLink, ArchivedTwin, read_archive
from tufkeep.archives.rules import ArchiveLimits, BadArchive
from tufkeep.stores import FolderStore, LinkRefused, NameRefused, NotAFile, NotAFolder, Store
from tufkeep.stores.faults import writing

_NAMES = (NameRefused, NotAFile, NotAFolder, LinkRefused)  # what an entry's name can be guilty of on this disk


@dataclass(frozen=True, slots=True)
class Contents:
    """What a folder holds."""

    files: dict[str, str] = field(default_factory=dict)  # path -> sha256
    links: dict[str, str] = field(default_factory=dict)  # path -> where it points
    executable: frozenset[str] | None = None  # those of the files, as the disk tells; None: nobody wrote it down


def unpack(
    archive: BinaryIO, folder: Path, *, limits: ArchiveLimits | None = None, store: Store | None = None
) -> Contents:
    """Unpack a gzipped tar archive into a folder of its own; return what it holds.

    Files become 0644, or 0755 where anybody may run them, folders 0755; owner, times and special bits are not
    taken over. Everything has reached the disk when this returns.

    Args:
        store: what the folder's files are written through.

    Raises:
        BadArchive: see `read_archive`; or this disk does not keep it as it is. What was unpacked until then is for
            the caller to remove.
    """
    store = store or FolderStore(folder)
    contents, folders = Contents(), set[str]()
    make_folder(folder)
    try:
        with store.batch() as batch:
            for entry in read_archive(archive, limits=limits):
                if isinstance(entry, ArchivedFolder):
                    folders.add(entry.name)
                elif isinstance(entry, ArchivedLink):
                    contents.links[entry.name] = entry.target
                else:
                    contents.files[entry.name] = _write(entry, batch, contents)
    except _NAMES as error:
        raise BadArchive(str(error)) from error
    _finish(folder, folders, contents)
    return contents


def _write(entry: ArchivedFile | ArchivedTwin, store: Store, contents: Contents) -> str:
    """Write a file, return its sha256; a disk that takes two names for one does not keep what was signed."""
    if store.stat(entry.name) is not None:
        raise BadArchive("is another entry's name, too, on this disk", entry=entry.name)
    if isinstance(entry, ArchivedTwin):
        store.copy(entry.source, entry.name)
        return contents.files[entry.source]
    digest = hashlib.sha256()

    def hashed() -> Iterator[bytes]:
        for chunk in entry.chunks:
            digest.update(chunk)
            yield chunk

    store.write_stream(entry.name, hashed(), executable=entry.executable)
    return digest.hexdigest()


def _finish(folder: Path, folders: set[str], contents: Contents) -> None:
    """Make empty folders, then links: nothing is written any more that could follow one."""
    parents = {name.rpartition("/")[0] for name in contents.links}
    for name in sorted((folders | parents) - {""}):
        with writing(name):
            make_folder(folder / name)
    for name, target in contents.links.items():
        path = folder / name
        with writing(name):
            try:
                path.symlink_to(target)
            except FileExistsError:
                raise BadArchive("is another entry's name, too, on this disk", entry=name) from None
            sync_folder(path.parent)
