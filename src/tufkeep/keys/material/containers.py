"""What is inside of archives and compressed files, member by member, in bounded memory.

Whatever a hostile archive says of itself: nothing is held but a chunk, a list of members is bounded before it is read,
and what is unpacked comes out of one budget.
"""

from __future__ import annotations

import bz2
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, TypeAlias

from tufkeep.keys.material.material import Unlooked
from tufkeep.keys.material.streams import CHUNK_BYTES, Budget, Rest, TooMuch, buffered, counted, exactly, skip

_DIRECTORY_BYTES = 16 << 20  # of a zip, which is read as a whole
_LZMA_MEMORY_BYTES = 128 << 20
_NAME_BYTES = 64 << 10
_ZIP_TAIL_BYTES = 22 + (64 << 10)

Members: TypeAlias = Iterator[tuple[str, BinaryIO] | Unlooked]

_UNOPENED = {
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!\x1a\x07": "RAR",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"\x04\x22\x4d\x18": "LZ4",
    b"LZIP": "lzip",
    b"\x1f\x9d": "compress",
    b"MSCF": "a cabinet",
    b"xar!": "xar",
    b"\xed\xab\xee\xdb": "RPM",
    b"hsqs": "SquashFS",
}
_SCRIPT_MAGIC = re.compile(rb"\n(?=\x1f\x8b\x08|BZh[1-9]1AY&SY|\xfd7zXZ\x00)")


def sequential(head: bytes, stream: BinaryIO, budget: Budget) -> Members | None:
    """Return the members of an archive that is read from its beginning to its end, None where it is none.

    Args:
        head: the first bytes, which the stream still yields.
    """
    if opener := _opener(head):
        return _single(stream, opener, budget)
    if head.startswith(b"#!") and (found := _SCRIPT_MAGIC.search(head)) and (opener := _opener(head[found.end() :])):
        return _behind(stream, found.end(), opener, budget)
    if _is_tar_header(head[:512]):
        return _tar(stream, budget)
    return _ar(stream, budget) if head.startswith(b"!<arch>\n") else None


def unopened(head: bytes) -> str | None:
    """Return why a packed file is not opened, None where it is none."""
    kind = next((kind for magic, kind in _UNOPENED.items() if head.startswith(magic)), None)
    return f"is packed in a form that can't be opened here ({kind})" if kind else None


def is_zip(head: bytes, stream: BinaryIO) -> bool:
    """Whether a file is a zip, be it behind other bytes; the place in the stream is lost.

    The four bytes that end a zip are in programs that read one, too, so its list of members must be before them.
    """
    if head.startswith(b"PK\x03\x04"):
        return True
    length, end, tail = _zip_end(stream)
    if end < 0 or len(tail) < end + 22:
        return False
    size = int.from_bytes(tail[end + 12 : end + 16], "little")
    at = length - len(tail) + end
    if size == 0xFFFFFFFF:
        return tail[max(0, end - 20) : end].startswith(b"PK\x06\x07")
    stream.seek(max(0, at - size))
    return 0 < size <= at and exactly(stream, 4) == b"PK\x01\x02"


def _zip_end(stream: BinaryIO) -> tuple[int, int, bytes]:
    """Return the length of a file, where the end of a zip begins in its last bytes, and these."""
    length = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, length - _ZIP_TAIL_BYTES))
    tail = exactly(stream, _ZIP_TAIL_BYTES)
    return length, tail.rfind(b"PK\x05\x06"), tail


def in_zip(name: str, head: bytes, stream: BinaryIO, budget: Budget) -> Members:
    """Yield the members of a zip."""
    _require_short_directory(stream)
    with zipfile.ZipFile(stream) as archive:
        members = archive.infolist()
        if head.startswith(b"PK\x03\x04") and min((each.header_offset for each in members), default=1) > 0:
            yield Unlooked(name=name, reason="begins with another zip")
        for member in members:
            budget.take_member()
            inner = f"{name}!{member.filename}"
            if member.flag_bits & 1:
                yield Unlooked(name=inner, reason="is encrypted")
            elif not member.is_dir():
                try:
                    opened = archive.open(member)
                except (NotImplementedError, zipfile.BadZipFile, OSError, ValueError) as no:
                    yield Unlooked(name=inner, reason=f"can't be unpacked ({no})")
                    continue
                with opened:
                    yield inner, buffered(counted(opened.read, budget))


