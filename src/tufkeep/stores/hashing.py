"""The hashes of an artifact, with its length, in one pass over its bytes.

SHA-512 takes two thirds of the time. hashlib lets go of the interpreter while it works, so a long file has its SHA-512
made by a second thread, while the first one reads, makes the SHA-256 and writes. Several files are better hashed side
by side, each in one thread: then no thread waits for another.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from typing import BinaryIO

from tufkeep.stores.store import Store

_CHUNK_BYTES = 1 << 20
_AHEAD = 4  # chunks that the SHA-512 may lag behind: memory stays at 5 MiB a file


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashes:
    """What metadata says of an artifact's bytes."""

    length_bytes: int
    sha256: str  # lower-case hex
    sha512: str

    @property
    def by_algorithm(self) -> dict[str, str]:
        """The hashes as TUF writes them."""
        return {"sha256": self.sha256, "sha512": self.sha512}


def hash_file(stream: BinaryIO, *, threads: int = 2) -> Hashes:
    """Return the hashes of what is left of a stream.

    Args:
        threads: 2 for one long file, 1 where other files are hashed at the same time.
    """
    hashing = _Hashing(iter(partial(stream.read, _CHUNK_BYTES), b""), threads=threads)
    for _ in hashing:
        pass
    return hashing.result


def copy_hashed(source: BinaryIO, store: Store, name: str, *, executable: bool = False) -> Hashes:
    """Make what is left of a stream an object; return the hashes of the very bytes that were written.

    Read once: were the file read again to be hashed, it could have changed in between, and the signature would be on
    bytes that nobody stored. Raises StoreFault; what reading the source raises comes through.
    """
    hashing = _Hashing(iter(partial(source.read, _CHUNK_BYTES), b""), threads=2)
    store.write_stream(name, hashing, executable=executable)
    return hashing.result


def hash_objects(store: Store, names: Iterable[str], *, executor: Executor | None = None) -> dict[str, Hashes]:
    """Return the hashes of many objects by name, several hashed at a time.

    Args:
        executor: where to work; its workers must be able to reach the store. A thread for each core by default.
    """
    names = tuple(names)
    with nullcontext(executor) if executor else ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(names, pool.map(partial(_hash_object, store), names), strict=True))


def _hash_object(store: Store, name: str) -> Hashes:
    with store.open(name) as stream:
        return hash_file(stream, threads=1)


class _Hashing:
    """Chunks that pass through and are hashed on their way."""

    def __init__(self, chunks: Iterator[bytes], *, threads: int):
        self._chunks = chunks
        self._threads = threads
        self._sha256 = hashlib.sha256()
        self._sha512 = hashlib.sha512()
        self._length_bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        begun = tuple(islice(self._chunks, 2))
        chunks = chain(begun, self._chunks)
        return self._in_two_threads(chunks) if self._threads > 1 and len(begun) > 1 else self._in_one_thread(chunks)

    def _in_one_thread(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self._sha512.update(chunk)
            self._take(chunk)
            yield chunk

    def _in_two_threads(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        with ThreadPoolExecutor(1) as second:
            behind: deque[Future[None]] = deque()
            for chunk in chunks:
                behind.append(second.submit(self._sha512.update, chunk))
                self._take(chunk)
                yield chunk
                if len(behind) >= _AHEAD:
                    behind.popleft().result()

    def _take(self, chunk: bytes) -> None:
        self._sha256.update(chunk)
        self._length_bytes += len(chunk)

    @property
    def result(self) -> Hashes:
        return Hashes(length_bytes=self._length_bytes, sha256=self._sha256.hexdigest(), sha512=self._sha512.hexdigest())
