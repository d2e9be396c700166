"""A store in a folder: files that survive a crash."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from copy import copy
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from tufkeep.clock import Clock, system_clock
from tufkeep.stores import lockfile
from tufkeep.stores.directory import Directory
from tufkeep.stores.draft import NewFile, link, sweep
from tufkeep.stores.errors import (
    LinkRefused,
    Locked,
    NotAFile,
    ObjectChanged,
    ObjectExists,
    ObjectMissing,
    ObjectTooLarge,
    StoreFault,
)
from tufkeep.stores.faults import reading, writing
from tufkeep.stores.holder import Holder, this_process
from tufkeep.stores.names import check_name, check_prefix, is_reserved, is_temporary, lock_file
from tufkeep.stores.store import ALWAYS, CHUNK_BYTES, CREATE, Condition, Entry, Odd, Store, Tag, Unchanged, chunks_of
from tufkeep.stores.tree import Deferred, Tree

_POLL_SECONDS = 0.05
_NEITHER = "is neither a file nor a folder"


class FolderStore:
    """Objects as files below a folder.

    - A write makes a temporary file beside the target, fsyncs it, renames it and fsyncs the folder, and every folder
      made on the way. At no instant is there half a file under the name.
    - Files are 0644 or 0755, folders 0755, whatever the umask: a web server that runs as another user must read them.
      Private files are 0600 in a folder of 0700. A new root is 0755, too, but its owner's umask may take from that.
    - No symbolic link below the root is followed, ever, and none is overwritten. The root may be one.
    - FAT drives will do: without modes, links or folder fsync the rest still holds.
    - Where the file system takes two names for one (FAT, macOS), CREATE sees the other one and refuses.

    Args:
        path: the root; made by the first write.
        durable: False spares every fsync. Files still appear whole, but a power cut may take them. For tests.
        standing: folders that the first write makes, and that stay when the last object in them goes.
        served: others read what is in it: a new root is 0755 whatever the umask.
    """

    _kind: ClassVar[type[Directory]] = Directory

    def __init__(
        self,
        path: Path | str,
        *,
        durable: bool = True,
        clock: Clock = system_clock,
        standing: Collection[str] = (),
        served: bool = False,
    ):
        self._tree = Tree(Path(path), durable=durable, kind=self._kind, standing=standing, served=served)
        self._clock = clock

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.path)!r})"

    @property
    def path(self) -> Path:
        return self._tree.root

    def read(self, name: str, *, limit: int | None = None) -> bytes:
        with self.open(name) as stream:
            length_bytes = os.fstat(stream.fileno()).st_size
            data = stream.read(-1 if limit is None else min(length_bytes, limit) + 1)
        if limit is not None and len(data) > limit:
            raise ObjectTooLarge(name, limit=limit)
        return data

    def read_tagged(self, name: str, *, limit: int | None = None) -> tuple[bytes, Tag]:
        data = self.read(name, limit=limit)
        return data, hashlib.sha256(data).hexdigest()

    def open(self, name: str) -> BinaryIO:
        check_name(name)
        with self._tree.reach(name) as way, reading(name):
            return io.BufferedReader(_File(way[-1].open(_segment(name)), name), CHUNK_BYTES)

    def stat(self, name: str) -> Entry | None:
        check_name(name)
        try:
            with self._tree.reach(name) as way:
                seen = _occupant(way[-1], name)
        except (ObjectMissing, NotAFile):
            return None
        return _entry(name, seen) if seen else None

    def list(self, prefix: str = "", *, odd: Odd | None = None) -> Iterator[Entry]:
        check_prefix(prefix)
        for name, _, seen in self._tree.walk(prefix, odd=odd):
            try:
                listed = _listed(name, seen, anything=odd is not None)
            except StoreFault as fault:
                if odd is None:
                    raise
                odd(fault)
            else:
                if listed is not None:
                    yield listed

    def write(self, name: str, data: bytes, *, condition: Condition = ALWAYS, private: bool = False) -> Tag:
        self._put(name, (data,), mode=0o600 if private else 0o644, condition=condition)
        return hashlib.sha256(data).hexdigest()

    def write_stream(self, name: str, chunks: Iterable[bytes], *, executable: bool = False) -> Entry:
        length_bytes = self._put(name, chunks, mode=0o755 if executable else 0o644)
        return Entry(name=name, length_bytes=length_bytes, executable=executable)

    def copy(self, source: str, name: str, *, shared: bool = False) -> None:
        check_name(name)
        if source == name:
            self.open(source).close()
        elif not (shared and self._link(source, name)):
            with self.open(source) as stream:
                mode = _mode(os.fstat(stream.fileno()))
                self._put(name, chunks_of(stream), mode=mode)

    def move(self, source: str, name: str) -> None:
        check_name(source)
        check_name(name)
        with self._tree.reach(source) as start, ExitStack() as stack:
            _demand(start[-1], source)  # before any folder is made for it
            if source == name:
                return
            way, _ = self._tree.enter(stack, name, lambda folder: self._rename(start[-1], source, folder, name))
            self._tree.settle(name, way)  # first the new name: a power cut may leave both, never none
            self._tree.settle(source, start)
            self._tree.prune(source, start)

    def delete(self, name: str) -> None:
        check_name(name)
        with suppress(ObjectMissing, NotAFile), self._tree.reach(name) as way:
            with writing(name), way[-1].guard():
                _demand(way[-1], name)
                way[-1].unlink(_segment(name))
            self._tree.settle(name, way)
            self._tree.prune(name, way)

    @contextmanager
    def lock(self, name: str, *, note: str, wait_seconds: float = 0) -> Iterator[None]:
        check_name(name)
        mine = this_process(note, self._clock)
        deadline = time.monotonic() + wait_seconds
        with ExitStack() as stack:
            while isinstance(got := self._try_lock(stack, name, mine), Locked):
                if time.monotonic() >= deadline:
                    raise got
                time.sleep(_POLL_SECONDS)
            with got:
                yield

    @contextmanager
    def batch(self) -> Iterator[Store]:
        tree = Deferred(self._tree)
        view = copy(self)
        view._tree = tree
        try:
            yield view
        finally:
            tree.finish()

    def sweep(self, prefix: str = "", *, look_only: bool = False) -> tuple[str, ...]:
        check_prefix(prefix)
        found = self._tree.walk(prefix)
        removed = tuple(name for name, folder, seen in found if self._sweep(name, folder, seen, look_only=look_only))
        for name in removed if not look_only else ():
            with suppress(ObjectMissing), self._tree.reach(name) as way:
                self._tree.prune(name, way)
        return removed

    def _sweep(self, name: str, folder: Directory, seen: os.stat_result, *, look_only: bool) -> bool:
        if not (is_temporary(_segment(name)) and stat.S_ISREG(seen.st_mode)):
            return False
        with writing(name), folder.guard():  # a hard link on its way to its name is made and renamed in one guard
            return sweep(folder, _segment(name), look_only=look_only)

    def _put(self, name: str, chunks: Iterable[bytes], *, mode: int, condition: Condition = ALWAYS) -> int:
        check_name(name)
        length_bytes = 0
        with ExitStack() as stack:
            way, draft = self._tree.enter(
                stack, name, lambda folder: NewFile(folder, _segment(name)), private=not mode & 0o077
            )
            stack.enter_context(draft)
            for chunk in chunks:
                with writing(name):
                    draft.write(chunk)
                length_bytes += len(chunk)
            with writing(name):
                draft.finish(mode=mode, durable=self._tree.durable)
                with way[-1].guard():
                    _check(way[-1], name, condition)
                    draft.place()
            self._tree.settle(name, way)
        return length_bytes

    def _link(self, source: str, name: str) -> bool:
        """Give the file of `source` a second name, False where the file system cannot."""
        check_name(source)
        with self._tree.reach(source) as start, ExitStack() as stack:
            self._sync(start[-1], source)

            def act(folder: Directory) -> bool:
                with folder.guard():
                    _occupant(folder, name)
                    return link(start[-1], _segment(source), folder, _segment(name))

            way, linked = self._tree.enter(stack, name, act)
            if linked:
                self._tree.settle(name, way)
        return linked

    def _rename(self, start: Directory, source: str, folder: Directory, name: str) -> None:
        self._sync(start, source)
        with _guard(start, folder):
            moved, other = _demand(start, source), _occupant(folder, name)
            start.rename(_segment(source), folder, _segment(name))
            if other and moved.st_nlink > 1 and os.path.samestat(moved, other) and _is_listed(start, _segment(source)):
                # POSIX: a rename between two links to one file does nothing. Where the file system takes two names
                # for one, the file has one link, and unlinking the "other" name would lose it.
                start.unlink(_segment(source))

    def _sync(self, folder: Directory, name: str) -> None:
        """See a file to the medium that another program may have written without doing so."""
        with reading(name):
            fd = folder.open(_segment(name))
            try:
                if self._tree.durable:
                    folder.sync_file(fd)
            finally:
                os.close(fd)

    def _try_lock(self, stack: ExitStack, name: str, mine: Holder) -> AbstractContextManager[None] | Locked:
        segment = lock_file(_segment(name))
        with ExitStack() as trial:
            way, got = self._tree.enter(trial, name, lambda folder: lockfile.acquire(folder, segment, mine))
            if not isinstance(got, int):
                return Locked(name, holder=got)
            stack.enter_context(trial.pop_all())
            return lockfile.held(way[-1], segment, got)


class _File(io.FileIO):
    """A file whose reads fail with our errors: a drive may be pulled long after it was opened."""

    def __init__(self, fd: int, name: str):
        super().__init__(fd, "rb")
        self._object = name

    def readinto(self, buffer: Any, /) -> int:
        with reading(self._object):
            return super().readinto(buffer)

    def readall(self) -> bytes:
        with reading(self._object):
            return super().readall()


def _segment(name: str) -> str:
    return name.rpartition("/")[2]


def _entry(name: str, seen: os.stat_result) -> Entry:
    return Entry(name=name, length_bytes=seen.st_size, executable=bool(seen.st_mode & 0o100))


def _listed(name: str, seen: os.stat_result, *, anything: bool) -> Entry | None:
    """Return the entry of what a walk came to, None for what is nothing to a store.

    Args:
        anything: what is neither a file nor a link is a fault, too.
    """
    if stat.S_ISLNK(seen.st_mode):
        raise LinkRefused(name)  # a web server might follow it: neither is it an object nor nothing
    if is_reserved(_segment(name)):
        return None
    if not stat.S_ISREG(seen.st_mode):
        if anything:
            raise NotAFile(name, _NEITHER)
        return None
    check_name(name)
    return _entry(name, seen)


def _mode(seen: os.stat_result) -> int:
    """Return the mode of a copy: executable or not, private or not."""
    mode = 0o755 if seen.st_mode & 0o100 else 0o644
    return mode if seen.st_mode & 0o077 else mode & 0o700


def _occupant(folder: Directory, name: str) -> os.stat_result | None:
    """Return the file that has the name.

    Raises:
        LinkRefused: a symbolic link has it.
        NotAFile: a folder has it, or something stranger.
    """
    try:
        with reading(name):
            seen = folder.stat(_segment(name))
    except ObjectMissing:
        return None
    if stat.S_ISREG(seen.st_mode):
        return seen
    if stat.S_ISLNK(seen.st_mode):
        raise LinkRefused(name)
    raise NotAFile(name, "is a folder, not a file" if stat.S_ISDIR(seen.st_mode) else _NEITHER)


def _demand(folder: Directory, name: str) -> os.stat_result:
    if (seen := _occupant(folder, name)) is None:
        raise ObjectMissing(name)
    return seen


def _check(folder: Directory, name: str, condition: Condition) -> None:
    seen = _occupant(folder, name)
    if condition is CREATE and seen:
        raise ObjectExists(name)
    if isinstance(condition, Unchanged):
        found = _tag(folder, name) if seen else None
        if found != condition.tag:
            raise ObjectChanged(name, expected=condition.tag, found=found)


def _tag(folder: Directory, name: str) -> Tag:
    with io.FileIO(folder.open(_segment(name)), "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _is_listed(folder: Directory, segment: str) -> bool:
    """Tell whether a folder has this very name, not just one that its file system takes for the same."""
    return any(name == segment for name, _ in folder.scan())


@contextmanager
def _guard(*folders: Directory) -> Iterator[None]:
    with ExitStack() as stack:
        for _, folder in sorted({folder.identity: folder for folder in folders}.items()):  # one order: no deadlock
            stack.enter_context(folder.guard())
        yield