def _require_short_directory(stream: BinaryIO) -> None:
    _, end, tail = _zip_end(stream)
    if end >= 0 and int.from_bytes(tail[end + 12 : end + 16], "little") > _DIRECTORY_BYTES:
        raise TooMuch(f"has a directory of more than {_DIRECTORY_BYTES >> 20} MiB")
    stream.seek(0)


def _opener(head: bytes) -> Callable[[], Any] | None:
    if head.startswith(b"\x1f\x8b\x08"):
        return _Inflate
    if head[:3] == b"BZh" and head[4:10] in (b"1AY&SY", b"\x17\x72\x45\x38\x50\x90"):
        return bz2.BZ2Decompressor
    if head.startswith(b"\xfd7zXZ\0"):
        return lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_LZMA_MEMORY_BYTES)
    if head.startswith(b"\x5d\0\0") and head[12:13] in (b"\0", b"\xff") and head[5:13] != b"\0" * 8:
        return lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_LZMA_MEMORY_BYTES)
    return None


class _Inflate:
    """zlib's way to unpack, spoken as bz2 and lzma speak."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(31)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inflate.decompress(self._inflate.unconsumed_tail + data, max_length)

    @property
    def needs_input(self) -> bool:
        return not self._inflate.unconsumed_tail

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data


def _single(stream: BinaryIO, opener: Callable[[], Any], budget: Budget) -> Members:
    yield "", buffered(counted(_unpacker(stream, opener), budget))


def _behind(stream: BinaryIO, length_bytes: int, opener: Callable[[], Any], budget: Budget) -> Members:
    skip(stream, length_bytes)
    yield from _single(stream, opener, budget)


def _unpacker(stream: BinaryIO, opener: Callable[[], Any]) -> Callable[[int], bytes]:
    """Return what unpacks one stream and those that follow it, as gzip and xz do; what is no such stream ends it."""
    unpack = opener()
    waiting = b""
    began = True

    def more(count: int) -> bytes:
        nonlocal unpack, waiting, began
        while True:
            if unpack.eof:
                waiting = (unpack.unused_data or stream.read(CHUNK_BYTES)).lstrip(b"\0")
                if not waiting:
                    return b""
                unpack, began = opener(), False
            elif unpack.needs_input and not waiting:
                waiting = stream.read(CHUNK_BYTES)
                if not waiting:
                    raise EOFError("it is cut short")
            try:
                data: bytes = unpack.decompress(waiting, count)
            except (zlib.error, OSError, lzma.LZMAError):
                if began:
                    raise
                return b""
            waiting = b""
            if data:
                began = True
                return data

    return more


def _is_tar_header(block: bytes) -> bool:
    """Whether the checksum of a tar header is right; old tars have no magic."""
    if len(block) < 512 or not block[0]:
        return False
    try:
        wanted = int(block[148:156].strip(b" \0") or b"x", 8)
    except ValueError:
        return False
    return wanted == sum(block) - sum(block[148:156]) + 8 * 32


def _tar(stream: BinaryIO, budget: Budget) -> Members:
    longer = ""
    while len(block := exactly(stream, 512)) == 512:
        if not any(block):
            continue
        if not _is_tar_header(block):
            raise ValueError("a header in it is damaged")
        budget.take_member()
        length, kind = _tar_number(block[124:136]), block[156:157]
        rest = Rest(stream, length)
        if kind in (b"L", b"x", b"g", b"K"):
            longer = _tar_name(kind, rest.read(_NAME_BYTES)) or longer
        else:
            yield longer or _c_text(block[:100]), buffered(rest.read)
            longer = ""
        skip(stream, rest.left + -length % 512)


def _tar_number(field: bytes) -> int:
    if field[0] & 0x80:
        return int.from_bytes(field) & ((1 << 88) - 1)
    return int(field.strip(b" \0") or b"0", 8)


def _tar_name(kind: bytes, data: bytes) -> str:
    if kind == b"L":
        return _c_text(data)
    found = re.search(rb"(?:\A|\n)\d+ path=([^\n]*)", data) if kind == b"x" else None
    return _c_text(found[1]) if found else ""


def _ar(stream: BinaryIO, budget: Budget) -> Members:
    """Yield the members of a Debian package or a library."""
    skip(stream, 8)
    while len(header := exactly(stream, 60)) == 60:
        budget.take_member()
        length = int(header[48:58].strip() or b"x")
        rest = Rest(stream, length)
        yield header[:16].decode("utf-8", "replace").strip().rstrip("/"), buffered(rest.read)
        skip(stream, rest.left + length % 2)


def _c_text(data: bytes) -> str:
    return data.partition(b"\0")[0].decode("utf-8", "replace")
