"""The search of one file: its bytes as they stream by, and the members of the archive that it may be.

Everything is read once, in bounded memory; a zip, whose list of members is at its end, once more.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final, Protocol, TypeAlias

from tufkeep.errors import TufkeepError
from tufkeep.keys.material.binary import SEALED_STORE, binary_form, is_sealed_store
from tufkeep.keys.material.containers import Members, in_zip, is_zip, sequential, unopened
from tufkeep.keys.material.material import PrivateMaterial, Unlooked
from tufkeep.keys.material.streams import CHUNK_BYTES, Budget, TooMuch, buffered
from tufkeep.keys.material.text import WINDOW_BYTES, text_form

Found: TypeAlias = PrivateMaterial | Unlooked

DEPTH: Final = 6  # archives in archives; a .tar.gz is two, a Debian package three
_HELD_BYTES = 32 << 20  # of a zip in an archive, which must be read from its end
_HEAD_BYTES = 1 << 20  # of a file in binary form
_MORE_BYTES = 2 * WINDOW_BYTES  # of one piece that are seen again with the next


class Opens(Protocol):
    """A store, as far as a search needs it."""

    def open(self, name: str) -> BinaryIO:
        """Return the object as a seekable stream."""
        ...


def look_into(store: Opens, name: str, *, called: str = "") -> tuple[Found, ...]:
    """Return the private keys in an object of a store, and what could not be looked into.

    Args:
        called: what the object is called where something is found.

    Raises:
        StoreFault: it can't be read.
    """
    with store.open(name) as stream:
        return tuple(find_private_material(called or name, stream))


def find_private_material(name: str, stream: BinaryIO) -> Iterator[Found]:
    """Yield the private keys in one file, and in the files of archives in it, `DEPTH` levels deep.

    Args:
        stream: seekable, at its beginning.
    """
    yield from _look(name, stream, DEPTH, Budget())


def _look(name: str, stream: BinaryIO, depth: int, budget: Budget, *, seekable: bool = True) -> Iterator[Found]:
    scan = _Scan(lambda data: _unwrapped(data, depth - 1))
    seen = buffered(scan.passing(stream.read))
    head = seen.peek(CHUNK_BYTES)
    inside = list(_inside(name, head, seen, depth, budget))
    while seen.read(CHUNK_BYTES):
        pass
    if not inside and seekable and head:
        inside = list(_in_zip(name, head, stream, depth, budget))
    elif not inside and head.startswith(b"PK\x03\x04"):
        inside = [Unlooked(name=name, reason=f"is a zip of more than {_HELD_BYTES >> 20} MiB in an archive")]
    scan.end()
    yield from inside
    if any(isinstance(one, PrivateMaterial) for one in inside):
        return
    if scan.form:
        yield PrivateMaterial(name=name, form=scan.form)
    elif scan.sealed_store:
        yield Unlooked(name=name, reason=SEALED_STORE)
    elif reason := unopened(head):
        yield Unlooked(name=name, reason=reason)


def _inside(name: str, head: bytes, stream: BinaryIO, depth: int, budget: Budget) -> Iterator[Found]:
    members = sequential(head, stream, budget)
    if members is None:
        return
    named = ((f"{name}!{each[0]}", each[1]) if isinstance(each, tuple) else each for each in members)
    yield from _members(name, named, depth, budget)


def _in_zip(name: str, head: bytes, stream: BinaryIO, depth: int, budget: Budget) -> Iterator[Found]:
    stream.seek(0)
    if is_zip(head, stream):
        stream.seek(0)
        yield from _members(name, in_zip(name, head, stream, budget), depth, budget)


def _members(name: str, members: Members, depth: int, budget: Budget) -> Iterator[Found]:
    if not depth:
        yield Unlooked(name=name, reason=f"is an archive more than {DEPTH} levels deep")
        return
    try:
        for each in members:
            if isinstance(each, Unlooked):
                yield each
            else:
                yield from _member(*each, depth - 1, budget)
    except (TufkeepError, MemoryError):
        raise
    except TooMuch as too_much:
        yield Unlooked(name=name, reason=str(too_much))
    except Exception as no:  # of whatever kind: four parsers read bytes that somebody else may have made up
        yield Unlooked(name=name, reason=f"is an archive that can't be read to its end ({no})")


def _member(name: str, stream: BinaryIO, depth: int, budget: Budget) -> Iterator[Found]:
    """Look into one member; one that is held as a whole may be a zip."""
    held = _up_to(stream, _HELD_BYTES)
    if len(held) < _HELD_BYTES:
        yield from _look(name, io.BytesIO(held), depth, budget)
        return
    begun = io.BytesIO(held)
    del held
    yield from _look(
        name, buffered(lambda count: begun.read(count) or stream.read(count)), depth, budget, seekable=False
    )


def _up_to(stream: BinaryIO, limit_bytes: int) -> bytes:
    parts, left = [], limit_bytes
    while left > 0 and (part := stream.read(min(left, CHUNK_BYTES))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _unwrapped(data: bytes, depth: int) -> str | None:
    """Return the form of a key in what was wrapped in base64, be it an archive."""
    if depth < 0:
        return None
    found = _look("", io.BytesIO(data), depth, Budget(unpacked_bytes=32 << 20, members=1000))
    return next((f"{one.form}, as base64" for one in found if isinstance(one, PrivateMaterial)), None)


class _Scan:
    """Bytes that pass by and are searched on their way, piece by piece.

    The end of each piece is seen again with the next one, so that nothing is cut in two.
    """

    def __init__(self, unwrap: Callable[[bytes], str | None]):
        self._unwrap = unwrap
        self._head = bytearray()
        self._pieces: list[bytes] = []
        self._waiting_bytes = 0
        self._form: str | None = None

    def passing(self, read: Callable[[int], bytes]) -> Callable[[int], bytes]:
        """Return a function that reads as this one, and searches what it returns."""

        def more(count: int) -> bytes:
            data = read(count)
            self._take(data)
            return data

        return more

    def end(self) -> None:
        """Look at what is left."""
        self._search()
        self._form = self._form or binary_form(bytes(self._head))

    @property
    def form(self) -> str | None:
        return self._form

    @property
    def sealed_store(self) -> bool:
        return is_sealed_store(bytes(self._head))

    def _take(self, data: bytes) -> None:
        if len(self._head) < _HEAD_BYTES:
            self._head += data[: _HEAD_BYTES - len(self._head)]
        self._pieces.append(data)
        self._waiting_bytes += len(data)
        if self._waiting_bytes >= _HEAD_BYTES:
            self._search()

    def _search(self) -> None:
        data = b"".join(self._pieces)
        if self._form is None:
            self._form = text_form(data, unwrap=self._unwrap)
        self._pieces = [data[-_MORE_BYTES:]]
        self._waiting_bytes = 0
