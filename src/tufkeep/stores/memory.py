"""A store in memory: the contract without a medium."""

from __future__ import annotations

import hashlib
import io
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from tufkeep.clock import Clock, system_clock
from tufkeep.stores.errors import (
    Locked,
    NotAFile,
    NotAFolder,
    ObjectChanged,
    ObjectExists,
    ObjectMissing,
    ObjectTooLarge,
)
from tufkeep.stores.holder import Holder, this_process
from tufkeep.stores.names import check_name, check_prefix, folders_above
from tufkeep.stores.store import ALWAYS, CREATE, Condition, Entry, Odd, Store, Tag, Unchanged

_POLL_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class _Object:
    data: bytes
    executable: bool = False

    @property
    def tag(self) -> Tag:
        return hashlib.sha256(self.data).hexdigest()


class MemoryStore:
    """Objects in a dictionary, shared by the threads of one process.

    As strict as a folder: a name cannot be both an object and the folder of others.
    """

    def __init__(self, *, clock: Clock = system_clock) -> None:
        self._objects: dict[str, _Object] = {}
        self._folders: Counter[str] = Counter()  # how many objects are below each
        self._held: dict[str, Holder] = {}
        self._guard = threading.RLock()
        self._clock = clock

    def read(self, name: str, *, limit: int | None = None) -> bytes:
        return self.read_tagged(name, limit=limit)[0]

    def read_tagged(self, name: str, *, limit: int | None = None) -> tuple[bytes, Tag]:
        found = self._get(name)
        if limit is not None and len(found.data) > limit:
            raise ObjectTooLarge(name, limit=limit)
        return found.data, found.tag

    def open(self, name: str) -> BinaryIO:
        return io.BytesIO(self._get(name).data)

    def stat(self, name: str) -> Entry | None:
        check_name(name)
        found = self._objects.get(name)
        return _entry(name, found) if found else None

    def list(self, prefix: str = "", *, odd: Odd | None = None) -> Iterator[Entry]:
        check_prefix(prefix)
        with self._guard:
            found = sorted((name, held) for name, held in self._objects.items() if name.startswith(prefix))
        for name, held in found:
            yield _entry(name, held)

    def write(self, name: str, data: bytes, *, condition: Condition = ALWAYS, private: bool = False) -> Tag:
        check_name(name)
        with self._guard:
            self._check(name, condition)
            return self._put(name, _Object(bytes(data))).tag

    def write_stream(self, name: str, chunks: Iterable[bytes], *, executable: bool = False) -> Entry:
        check_name(name)
        written = _Object(b"".join(chunks), executable)
        with self._guard:
            return _entry(name, self._put(name, written))

    def copy(self, source: str, name: str, *, shared: bool = False) -> None:
        check_name(name)
        with self._guard:
            self._put(name, self._get(source))

    def move(self, source: str, name: str) -> None:
        check_name(name)
        with self._guard:
            moved = self._get(source)
            if source != name:
                self._put(name, moved)
                self._drop(source)

    def delete(self, name: str) -> None:
        check_name(name)
        with self._guard:
            self._drop(name)

    @contextmanager
    def lock(self, name: str, *, note: str, wait_seconds: float = 0) -> Iterator[None]:
        check_name(name)
        deadline = time.monotonic() + wait_seconds
        mine = this_process(note, self._clock)
        while (other := self._held.setdefault(name, mine)) is not mine:
            if time.monotonic() >= deadline:
                raise Locked(name, holder=other)
            time.sleep(_POLL_SECONDS)
        try:
            yield
        finally:
            del self._held[name]

    @contextmanager
    def batch(self) -> Iterator[Store]:
        yield self

    def sweep(self, prefix: str = "", *, look_only: bool = False) -> tuple[str, ...]:
        return ()

    def _get(self, name: str) -> _Object:
        check_name(name)
        found = self._objects.get(name)
        if found is None:
            raise _folder_there(name) if self._folders[name] else ObjectMissing(name)
        return found

    def _check(self, name: str, condition: Condition) -> None:
        found = self._objects.get(name)
        if condition is CREATE and found is not None:
            raise ObjectExists(name)
        if isinstance(condition, Unchanged) and (found is None or found.tag != condition.tag):
            raise ObjectChanged(name, expected=condition.tag, found=found.tag if found else None)

    def _put(self, name: str, written: _Object) -> _Object:
        if name not in self._objects:
            self._make_room(name)
        self._objects[name] = written
        return written

    def _make_room(self, name: str) -> None:
        if self._folders[name]:
            raise _folder_there(name)
        for folder in folders_above(name):
            if folder in self._objects:
                raise NotAFolder(folder, "is a file, not a folder")
        self._folders.update(folders_above(name))

    def _drop(self, name: str) -> None:
        if self._objects.pop(name, None):
            self._folders.subtract(folders_above(name))


def _folder_there(name: str) -> NotAFile:
    return NotAFile(name, "is a folder, not a file")


def _entry(name: str, found: _Object) -> Entry:
    return Entry(name=name, length_bytes=len(found.data), executable=found.executable)
