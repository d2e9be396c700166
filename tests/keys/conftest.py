"""What the tests of keys share."""

from __future__ import annotations

import hashlib
import threading
from typing import Any

import pytest


class Scrypts:
    """How often scrypt ran, and in which threads."""

    def __init__(self) -> None:
        self.count = 0
        self.together = 0  # the most that ran at one time
        self._running = 0
        self._guard = threading.Lock()

    def change(self, by: int) -> None:
        with self._guard:
            self.count += by > 0
            self._running += by
            self.together = max(self.together, self._running)


@pytest.fixture
def scrypts(monkeypatch: pytest.MonkeyPatch) -> Scrypts:
    """Counts the scrypts of a test, which run as always."""
    counter, real = Scrypts(), hashlib.scrypt

    def counted(*given: Any, **named: Any) -> bytes:
        counter.change(1)
        try:
            return real(*given, **named)
        finally:
            counter.change(-1)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    return counter
