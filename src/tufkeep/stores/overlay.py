"""A store that shows what would be: it reads through to another one but keeps every change to itself.

A dry run is the real run over an overlay, so it can't promise what the real one would not do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import BinaryIO

from tufkeep.stores.errors import ObjectChanged, ObjectExists, ObjectMissing
from tufkeep.stores.names import check_name
from tufkeep.stores.store import ALWAYS, CREATE, Condition, Entry, Odd, Store, Tag, Unchanged, chunks_of


class OverlayStore:
    """Changes kept in `top` over a `base` that is only read.

    For one process: nobody else sees the changes, so there is nobody to lock out.
    """

    def __init__(self, base: Store, top: Store):
        self.base = base
        self._top = top
        self._gone: set[str] = set()  # names of the base that were deleted or moved away; the top may have them again

    def read(self, name: str, *, limit: int | None = None) -> bytes:
        return self._holder(name).read(name, limit=limit)

    def read_tagged(self, name: str, *, limit: int | None = None) -> tuple[bytes, Tag]:
        return self._holder(name).read_tagged(name, limit=limit)

    def open(self, name: str) -> BinaryIO:
        return self._holder(name).open(name)

    def stat(self, name: str) -> Entry | None:
        found = self._top.stat(name)
        return found if found is not None or name in self._gone else self.base.stat(name)

    def list(self, prefix: str = "", *, odd: Odd | None = None) -> Iterator[Entry]:
        changed = {entry.name: entry for entry in self._top.list(prefix)}
        below = {entry.name: entry for entry in self.base.list(prefix, odd=odd) if entry.name not in self._gone}
        merged = below | changed
        yield from (merged[name] for name in sorted(merged))

    def write(self, name: str, data: bytes, *, condition: Condition = ALWAYS, private: bool = False) -> Tag:
        if condition is CREATE and self.stat(name) is not None:
            raise ObjectExists(name)
        if isinstance(condition, Unchanged):
            self._require_unchanged(name, condition.tag)
        return self._top.write(name, data, private=private)

    def write_stream(self, name: str, chunks: Iterable[bytes], *, executable: bool = False) -> Entry:
        return self._top.write_stream(name, chunks, executable=executable)

    def copy(self, source: str, name: str, *, shared: bool = False) -> None:
        entry = self.stat(source)
        if entry is None:
            raise ObjectMissing(source)
        if self._top.stat(source) is not None:
            self._top.copy(source, name, shared=shared)
            return
        with self.open(source) as stream:
            self.write_stream(name, chunks_of(stream), executable=entry.executable)

    def move(self, source: str, name: str) -> None:
        self.copy(source, name)
        if source != name:
            self.delete(source)

    def delete(self, name: str) -> None:
        check_name(name)
        self._top.delete(name)
        self._gone.add(name)

    def lock(self, name: str, *, note: str, wait_seconds: float = 0) -> AbstractContextManager[None]:
        check_name(name)
        return nullcontext()

    def batch(self) -> AbstractContextManager[Store]:
        return nullcontext(self)

    def sweep(self, prefix: str = "", *, look_only: bool = False) -> tuple[str, ...]:
        return ()

    def _holder(self, name: str) -> Store:
        if self._top.stat(name) is not None:
            return self._top
        if name in self._gone:
            raise ObjectMissing(name)
        return self.base

    def _require_unchanged(self, name: str, tag: Tag) -> None:
        try:
            _, found = self.read_tagged(name)
        except ObjectMissing:
            found = None
        if found != tag:
            raise ObjectChanged(name, expected=tag, found=found)
