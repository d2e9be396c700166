"""A store in a bucket: S3 with its relatives, Google Cloud Storage, Azure, or plain https for reading.

Objects in a bucket are whole or absent by nature. Conditions are the server's: some servers accept them and write all
the same, so `conditions.find_conditions` asks a server before anybody relies on it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO, TypeAlias, cast

from tufkeep.clock import Clock, system_clock
from tufkeep.stores.ahead import read_ahead
from tufkeep.stores.bucket import PART_BYTES, Bucket
from tufkeep.stores.bucket_faults import was_overwritten
from tufkeep.stores.errors import ObjectChanged, ObjectMissing, ObjectTooLarge, StoreFault
from tufkeep.stores.lease import Holding, hold
from tufkeep.stores.names import check_name, check_prefix, is_reserved, lock_file
from tufkeep.stores.store import ALWAYS, Condition, Entry, Odd, Store, Tag

if TYPE_CHECKING:
    from obstore import ObjectMeta

Attributes: TypeAlias = Mapping[str, str]  # such as Cache-Control, Content-Type
Kinds: TypeAlias = Callable[[str], Attributes]  # an object's name -> what it is served with

NO_ATTRIBUTES: Attributes = MappingProxyType({})
_HELD_WHOLE_BYTES = 8 << 20  # a longer object is read in ranges
_RANGE_BYTES = 4 << 20


class ObjectStore:
    """The objects of a bucket whose names start with `prefix`, which is cut off.

    Args:
        prefix: folder in the bucket, "" for all of it.
        kinds: says what an object is served with, by its name.
        conditions: False where the server is known to ignore them; locks are then made as well as they can be.
    """

    def __init__(
        self,
        bucket: Bucket,
        *,
        prefix: str = "",
        kinds: Kinds = lambda name: NO_ATTRIBUTES,
        conditions: bool = True,
        clock: Clock = system_clock,
    ):
        self.bucket = bucket
        self.conditions = conditions
        self._prefix = prefix.strip("/") and f"{prefix.strip('/')}/"
        self._kinds = kinds
        self._clock = clock
        self._held: list[Holding] = []

    def __repr__(self) -> str:
        return f"ObjectStore({self.called!r})"

    @property
    def called(self) -> str:
        """What a sentence calls this store; nothing secret is in it."""
        return f"{self.bucket.called}/{self._prefix}".rstrip("/")

    def path(self, name: str) -> str:
        """Return the key in the bucket. Raises UnsafeName."""
        check_name(name)
        return self._prefix + name

    def _written(self, name: str) -> str:
        """Return the key of what is to be written, as long as the leases that are held are ours.

        Raises:
            LockLost: one is not.
        """
        for holding in tuple(self._held):
            holding.require()
        return self.path(name)

    def read(self, name: str, *, limit: int | None = None) -> bytes:
        return self.read_tagged(name, limit=limit)[0]

    def read_tagged(self, name: str, *, limit: int | None = None) -> tuple[bytes, Tag]:
        path = self.path(name)
        with self.bucket.telling(name):
            found = self.bucket.get(path)
            if limit is not None and found.meta["size"] > limit:
                raise ObjectTooLarge(name, limit=limit)
            return bytes(found.bytes()), self.bucket.tag(found.meta)

    def open(self, name: str) -> BinaryIO:
        path = self.path(name)
        with self.bucket.telling(name):
            meta = self.bucket.head(path)
            if meta["size"] > _HELD_WHOLE_BYTES:
                return cast("BinaryIO", io.BufferedReader(_Ranges(self.bucket, path, name, meta), _RANGE_BYTES))
            return io.BytesIO(bytes(self.bucket.get(path).bytes()))

    def stat(self, name: str) -> Entry | None:
        path = self.path(name)
        try:
            with self.bucket.telling(name):
                return Entry(name=name, length_bytes=self.bucket.head(path)["size"])
        except ObjectMissing:
            return None

    def list(self, prefix: str = "", *, odd: Odd | None = None) -> Iterator[Entry]:
        """Yield the objects by name; the whole listing is held, for servers sort in their own ways."""
        check_prefix(prefix)
        folder = self._prefix + prefix.rpartition("/")[0]
        with self.bucket.telling(prefix or self.called):
            found = [
                Entry(name=name, length_bytes=meta["size"])
                for meta in self.bucket.list(folder)
                if (name := meta["path"].removeprefix(self._prefix)).startswith(prefix) and _is_object(name)
            ]
        yield from sorted(found, key=lambda entry: entry.name)

    def write(self, name: str, data: bytes, *, condition: Condition = ALWAYS, private: bool = False) -> Tag:
        path = self._written(name)
        attributes = self._kinds(name)
        if condition is not ALWAYS:
            return self.bucket.put_if(path, data, condition, name=name, attributes=attributes)
        with self.bucket.telling(name, writing=True):
            return self.bucket.put(path, data, attributes=attributes)

    def write_stream(self, name: str, chunks: Iterable[bytes], *, executable: bool = False) -> Entry:
        path = self._written(name)
        counted = _Counted(chunks)
        begun = counted.take(PART_BYTES)
        with self.bucket.telling(name, writing=True):
            if counted.ended:
                self.bucket.put(path, b"".join(begun), attributes=self._kinds(name))
            else:
                self.bucket.put_parts(path, read_ahead(counted.after(begun)), attributes=self._kinds(name))
        return Entry(name=name, length_bytes=counted.length_bytes)

    def copy(self, source: str, name: str, *, shared: bool = False) -> None:
        """Copy on the server. The copy is served as its source is."""
        path, origin = self._written(name), self.path(source)
        if source == name:
            self._require(source)  # S3 refuses to copy an object to itself
            return
        with self.bucket.telling(source, writing=True):
            self.bucket.copy(origin, path)

    def move(self, source: str, name: str) -> None:
        if source == name:
            self._require(source)
            return
        self.copy(source, name)
        self.delete(source)

    def delete(self, name: str) -> None:
        path = self._written(name)
        try:
            with self.bucket.telling(name, writing=True):
                self.bucket.delete(path)
        except ObjectMissing:
            return

    @contextmanager
    def lock(self, name: str, *, note: str, wait_seconds: float = 0) -> Iterator[None]:
        """Hold a lease: an object with a holder, a reason and an end, which the holder puts off while it lives.

        Where it can't, this store writes no more until the block ends.
        """
        folder, slash, last = self.path(name).rpartition("/")
        lease = f"{folder}{slash}{lock_file(last)}"
        with hold(
            self.bucket,
            lease,
            name=name,
            note=note,
            wait_seconds=wait_seconds,
            clock=self._clock,
            conditions=self.conditions,
        ) as holding:
            self._held.append(holding)
            try:
                yield
            finally:
                self._held.remove(holding)

    @contextmanager
    def batch(self) -> Iterator[Store]:
        yield self

    def sweep(self, prefix: str = "", *, look_only: bool = False) -> tuple[str, ...]:
        return ()  # the server forgets what was never completed

    def _require(self, name: str) -> None:
        if self.stat(name) is None:
            raise ObjectMissing(name)


class _Ranges(io.RawIOBase):
    """A long object, read in ranges of the very version that was opened."""

    def __init__(self, bucket: Bucket, path: str, name: str, meta: ObjectMeta):
        super().__init__()
        self._bucket, self._path, self._name = bucket, path, name
        self._size, self._tag = meta["size"], meta.get("e_tag")
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readall(self) -> bytes:
        return b"".join(iter(lambda: self._take(PART_BYTES), b""))

    def readinto(self, buffer: Any) -> int:
        data = self._take(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def _take(self, length_bytes: int) -> bytes:
        end = min(self._at + length_bytes, self._size)
        if self._at >= end:
            return b""
        same: dict[str, Any] = {"if_match": self._tag} if self._tag else {}
        try:
            with self._bucket.telling(self._name):
                data = bytes(self._bucket.get(self._path, range=(self._at, end), **same).bytes())
        except StoreFault as error:
            raise self._gone(error) from error
        self._at += len(data)
        return data

    def _gone(self, error: StoreFault) -> StoreFault:
        """A long object can't be kept for a reader once it is written over; the reader is told, not given a mixture."""
        if was_overwritten(error.__cause__):
            return ObjectChanged(self._name, expected=self._tag or "", found="")
        return error


class _Counted:
    """Chunks on their way, counted."""

    def __init__(self, chunks: Iterable[bytes]):
        self._chunks = iter(chunks)
        self.length_bytes = 0
        self.ended = False

    def take(self, least_bytes: int) -> list[bytes]:
        """Return the first chunks, until there are this many bytes or no more chunks."""
        taken: list[bytes] = []
        for chunk in self._chunks:
            taken.append(chunk)
            self.length_bytes += len(chunk)
            if self.length_bytes > least_bytes:
                return taken
        self.ended = True
        return taken

    def after(self, begun: Iterable[bytes]) -> Iterator[bytes]:
        yield from begun
        for chunk in self._chunks:
            self.length_bytes += len(chunk)
            yield chunk


def _is_object(name: str) -> bool:
    """Whether a key is one of a store's objects: others put keys into a bucket that no store would take."""
    try:
        check_name(name)
    except StoreFault:
        return False
    return not any(is_reserved(segment) for segment in name.split("/"))
