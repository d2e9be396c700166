"""A .tar.gz made a folder: that folder or nothing.

Whoever may sign a target may not thereby write over other files, leave programs that run as their
owner, or fill the disk. Links may point inside the folder only, and are made last, so that nothing
is ever written through one.
"""

from __future__ import annotations

import hashlib
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from tufkeep.agent.disk import sync_folder
from tufkeep.errors import TrustRefused
from tufkeep.metadata.targets import is_safe
from tufkeep.stores import FolderStore, LinkRefused, NameRefused, NotAFile, NotAFolder, Store, UnsafeName
from tufkeep.stores.faults import writing

_CHUNK_BYTES = 1 << 18
_NAMES = (UnsafeName, NameRefused, NotAFile, NotAFolder, LinkRefused)  # what an entry's name can be guilty of
_BROKEN = (tarfile.TarError, EOFError, zlib.error, UnicodeError, ValueError)


class BadArchive(TrustRefused):
    """An archive that is broken, or that would do more than fill its folder."""

    exit_code = 22

    def __init__(self, fact: str, *, entry: str | None = None):
        super().__init__(f"archive: {fact}" if entry is None else f"archive: {entry!r} {fact}")
        self.entry = entry


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLimits:
    """How much an archive may unpack to."""

    entries: int = 100_000
    total_bytes: int = 8 << 30


@dataclass(frozen=True, slots=True)
class Contents:
    """What a folder holds."""

    files: dict[str, str] = field(default_factory=dict)  # path -> sha256
    links: dict[str, str] = field(default_factory=dict)  # path -> where it points


def unpack(
    archive: BinaryIO, folder: Path, *, limits: ArchiveLimits | None = None, store: Store | None = None
) -> Contents:
    """Unpack a gzipped tar archive into a folder of its own; return what it holds.

    Files become 0644, or 0755 where anybody may run them; owner, times and special bits are not
    taken over. Everything has reached the disk when this returns.

    Args:
        store: what the folder's files are written through.

    Raises:
        BadArchive: it is broken, too big, or has an entry that is not a file, folder or link
            inside. What was unpacked until then is for the caller to remove.
    """
    unpacking = _Unpacking(folder, store or FolderStore(folder), limits or ArchiveLimits())
    try:
        with tarfile.open(fileobj=archive, mode="r|gz") as opened, unpacking.store.batch() as batch:
            for member in opened:
                unpacking.take(opened, member, batch)
        unpacking.finish()
    except _NAMES as error:
        raise BadArchive(str(error)) from error
    except _BROKEN as error:
        raise BadArchive(f"is broken: {error}") from error
    return unpacking.contents


class _Unpacking:
    def __init__(self, folder: Path, store: Store, limits: ArchiveLimits):
        self.store = store
        self.contents = Contents()
        self._folder = folder
        self._limits = limits
        self._left = limits.total_bytes
        self._seen: set[str] = set()
        self._folders: set[str] = set()

    def take(self, opened: tarfile.TarFile, member: tarfile.TarInfo, batch: Store) -> None:
        name = member.name.removeprefix("./").rstrip("/")
        if member.isdir():
            if name not in ("", "."):
                self._folders.add(self._checked(name))
            return
        if self._checked(name) in self._seen:
            raise BadArchive("appears in it twice", entry=name)
        self._seen.add(name)
        if len(self._seen) > self._limits.entries:
            raise BadArchive(f"has more than {self._limits.entries:,} entries")
        if member.isreg():
            self._file(opened, member, name, batch)
        elif member.islnk():
            self._same_file(member, name, batch)
        elif member.issym():
            self.contents.links[name] = _inside(name, member.linkname)
        else:
            raise BadArchive("is neither file, folder nor link", entry=name)

    def finish(self) -> None:
        """Make empty folders, then links: nothing is written any more that could follow one."""
        with writing(self._folder.name):
            self._folder.mkdir(parents=True, exist_ok=True)
        parents = {name.rpartition("/")[0] for name in self.contents.links}
        for name in sorted((self._folders | parents) - {""}):
            self._make(name, None)
        for name, target in self.contents.links.items():
            self._make(name, target)

    def _make(self, name: str, target: str | None) -> None:
        path = self._folder / name
        with writing(name):
            try:
                if target is None:
                    path.mkdir(mode=0o755, parents=True, exist_ok=True)
                else:
                    path.symlink_to(target)
            except (FileExistsError, NotADirectoryError):
                raise BadArchive("is two things at once", entry=name) from None
            sync_folder(path.parent)

    def _checked(self, name: str) -> str:
        if not is_safe(name):
            raise BadArchive("would not stay in its folder", entry=name)
        return name

    def _file(self, opened: tarfile.TarFile, member: tarfile.TarInfo, name: str, batch: Store) -> None:
        stream = opened.extractfile(member)
        assert stream is not None
        digest = hashlib.sha256()

        def chunks() -> Iterator[bytes]:
            while chunk := stream.read(_CHUNK_BYTES):
                self._left -= len(chunk)
                if self._left < 0:
                    raise BadArchive(f"unpacks to more than {self._limits.total_bytes:,} bytes")
                digest.update(chunk)
                yield chunk

        batch.write_stream(name, chunks(), executable=bool(member.mode & 0o111))
        self.contents.files[name] = digest.hexdigest()

    def _same_file(self, member: tarfile.TarInfo, name: str, batch: Store) -> None:
        """Take a hard link for what it says: the file of another entry once more."""
        source = member.linkname.removeprefix("./")
        if source not in self.contents.files:
            raise BadArchive(f"is a link to {source!r}, which is no file before it", entry=name)
        batch.copy(source, name)
        self.contents.files[name] = self.contents.files[source]


def _inside(name: str, target: str) -> str:
    """Accept a link's target that stays inside, whatever the other links of the archive point to.

    `..` may stand only at its beginning, where the folders above are real ones: behind a name that is
    itself a link it would mean another folder than it seems to.
    """
    parts = target.split("/")
    while parts and parts[0] == "..":
        parts.pop(0)
    ups = target.split("/")[: len(target.split("/")) - len(parts)]
    if len(ups) > name.count("/") or (parts and not is_safe("/".join(parts))) or target in ("", "."):
        raise BadArchive(f"is a link to {target!r}, out of its folder", entry=name)
    return target
