"""An attacker between a repository and a client that has trusted it before."""

from __future__ import annotations

import pytest

from tufkeep.client import Client, Limits, StoreFetcher
from tufkeep.stores import MemoryStore
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.fetcher import ScriptedFetcher
from tufkeep.testing.forge import Forge


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def forge(clock: FakeClock) -> Forge:
    """The repository: its keys are where an attack says that they are."""
    forge = Forge(now=clock())
    forge.add("app", b"1.0", version="1.0")
    forge.publish()
    return forge


@pytest.fixture
def mirror(forge: Forge) -> ScriptedFetcher:
    """Whoever serves the repository; an attacker answers as they like."""
    return ScriptedFetcher(StoreFetcher(forge.store))


class Victim:
    """A client with the folder that it installs from. Each refresh is a new process over the same state."""

    def __init__(self, mirror: ScriptedFetcher, clock: FakeClock, root: bytes):
        self.state, self.folder = MemoryStore(), MemoryStore()
        self._mirror, self._clock = mirror, clock
        self._new().init(root)
        self.refresh()

    def _new(self) -> Client:
        return Client(self.state, self._mirror, clock=self._clock, limits=Limits(sleep=lambda seconds: None))

    def refresh(self) -> None:
        self._new().refresh()

    def download(self, path: str) -> bytes:
        self._new().download(path, self.folder)
        return self.folder.read(path)

    @property
    def trusted(self) -> dict[str, bytes]:
        return {entry.name: self.state.read(entry.name) for entry in self.state.list()}


@pytest.fixture
def victim(mirror: ScriptedFetcher, clock: FakeClock, forge: Forge) -> Victim:
    return Victim(mirror, clock, forge.root())
