from __future__ import annotations

from collections.abc import Iterator

from tufkeep.stores import Entry, MemoryStore, StoreDenied
from tufkeep.stores.store import Odd
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.watch.keys_in_sight import OUT_OF_SIGHT
from tufkeep.watch.status import status
from tufkeep.watch.verify import verify
from tufkeep.workspace import Workspace


class Watched(MemoryStore):
    """A working directory whose keys/ belongs to somebody else."""

    closed = False

    def list(self, prefix: str = "", *, odd: Odd | None = None) -> Iterator[Entry]:
        if self.closed and prefix.startswith("keys"):
            raise StoreDenied("keys", "may not be read by this user")
        return super().list(prefix, odd=odd)


def test_an_account_that_only_watches_needs_no_access_to_the_keys() -> None:
    clock = FakeClock()
    store = Watched()
    Simulator(clock, store=store)
    store.closed = True
    workspace = Workspace(store, clock=clock)
    assert status(workspace).key_warnings == (OUT_OF_SIGHT,)
    assert verify(workspace).findings == ()
