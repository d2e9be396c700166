"""The contract of a store: named bytes that appear whole or not at all.

Every store keeps it, and tests/contract/test_store.py holds every store to it:

- A name is flat text, "a/b/c" (see `names`). Folders come and go with the objects in them.
- A write appears whole or not at all, and has reached the medium when the call returns.
- Readers need no lock: they see an object as it was before a write or as it is after it.
- A condition is checked and the write is made in one step, across threads, processes and, in an object store, hosts.
- What goes wrong is a StoreFault, never an OSError or a client library's own error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import BinaryIO, Final, Protocol, TypeAlias, runtime_checkable

from tufkeep.stores.errors import StoreFault

CHUNK_BYTES = 1 << 20

Odd: TypeAlias = Callable[[StoreFault], object]  # is told of what in a listing is no object
Tag: TypeAlias = str  # opaque: equal tags mean equal bytes


class Rule(Enum):
    """Conditions that need no tag."""

    ALWAYS = "always"
    CREATE = "create"


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Write only over the very bytes that were read with this tag."""

    tag: Tag


Condition: TypeAlias = Rule | Unchanged

ALWAYS: Final = Rule.ALWAYS  # overwrite whatever is there
CREATE: Final = Rule.CREATE  # only if no object has the name


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One object as a listing shows it."""

    name: str
    length_bytes: int
    executable: bool = False  # where the medium knows; a FAT drive calls every file executable


@runtime_checkable
class Store(Protocol):
    """Named bytes that appear whole or not at all.

    Every method may raise StoreFault; a malformed name is an UnsafeName everywhere.
    """

    def read(self, name: str, *, limit: int | None = None) -> bytes:
        """Return the whole object. Where there are folders, one in its place is a NotAFile.

        Args:
            limit: bytes; a longer object is refused before it fills the memory.

        Raises:
            ObjectMissing: no object has the name.
            ObjectTooLarge: it is longer than `limit`.
        """
        ...

    def read_tagged(self, name: str, *, limit: int | None = None) -> tuple[bytes, Tag]:
        """Return the object with the tag that `Unchanged` takes. Raises as `read`."""
        ...

    def open(self, name: str) -> BinaryIO:
        """Return the object as a seekable stream, to be closed by the caller.

        The stream stays on the object it was opened on, whatever is written under the name meanwhile.

        Raises:
            ObjectMissing: no object has the name.
        """
        ...

    def stat(self, name: str) -> Entry | None:
        """Return the object's entry, None when no object has the name."""
        ...

    def list(self, prefix: str = "", *, odd: Odd | None = None) -> Iterator[Entry]:
        """Yield the objects whose names start with `prefix`, sorted by name (code point order).

        The store's own temporary files and locks are no objects. What is written meanwhile may be seen or missed.

        Args:
            odd: called with the fault of each thing that is no object, such as a link; the listing goes on behind it.
                None stops at the first.
        """
        ...

    def write(self, name: str, data: bytes, *, condition: Condition = ALWAYS, private: bool = False) -> Tag:
        """Make `data` the object; return its tag.

        Args:
            private: readable by its owner alone, where the medium knows owners.

        Raises:
            ObjectExists: the condition is CREATE and the name is taken.
            ObjectChanged: the condition is Unchanged and the object is another one now, or gone.
        """
        ...

    def write_stream(self, name: str, chunks: Iterable[bytes], *, executable: bool = False) -> Entry:
        """Make the joined chunks the object, in bounded memory.

        An error out of `chunks` leaves the store as it was and comes through unchanged.
        """
        ...

    def copy(self, source: str, name: str, *, shared: bool = False) -> None:
        """Make `name` an object with the bytes, the executable bit and the privacy of `source`.

        Args:
            shared: the two may share their storage (a hard link), where the medium can. Only for names that stand for
                their bytes, such as hash-prefixed targets: go-tuf writes into files in place, and would write into
                both. A root.json that shared its storage with 3.root.json would take the version away from every
                client that still needs it.

        Raises:
            ObjectMissing: there is no `source`.
        """
        ...

    def move(self, source: str, name: str) -> None:
        """Give `source` another name, over whatever had that name; at every instant one of the two is there.

        Raises:
            ObjectMissing: there is no `source`.
        """
        ...

    def delete(self, name: str) -> None:
        """Make sure that no object has the name. Folders left empty vanish with it."""
        ...

    def lock(self, name: str, *, note: str, wait_seconds: float = 0) -> AbstractContextManager[None]:
        """Hold the lock called `name` for a block; it is free again when the holder dies, however it dies.

        A lock keeps two commands from working at once; it guards no object, and objects need none to be written.

        Args:
            note: what the holder is doing, shown to whoever finds the lock taken.

        Raises:
            Locked: it is still taken after `wait_seconds`.
        """
        ...

    def batch(self) -> AbstractContextManager[Store]:
        """Give a view of the store that writes many objects at less cost.

        Each write through the view still appears whole or not at all, but only the end of the block promises that they
        have all reached the medium, in no particular order. A commit point is written outside, after the batch.
        """
        ...

    def sweep(self, prefix: str = "", *, look_only: bool = False) -> tuple[str, ...]:
        """Remove what killed writers left behind, nothing that a living one is working on; return the names removed.

        Args:
            prefix: look only below it.
            look_only: remove nothing; return the names that would be removed.
        """
        ...


def chunks_of(stream: BinaryIO) -> Iterator[bytes]:
    """Yield what is left of a stream: what `open` returns, as `write_stream` takes it."""
    return iter(partial(stream.read, CHUNK_BYTES), b"")
