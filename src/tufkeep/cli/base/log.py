"""The library's log as lines on standard error, for -v."""

from __future__ import annotations

import logging
from collections.abc import Callable

_ROOT = logging.getLogger("tufkeep")


class LogLines(logging.Handler):
    """Writes each line of the log as `workspace: committed targets v2`."""

    def __init__(self, write: Callable[[str], None]):
        super().__init__(logging.INFO)
        self._write_line = write
        self._before = _ROOT.level
        _ROOT.addHandler(self)
        _ROOT.setLevel(logging.INFO)

    def emit(self, record: logging.LogRecord) -> None:
        self._write_line(f"{record.name.removeprefix('tufkeep.')}: {record.getMessage()}")

    def remove(self) -> None:
        """Take the handler out again."""
        _ROOT.removeHandler(self)
        _ROOT.setLevel(self._before)
