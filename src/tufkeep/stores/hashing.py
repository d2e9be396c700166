"""The hashes of an artifact, with its length, in one pass over its bytes.

SHA-512 takes two thirds of the time. hashlib lets go of the interpreter while it works, so a long file has its SHA-512
made by a second thread, while the first one reads, makes the SHA-256 and writes. Several files are better hashed side
by side, each in one thread: then no thread waits for another.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO, TypeAlias

from tufkeep.stores.store import Store, chunks_of

ALGORITHMS = ("sha256", "sha512")  # those that can be checked here; the slowest last

_Update: TypeAlias = Callable[[bytes], None]

_AHEAD = 4  # chunks that the last algorithm may lag behind: memory stays at 5 MiB a file


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashes:
    """What metadata says of an artifact's bytes."""

    length_bytes: int
    by_algorithm: Mapping[str, str]  # lower-case hex


def hash_file(stream: BinaryIO) -> Hashes:
    """Return the hashes of what is left of a stream."""
    hashing = Hashing(chunks_of(stream), threads=2)
    for _ in hashing:
        pass
    return hashing.result


def copy_hashed(source: BinaryIO, store: Store, name: str, *, executable: bool = False) -> Hashes:
    """Make what is left of a stream an object; return the hashes of the very bytes that were written.

    Read once: were the file read again to be hashed, it could have changed in between, and the signature would be on
    bytes that nobody stored. Raises StoreFault; what reading the source raises comes through.
    """
    hashing = Hashing(chunks_of(source), threads=2)
    store.write_stream(name, hashing, executable=executable)
    return hashing.result


class Hashing:
    """Chunks that pass through and are hashed on their way.

    Args:
        threads: 2 for one long file, 1 where other files are hashed at the same time.
    """

    def __init__(self, chunks: Iterable[bytes], *, threads: int, algorithms: Sequence[str] = ALGORITHMS):
        self._chunks = iter(chunks)
        self._threads = threads
        self._digests = {name: hashlib.new(name) for name in algorithms}
        self._length_bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        updates = [digest.update for digest in self._digests.values()]
        begun = tuple(islice(self._chunks, self._threads))
        chunks = chain(begun, self._chunks)
        if updates and len(begun) > 1:
            return self._in_two_threads(chunks, updates)
        return self._in_one_thread(chunks, updates)

    def _in_two_threads(self, chunks: Iterable[bytes], updates: Sequence[_Update]) -> Iterator[bytes]:
        with ThreadPoolExecutor(1) as second:
            behind: deque[Future[None]] = deque()
            for chunk in self._in_one_thread(chunks, updates[:-1]):
                behind.append(second.submit(updates[-1], chunk))
                yield chunk
                if len(behind) >= _AHEAD:
                    behind.popleft().result()

    def _in_one_thread(self, chunks: Iterable[bytes], updates: Sequence[_Update]) -> Iterator[bytes]:
        for chunk in chunks:
            for update in updates:
                update(chunk)
            self._length_bytes += len(chunk)
            yield chunk

    @property
    def result(self) -> Hashes:
        """What has passed so far."""
        return Hashes(
            length_bytes=self._length_bytes,
            by_algorithm={name: digest.hexdigest() for name, digest in self._digests.items()},
        )
