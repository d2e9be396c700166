"""Working directories in memory, made from the repositories of the real go-tuf."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from tests.peers import CHECKOUT
from tufkeep.stores import MemoryStore
from tufkeep.testing.clock import FakeClock
from tufkeep.workspace import Workspace

VECTORS = CHECKOUT / "tests" / "vectors" / "go-tuf"
NOW = datetime(2026, 12, 1, tzinfo=UTC)  # the vectors were made the month before, and end in 2036
ROLES = (b"root", b"targets", b"snapshot", b"timestamp")


def desk(vector: str, clock: Callable[[], datetime] | None = None) -> Workspace:
    """Return one of the vectors as a working directory that a test may break."""
    store = MemoryStore()
    folder = VECTORS / vector
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            store.write(path.relative_to(folder).as_posix(), path.read_bytes())
    store.write("tufkeep.toml", b"".join(b"[roles.%s]\ndays = 3660\n" % role for role in ROLES))
    return Workspace(store, clock=clock or FakeClock(NOW))
