"""A .tar.gz read from its first byte to its last: entry by entry, each as the rules have it, or refused.

Python's tarfile takes a damaged header, a missing end, and whatever follows for the end of an archive, and would
install half of it. Here the end is an end mark, followed by zeros until the last member of the gzip file is over.
"""

from __future__ import annotations

import gzip
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO, Self, TypeAlias, cast

from tufkeep.archives.rules import ArchiveLimits, BadArchive, Contained

_CHUNK_BYTES = 1 << 18
_HEADERS_BYTES = 1 << 20  # of one entry; long names and a Mac's attributes come in headers of their own
_FREE_BYTES = 64 << 20  # no ratio is asked of them
_BROKEN = (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile, ValueError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedFile:
    """A file; its bytes come while they are read, once, before the next entry."""

    name: str
    executable: bool
    chunks: Iterator[bytes] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedTwin:
    """The same file as another one before it."""

    name: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedLink:
    """A symbolic link that points inside."""

    name: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedFolder:
    """A folder that may be empty."""

    name: str


Archived: TypeAlias = ArchivedFile | ArchivedTwin | ArchivedLink | ArchivedFolder


def read_archive(archive: BinaryIO, *, limits: ArchiveLimits | None = None) -> Iterator[Archived]:
    """Yield what is in a gzipped tar archive. It is whole and may be installed when the last was yielded, not before.

    Raises:
        BadArchive: it is broken, too big, goes on behind its end, or has an entry that is no file, folder or link
            inside.
    """
    contained = Contained(limits or ArchiveLimits())
    with _broken():
        unzipped = _Unzipped(archive, contained.limits)
        with tarfile.open(fileobj=cast("BinaryIO", unzipped), mode="r|", tarinfo=_Header) as opened:
            while (member := _next(opened, unzipped)) is not None:
                entry = _entry(opened, member, contained, unzipped)
                if entry is not None:
                    yield entry
                if isinstance(entry, ArchivedFile):
                    for _ in entry.chunks:  # what nobody wanted
                        pass
            _require_end(opened, unzipped)


def refusal(archive: BinaryIO) -> str | None:
    """Return why an archive is not unpacked by an agent, None where it is."""
    try:
        for _ in read_archive(archive):
            pass
    except BadArchive as error:
        return str(error)
    return None


class _Header(tarfile.TarInfo):
    """A header that is read strictly: what is none is an error, and no end."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        if len(buf) == tarfile.BLOCKSIZE and not any(buf):
            return super().frombuf(buf, encoding, errors)  # raises: the end mark
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            raise tarfile.ReadError("it has no end mark" if not buf else str(error)) from None


class _Unzipped:
    """What the gzip file's members hold, all of them, as far as the next entry may need it."""

    def __init__(self, archive: BinaryIO, limits: ArchiveLimits):
        self._packed = _Packed(archive)
        self._stream = gzip.GzipFile(fileobj=self._packed, mode="rb")  # type: ignore[call-overload]  # it only reads
        self._ratio = limits.ratio
        self._count = 0
        self._allowed = _HEADERS_BYTES

    def allow(self, more_bytes: int) -> None:
        """Let so many more bytes be read from here on."""
        self._allowed = self._count + more_bytes

    def read(self, size: int) -> bytes:
        data: bytes = self._stream.read(size)
        self._count += len(data)
        if self._count > self._allowed:
            raise BadArchive(f"has headers of more than {_HEADERS_BYTES:,} bytes")
        if self._count > _FREE_BYTES + self._ratio * self._packed.count:
            raise BadArchive(f"unpacks to more than {self._ratio} times its own length")
        return data


class _Packed:
    def __init__(self, stream: BinaryIO):
        self._stream = stream
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.count += len(data)
        return data


def _next(opened: tarfile.TarFile, unzipped: _Unzipped) -> tarfile.TarInfo | None:
    unzipped.allow(_HEADERS_BYTES)
    member = opened.next()
    opened.members = []  # type: ignore[attr-defined]  # it would keep them all
    return member


def _entry(
    opened: tarfile.TarFile, member: tarfile.TarInfo, contained: Contained, unzipped: _Unzipped
) -> Archived | None:
    if member.isdir():
        folder = contained.folder(member.name)
        return ArchivedFolder(name=folder) if folder is not None else None
    if member.issparse():
        raise BadArchive("is a sparse file", entry=member.name)
    if member.isreg():
        name = contained.file(member.name, member.size)
        return ArchivedFile(name=name, executable=bool(member.mode & 0o111), chunks=_chunks(opened, member, unzipped))
    if member.islnk():
        name, source = contained.twin(member.name, member.linkname)
        return ArchivedTwin(name=name, source=source)
    if member.issym():
        return ArchivedLink(name=contained.link(member.name, member.linkname), target=member.linkname)
    raise BadArchive("is neither file, folder nor link", entry=member.name)


def _chunks(opened: tarfile.TarFile, member: tarfile.TarInfo, unzipped: _Unzipped) -> Iterator[bytes]:
    with _broken():
        stream = opened.extractfile(member)
        assert stream is not None
        unzipped.allow(member.size + _HEADERS_BYTES)
        while chunk := stream.read(_CHUNK_BYTES):
            yield chunk


def _require_end(opened: tarfile.TarFile, unzipped: _Unzipped) -> None:
    """Accept zeros until the end, as tar fills its last block with."""
    unzipped.allow(_HEADERS_BYTES)
    assert opened.fileobj is not None
    while chunk := opened.fileobj.read(_CHUNK_BYTES):
        if any(chunk):
            raise BadArchive("goes on behind its end mark")


@contextmanager
def _broken() -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise BadArchive(f"is broken: {str(error) or type(error).__name__}".lower()) from error
