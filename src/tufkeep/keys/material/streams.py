"""Streams over what is unpacked, and the budget that it comes out of."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

CHUNK_BYTES: Final = 256 << 10
UNPACKED_BYTES: Final = 1 << 30  # of one file, all archives in it together
MEMBERS: Final = 100_000


class TooMuch(Exception):
    """The budget of one search is used up."""


@dataclass(slots=True)
class Budget:
    """How much one search may still unpack."""

    unpacked_bytes: int = UNPACKED_BYTES
    members: int = MEMBERS

    def take(self, length_bytes: int) -> None:
        self.unpacked_bytes -= length_bytes
        if self.unpacked_bytes < 0:
            raise TooMuch(f"holds more than {UNPACKED_BYTES >> 20:,} MiB when it is unpacked")

    def take_member(self) -> None:
        self.members -= 1
        if self.members < 0:
            raise TooMuch(f"holds more than {MEMBERS:,} files")


class Reader(io.RawIOBase):
    """A stream over a function that returns the next bytes, none at the end."""

    def __init__(self, more: Callable[[int], bytes]):
        super().__init__()
        self._more = more

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self._more(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def buffered(more: Callable[[int], bytes]) -> io.BufferedReader:
    """Return such a stream with a buffer to peek into."""
    return io.BufferedReader(Reader(more), CHUNK_BYTES)


def counted(read: Callable[[int], bytes], budget: Budget) -> Callable[[int], bytes]:
    """Return a function that reads as this one, out of a budget."""

    def more(count: int) -> bytes:
        data = read(count)
        budget.take(len(data))
        return data

    return more


class Rest:
    """The next bytes of a stream, so many and no more."""

    def __init__(self, stream: BinaryIO, length_bytes: int):
        self._stream, self.left = stream, length_bytes

    def read(self, count: int) -> bytes:
        data = self._stream.read(min(count, self.left))
        self.left = self.left - len(data) if data else 0
        return data


def exactly(stream: BinaryIO, count: int) -> bytes:
    """Return the next bytes of a stream, fewer at its end only."""
    data = b""
    while len(data) < count and (part := stream.read(count - len(data))):
        data += part
    return data


def skip(stream: BinaryIO, count: int) -> None:
    """Read over so many bytes."""
    while count > 0 and (part := stream.read(min(count, CHUNK_BYTES))):
        count -= len(part)
