"""Chunks read ahead in a thread of their own.

A library that pulls chunks out of an iterator does so from within itself. Where the iterator asks the same library for
them, as from one bucket to another, it would wait for itself.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from queue import Full, Queue
from threading import Event, Thread

_AHEAD = 4  # chunks
_LOOK_SECONDS = 0.1  # how soon the thread notices that nobody reads any more


def read_ahead(chunks: Iterator[bytes]) -> Generator[bytes, None, None]:
    """Yield the chunks of an iterator that another thread runs; what it raises is raised here."""
    queue: Queue[bytes | BaseException | None] = Queue(_AHEAD)
    stop = Event()
    thread = Thread(target=_read, args=(chunks, queue, stop), daemon=True)
    thread.start()
    try:
        while (found := queue.get()) is not None:
            if isinstance(found, BaseException):
                raise found
            yield found
    finally:
        stop.set()
        thread.join()


def _read(chunks: Iterator[bytes], queue: Queue[bytes | BaseException | None], stop: Event) -> None:
    try:
        for chunk in chunks:
            if not _put(queue, chunk, stop):
                break
        else:
            _put(queue, None, stop)
    except BaseException as error:
        _put(queue, error, stop)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()


def _put(queue: Queue[bytes | BaseException | None], found: bytes | BaseException | None, stop: Event) -> bool:
    """Return whether somebody still reads."""
    while not stop.is_set():
        try:
            queue.put(found, timeout=_LOOK_SECONDS)
        except Full:
            continue
        return True
    return False
