"""A big artifact on its way, in pieces that outlive a killed process.

Each piece is an object written whole, so nothing here is ever half of what it says it is. The
pieces are not verified: only the whole is, when it is written to its final name.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import count, takewhile

from tuf.api.metadata import TargetFile

from tufkeep.client.fetch import strong_tag
from tufkeep.client.remote import RemoteFile
from tufkeep.stores import Locked, ObjectMissing, ObjectTooLarge, Store, chunks_of

PIECE_BYTES = 8 << 20
_FOLDER = ".tufkeep/partial/"


class Pieces:
    """The pieces of one artifact, named for its content, so that they fit wherever it comes from."""

    def __init__(self, store: Store, target: TargetFile):
        self._store = store
        self._key = hashlib.sha256(repr(sorted(target.hashes.items())).encode()).hexdigest()
        self._note = f"downloading {target.path}"

    def lock(self) -> AbstractContextManager[None]:
        """Keep other processes from these pieces.

        Raises:
            Locked: another one collects them.
        """
        return self._store.lock(f"{_FOLDER}{self._key}", note=self._note)

    @property
    def begun(self) -> bool:
        return self._has(0)

    def collect(self, remote: RemoteFile) -> None:
        """Fetch the pieces that are missing; those before them stay as they are."""
        have = sum(1 for _ in takewhile(self._has, count()))
        remote.tag = self._tag() if have else None
        stream = _Chunks(remote.read(have * PIECE_BYTES))
        for number in range(have, -(-remote.length_bytes // PIECE_BYTES)):
            if stream.ended:  # shorter than signed, which is for the hashes to say
                return
            self._store.write_stream(self._name(number), stream.take(PIECE_BYTES))
            if number == 0 and remote.tag is not None:
                self._store.write(f"{_FOLDER}{self._key}/tag", remote.tag.encode())

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes of all pieces, from the first on."""
        for number in takewhile(self._has, count()):
            with self._store.open(self._name(number)) as stream:
                yield from chunks_of(stream)

    def drop(self) -> None:
        _drop(self._store, self._key)

    def _name(self, number: int) -> str:
        return f"{_FOLDER}{self._key}/{number:06}"

    def _has(self, number: int) -> bool:
        return self._store.stat(self._name(number)) is not None

    def _tag(self) -> str | None:
        try:
            return strong_tag(self._store.read(f"{_FOLDER}{self._key}/tag", limit=1024).decode("latin-1"))
        except (ObjectMissing, ObjectTooLarge):
            return None


def drop_abandoned(store: Store) -> None:
    """Remove the pieces of every artifact that no living process is fetching."""
    keys = {entry.name.removeprefix(_FOLDER).partition("/")[0] for entry in store.list(_FOLDER)}
    for key in keys:
        try:
            with store.lock(f"{_FOLDER}{key}", note="removing what is left of a download"):
                _drop(store, key)
        except Locked:
            continue


def _drop(store: Store, key: str) -> None:
    """Remove pieces, the first one last: as long as any is left, the artifact counts as begun."""
    for entry in reversed(list(store.list(f"{_FOLDER}{key}/"))):
        store.delete(entry.name)


class _Chunks:
    """A stream of chunks that is handed out by numbers of bytes."""

    def __init__(self, chunks: Iterator[bytes]):
        self._chunks = chunks
        self._left = b""

    @property
    def ended(self) -> bool:
        self._left = self._left or next(self._chunks, b"")
        return not self._left

    def take(self, wanted: int) -> Iterator[bytes]:
        while wanted and not self.ended:
            chunk, self._left = self._left, self._left[wanted:]
            yield chunk[:wanted]
            wanted -= min(wanted, len(chunk))
