"""Whether bytes are those that were signed: one comparison of length and hashes for all callers.

The rules, in this order; the first that does not hold is what the comparison says:

1. There is an object.
2. It has exactly the expected length. A longer stream is read no further than the chunk that passes it.
3. At least one hash is of a known algorithm, or nothing can be said of the bytes. A hash of another algorithm beside it
   is left out: the signer's program may be newer than this one.
4. Every known hash is that of the bytes, its digits in small or in capital letters. One wrong hash is enough to refuse,
   or a repository could show different files to different clients.

A caller turns what the comparison says into its own error.

Spec: TUF 1.0.34 #fetch-target.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from tufkeep.stores.errors import ObjectChanged, ObjectMissing, ObjectTooLarge
from tufkeep.stores.hashing import ALGORITHMS, Hashes, Hashing
from tufkeep.stores.store import Store, chunks_of

_SMALL_BYTES = 256 << 10  # read at once: a stream with its buffer costs more than all of its bytes
_LONG_BYTES = 64 << 20  # from here on a second thread for one file pays, whatever else is hashed beside it
_ATTEMPTS = 3  # to read an object that is written over while it is read


class Match(Enum):
    """How bytes and expectation go together."""

    RIGHT = "right"
    MISSING = "missing"
    SHORT = "short"
    LONG = "long"
    UNKNOWN = "unknown"  # no hash of an algorithm that is known here
    WRONG = "wrong"  # the length is right, a hash is not


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What bytes are, beside what they should be."""

    match: Match
    measure: str = ""  # what differs: "length", or the algorithm of a hash
    expected: int | str = ""
    found: int | str = ""  # of a stream that is too long, what was read of it

    @property
    def right(self) -> bool:
        return self.match is Match.RIGHT


Refuse: TypeAlias = Callable[[Comparison], Exception]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What was signed of some bytes."""

    length_bytes: int
    hashes: Mapping[str, str]  # hexadecimal, by algorithm

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The algorithms that bytes can be checked by; none is an `UNKNOWN`."""
        return tuple(name for name in ALGORITHMS if name in self.hashes)

    def compare(self, found: Hashes) -> Comparison:
        """Compare bytes that were hashed before."""
        if found.length_bytes != self.length_bytes:
            match = Match.SHORT if found.length_bytes < self.length_bytes else Match.LONG
            return _differs(match, "length", self.length_bytes, found.length_bytes)
        for name in self.algorithms:
            if found.by_algorithm[name] != self.hashes[name].lower():
                return _differs(Match.WRONG, name, self.hashes[name], found.by_algorithm[name])
        return Comparison(match=Match.RIGHT if self.algorithms else Match.UNKNOWN)


def pass_on(chunks: Iterable[bytes], expected: Expected, *, refuse: Refuse) -> Iterator[bytes]:
    """Yield the chunks, and at their end raise what `refuse` makes of any match but RIGHT.

    What was written must not be kept when this raises; a store's `write_stream` does not keep it.
    """
    hashing = _hashing(chunks, expected)
    yield from hashing
    compared = expected.compare(hashing.result)
    if not compared.right:
        raise refuse(compared)


def compare_chunks(chunks: Iterable[bytes], expected: Expected) -> Comparison:
    """Compare the chunks of a stream."""
    hashing = _hashing(chunks, expected)
    for _ in hashing:
        pass
    return expected.compare(hashing.result)


def compare_object(
    store: Store, name: str, expected: Expected, *, progress: Callable[[int], None] = lambda length_bytes: None
) -> Comparison:
    """Compare an object. Nothing is read of a large one whose length is wrong.

    An object that is written over while it is read is read anew: what came of it was neither the old nor the new one.

    Args:
        progress: called with each number of bytes read.

    Raises:
        StoreFault: it can't be read, or changes as often as it is read.
    """
    for _ in range(_ATTEMPTS - 1):
        with suppress(ObjectChanged):
            return _compare_object(store, name, expected, progress)
    return _compare_object(store, name, expected, progress)


def _compare_object(store: Store, name: str, expected: Expected, progress: Callable[[int], None]) -> Comparison:
    try:
        if expected.length_bytes <= _SMALL_BYTES:
            with suppress(ObjectTooLarge):
                return compare_chunks(_counted([store.read(name, limit=expected.length_bytes)], progress), expected)
        entry = store.stat(name)
        if entry is None:
            return Comparison(match=Match.MISSING)
        if entry.length_bytes != expected.length_bytes:
            return expected.compare(Hashes(length_bytes=entry.length_bytes, by_algorithm={}))
        with store.open(name) as stream:
            return compare_chunks(_counted(chunks_of(stream), progress), expected)
    except ObjectMissing:
        return Comparison(match=Match.MISSING)


def _hashing(chunks: Iterable[bytes], expected: Expected) -> Hashing:
    return Hashing(
        _up_to(chunks, expected.length_bytes),
        threads=2 if expected.length_bytes > _LONG_BYTES else 1,
        algorithms=expected.algorithms,
    )


def _up_to(chunks: Iterable[bytes], length_bytes: int) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk
        length_bytes -= len(chunk)
        if length_bytes < 0:
            return


def _counted(chunks: Iterable[bytes], progress: Callable[[int], None]) -> Iterator[bytes]:
    for chunk in chunks:
        progress(len(chunk))
        yield chunk


def _differs(match: Match, measure: str, expected: int | str, found: int | str) -> Comparison:
    return Comparison(match=match, measure=measure, expected=expected, found=found)
