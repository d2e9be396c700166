"""Every way in which the requests of two programs to one remote can follow each other.

Each program is a thread that stops before each request until it is its turn. A schedule says whose turn it is. Two
schedules after which both programs have seen the same answers and the remote has the same objects go on alike, so one
of them is enough: all are covered, though far from all are run.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from random import Random
from typing import BinaryIO, TypeVar

from tufkeep.publish.deleting import Patience
from tufkeep.publish.names import DELETING, JOURNAL
from tufkeep.stores import MemoryStore, Store
from tufkeep.stores.store import ALWAYS, Condition, Entry, Odd, Tag

T = TypeVar("T")
Program = Callable[[Store, Patience], object]
Check = Callable[[Store], None]


class _Stopped(BaseException):
    """The program is given up here."""


@dataclass
class _Actor:
    """One program, between two of its requests."""

    run: Program
    store: MemoryStore
    seen: list[str] = field(default_factory=list[str])  # what it asked and what it was answered
    asking: bool = False
    asleep_since: int | None = None  # it waits until the remote has changed
    time: float = 0.0
    done: bool = False
    error: BaseException | None = None
    stopped: bool = False
    turn: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    rest: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def start(self) -> None:
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()
        self.rest.acquire()

    def step(self) -> None:
        self.turn.release()
        self.rest.acquire()

    def stop(self) -> None:
        if not self.done:
            self.stopped = True
            self.step()

    def wait(self) -> None:
        """Stop before a request, until it is our turn."""
        if self.stopped:
            raise _Stopped
        self.rest.release()
        self.turn.acquire()
        if self.stopped:
            raise _Stopped

    def sleep(self, seconds: float) -> None:
        self.asleep_since = self.store.writes if isinstance(self.store, _Counted) else 0
        self.time += seconds
        self.wait()
        self.asleep_since = None

    def _work(self) -> None:
        try:
            self.run(_Turns(self.store, self), Patience(sleep=self.sleep, monotonic=lambda: self.time))
        except _Stopped:
            pass
        except BaseException as error:
            self.error = error
        self.done = True
        self.rest.release()


class _Counted(MemoryStore):
    """A store that knows how often it was written to."""

    writes = 0

    def content(self) -> str:
        """Return all that is in it as one digest; a note of who deletes says only that somebody does."""
        found = hashlib.sha256()
        for entry in self.list():
            data = self.read(entry.name)
            found.update(f"{entry.name}\0{_digest(entry.name, data)}\n".encode())
        return found.hexdigest()


class _Turns:
    """The remote as one program sees it: each request waits for its turn."""

    def __init__(self, inner: MemoryStore, actor: _Actor):
        self.inner, self._actor = inner, actor

    def read(self, name: str, *, limit: int | None = None) -> bytes:
        if name.startswith(JOURNAL):  # never changes and never goes, so it is the same when it is read
            return self.inner.read(name, limit=limit)
        return self._ask("read", name, lambda: self.inner.read(name, limit=limit))

    def read_tagged(self, name: str, *, limit: int | None = None) -> tuple[bytes, Tag]:
        return self._ask("read", name, lambda: self.inner.read_tagged(name, limit=limit))

    def open(self, name: str) -> BinaryIO:
        return self._ask("open", name, lambda: self.inner.open(name))

    def stat(self, name: str) -> Entry | None:
        return self._ask("stat", name, lambda: self.inner.stat(name))

    def list(self, prefix: str = "", *, odd: Odd | None = None) -> Iterator[Entry]:
        return iter(self._ask("list", prefix, lambda: tuple(self.inner.list(prefix, odd=odd))))

    def write(self, name: str, data: bytes, *, condition: Condition = ALWAYS, private: bool = False) -> Tag:
        return self._ask("write", name, lambda: self.inner.write(name, data, condition=condition, private=private))

    def write_stream(self, name: str, chunks: Iterable[bytes], *, executable: bool = False) -> Entry:
        data = list(chunks)
        return self._ask("write", name, lambda: self.inner.write_stream(name, data, executable=executable))

    def copy(self, source: str, name: str, *, shared: bool = False) -> None:
        self._ask("write", name, lambda: self.inner.copy(source, name, shared=shared))

    def move(self, source: str, name: str) -> None:
        self._ask("write", name, lambda: self.inner.move(source, name))

    def delete(self, name: str) -> None:
        self._ask("write", name, lambda: self.inner.delete(name))

    def lock(self, name: str, *, note: str, wait_seconds: float = 0) -> AbstractContextManager[None]:
        return self._ask("lock", name, lambda: self.inner.lock(name, note=note, wait_seconds=wait_seconds))

    def batch(self) -> AbstractContextManager[Store]:
        return self.inner.batch()

    def sweep(self, prefix: str = "", *, look_only: bool = False) -> tuple[str, ...]:
        return ()

    def _ask(self, what: str, name: str, answer: Callable[[], T]) -> T:
        self._actor.wait()
        if what == "write":
            self.inner.writes += 1  # type: ignore[attr-defined]
        try:
            answered = answer()
        except Exception as error:
            self._actor.seen.append(f"{what} {name} {type(error).__name__}")
            raise
        self._actor.seen.append(f"{what} {name} {_digest(name, answered)}")
        return answered


def _digest(name: str, answered: object) -> str:
    if name == DELETING:
        text = repr(answered)
        return "somebody" if '"who":"' in text else "nobody"
    return hashlib.sha256(repr(answered).encode()).hexdigest() if not isinstance(answered, BinaryIO) else ""


@dataclass(frozen=True)
class Explored:
    """What was covered."""

    states: int
    endings: int
    errors: frozenset[str]


def explore(remote: MemoryStore, programs: Sequence[Program], check: Check, *, most: int = 1_000_000) -> Explored:
    """Run every schedule that can make a difference; call `check` at every state of the remote.

    Args:
        remote: as it is when both programs begin.
        most: states, where a sample has to be enough: the same ones each time, from all over.
    """
    draw = Random(most)
    visited: set[tuple[object, ...]] = set()
    checked: set[str] = set()
    errors: set[str] = set()
    endings = 0
    waiting: list[tuple[int, ...]] = [()]
    while waiting and len(visited) < most:
        schedule = waiting.pop(draw.randrange(len(waiting)))
        store = _Counted()
        for entry in remote.list():
            store.write(entry.name, remote.read(entry.name))
        actors = [_Actor(run, store) for run in programs]
        for actor in actors:
            actor.start()
        for number in schedule:
            actors[number].step()
        while True:
            content = store.content()
            if content not in checked:
                checked.add(content)
                check(store)
            state = (content, *(_standing(actor) for actor in actors))
            ready = [number for number, actor in enumerate(actors) if _ready(actor, actors)]
            if not ready:
                endings += 1
                errors |= {
                    f"{number}: {type(actor.error).__name__}" for number, actor in enumerate(actors) if actor.error
                }
                break
            if state in visited:
                break
            visited.add(state)
            waiting += [(*schedule, number) for number in ready[1:]]
            schedule = (*schedule, ready[0])
            actors[ready[0]].step()
        for actor in actors:
            actor.stop()
    return Explored(states=len(visited), endings=endings, errors=frozenset(errors))


def _standing(actor: _Actor) -> tuple[object, ...]:
    return (hashlib.sha256("\n".join(actor.seen).encode()).hexdigest(), actor.done, actor.asleep_since is not None)


def _ready(actor: _Actor, actors: Sequence[_Actor]) -> bool:
    """Whether it could go on; who waits for another does so until that one has done something or is at its end."""
    if actor.done:
        return False
    others_done = all(other.done for other in actors if other is not actor)
    return actor.asleep_since is None or others_done or actor.store.writes > actor.asleep_since  # type: ignore[attr-defined]
