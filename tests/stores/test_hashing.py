"""Hashes made on the way: of the very bytes that were stored, however many threads and pieces."""

from __future__ import annotations

import hashlib
import io
import random
from pathlib import Path

import pytest

from tufkeep.stores import FolderStore, MemoryStore, chunks_of
from tufkeep.stores.hashing import Hashes, Hashing, copy_hashed, hash_file

MIB = 1 << 20
LENGTHS = [0, 1, MIB - 1, MIB, MIB + 1, 2 * MIB, 9 * MIB + 7]


def some_bytes(length_bytes: int) -> bytes:
    return random.Random(length_bytes).randbytes(length_bytes)


def expected(data: bytes) -> Hashes:
    return Hashes(
        length_bytes=len(data),
        by_algorithm={"sha256": hashlib.sha256(data).hexdigest(), "sha512": hashlib.sha512(data).hexdigest()},
    )


class Trickle(io.RawIOBase):
    """A stream that gives less than it is asked for, as a network does."""

    def __init__(self, data: bytes):
        self._rest = data

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        taken = max(1, min(size, len(self._rest) // 3))
        data, self._rest = self._rest[:taken], self._rest[taken:]
        return data


@pytest.mark.parametrize("length_bytes", LENGTHS)
@pytest.mark.parametrize("threads", [1, 2])
def test_a_stream_is_hashed_whatever_its_length(length_bytes: int, threads: int) -> None:
    data = some_bytes(length_bytes)
    for stream in (io.BytesIO(data), Trickle(data)):
        hashing = Hashing(chunks_of(stream), threads=threads)  # type: ignore[arg-type]
        assert b"".join(hashing) == data
        assert hashing.result == expected(data)


def test_only_what_is_left_of_a_stream_is_hashed() -> None:
    stream = io.BytesIO(b"header and body")
    stream.seek(7)
    assert hash_file(stream) == expected(b"and body")


@pytest.mark.parametrize("length_bytes", LENGTHS)
def test_what_is_copied_is_what_is_hashed(tmp_path: Path, length_bytes: int) -> None:
    data = some_bytes(length_bytes)
    for store in (FolderStore(tmp_path, durable=False), MemoryStore()):
        assert copy_hashed(io.BytesIO(data), store, "a/b", executable=True) == expected(data)
        assert store.read("a/b") == data
        entry = store.stat("a/b")
        assert entry is not None and entry.executable and entry.length_bytes == length_bytes


def test_a_source_is_read_once() -> None:
    class Once(io.BytesIO):
        reads = 0

        def read(self, size: int | None = -1, /) -> bytes:
            self.reads += 1
            return super().read(size)

        def seek(self, offset: int, whence: int = 0, /) -> int:
            raise AssertionError("looked twice")

    source = Once(some_bytes(4 * MIB))
    copy_hashed(source, MemoryStore(), "a")
    assert source.reads == 5  # the last one finds the end


def test_a_source_that_fails_leaves_nothing(tmp_path: Path) -> None:
    class Pulled(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() >= 3 * MIB:
                raise OSError("the drive is gone")
            return super().read(size)

    store = FolderStore(tmp_path)
    with pytest.raises(OSError, match="the drive is gone"):
        copy_hashed(Pulled(some_bytes(8 * MIB)), store, "a/b")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
