"""Progress of long work, on a terminal only."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TextIO

PATIENCE_SECONDS = 0.5  # work that is done sooner draws nothing, and pays nothing for drawing


@contextmanager
def progress(stream: TextIO, label: str, *, total: int | None) -> Iterator[Callable[[int], None]]:
    """Give a function that takes each number of bytes (or things) done."""
    if not stream.isatty():
        yield lambda done: None
        return
    with ExitStack() as stack:
        yield _Bar(stream, label, total, stack).advance


class _Bar:
    def __init__(self, stream: TextIO, label: str, total: int | None, stack: ExitStack):
        self._stream, self._label, self._total, self._stack = stream, label, total, stack
        self._done = 0
        self._due = time.monotonic() + PATIENCE_SECONDS
        self._drawn: Callable[[int], None] | None = None

    def advance(self, done: int) -> None:
        self._done += done
        if self._drawn is None and time.monotonic() >= self._due:
            self._drawn = self._draw()
        if self._drawn is not None:
            self._drawn(self._done)

    def _draw(self) -> Callable[[int], None]:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        drawing = self._stack.enter_context(
            Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TextColumn("{task.percentage:>3.0f}%"),
                TimeRemainingColumn(),
                console=Console(file=self._stream),
                transient=True,
            )
        )
        task = drawing.add_task(self._label, total=self._total)
        return lambda done: drawing.update(task, completed=done)
