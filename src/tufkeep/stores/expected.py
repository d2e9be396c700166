"""Whether bytes are those that were signed: one verdict on length and hashes, whoever asks.

The rules, in this order; the first that does not hold makes the verdict:

1. There is an object.
2. It has exactly the expected length. A longer stream is read no further than the chunk that passes it.
3. At least one hash is of a known algorithm, or nothing can be said of the bytes. A hash of another algorithm beside it
   is left out: whoever signs may be ahead of us.
4. Every known hash is that of the bytes, its digits in small or in capital letters. One wrong hash is enough to refuse,
   or a repository could show different files to different clients.

A caller turns the verdict into its own error.

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


class Outcome(Enum):
    """What can become of a comparison."""

    RIGHT = "right"
    MISSING = "missing"
    SHORT = "short"
    LONG = "long"
    UNKNOWN = "unknown"  # no hash of an algorithm that is known here
    WRONG = "wrong"  # the length is right, a hash is not


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What bytes are, compared with the expected ones."""

    outcome: Outcome
    measure: str = ""  # what differs: "length", or the algorithm of a hash
    expected: int | str = ""
    found: int | str = ""  # of a stream that is too long, what was read of it

    @property
    def right(self) -> bool:
        return self.outcome is Outcome.RIGHT


Refuse: TypeAlias = Callable[[Verdict], Exception]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What was signed of some bytes."""

    length_bytes: int
    hashes: Mapping[str, str]  # hexadecimal, by algorithm

    @property
    def algorithms(self) -> tuple[str, ...]:
        """The algorithms that bytes can be checked by; none is an `UNKNOWN`."""
        return tuple(name for name in ALGORITHMS if name in self.hashes)

    def compare(self, found: Hashes) -> Verdict:
        """Return the verdict on bytes that were hashed before."""
        if found.length_bytes != self.length_bytes:
            outcome = Outcome.SHORT if found.length_bytes < self.length_bytes else Outcome.LONG
            return _differs(outcome, "length", self.length_bytes, found.length_bytes)
        for name in self.algorithms:
            if found.by_algorithm[name] != self.hashes[name].lower():
                return _differs(Outcome.WRONG, name, self.hashes[name], found.by_algorithm[name])
        return Verdict(outcome=Outcome.RIGHT if self.algorithms else Outcome.UNKNOWN)


def pass_on(chunks: Iterable[bytes], expected: Expected, *, refuse: Refuse) -> Iterator[bytes]:
    """Yield the chunks, and at their end raise what `refuse` makes of any verdict but RIGHT.

    Whoever writes them must not keep what was written when this raises; a store's `write_stream` does not.
    """
    hashing = _hashing(chunks, expected)
    yield from hashing
    verdict = expected.compare(hashing.result)
    if not verdict.right:
        raise refuse(verdict)


def judge(chunks: Iterable[bytes], expected: Expected) -> Verdict:
    """Return the verdict on chunks."""
    hashing = _hashing(chunks, expected)
    for _ in hashing:
        pass
    return expected.compare(hashing.result)


def judge_object(
    store: Store, name: str, expected: Expected, *, progress: Callable[[int], None] = lambda length_bytes: None
) -> Verdict:
    """Return the verdict on an object. Nothing is read of a long one whose length is wrong.

    An object that is written over while it is read is read anew: what came of it was neither the old nor the new one.

    Args:
        progress: called with each number of bytes read.

    Raises:
        StoreFault: it can't be read, or changes as often as it is read.
    """
    for _ in range(_ATTEMPTS - 1):
        with suppress(ObjectChanged):
            return _judge_object(store, name, expected, progress)
    return _judge_object(store, name, expected, progress)


def _judge_object(store: Store, name: str, expected: Expected, progress: Callable[[int], None]) -> Verdict:
    try:
        if expected.length_bytes <= _SMALL_BYTES:
            with suppress(ObjectTooLarge):
                return judge(_counted([store.read(name, limit=expected.length_bytes)], progress), expected)
        entry = store.stat(name)
        if entry is None:
            return Verdict(outcome=Outcome.MISSING)
        if entry.length_bytes != expected.length_bytes:
            return expected.compare(Hashes(length_bytes=entry.length_bytes, by_algorithm={}))
        with store.open(name) as stream:
            return judge(_counted(chunks_of(stream), progress), expected)
    except ObjectMissing:
        return Verdict(outcome=Outcome.MISSING)


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


def _differs(outcome: Outcome, measure: str, expected: int | str, found: int | str) -> Verdict:
    return Verdict(outcome=outcome, measure=measure, expected=expected, found=found)
