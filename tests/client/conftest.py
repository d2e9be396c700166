"""A forged repository, a scripted server before it, a client that trusts its first root."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tufkeep.client import Client, Limits, StoreFetcher
from tufkeep.stores import MemoryStore, Store
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.fetcher import ScriptedFetcher
from tufkeep.testing.forge import Forge

PATIENT = Limits(sleep=lambda seconds: None, jitter=lambda least, most: least)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def forge(clock: FakeClock) -> Forge:
    forge = Forge(now=clock())
    forge.add("app", b"1.0")
    forge.publish()
    return forge


@pytest.fixture
def server(forge: Forge) -> ScriptedFetcher:
    return ScriptedFetcher(StoreFetcher(forge.store))


@pytest.fixture
def state() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def folder() -> MemoryStore:
    """Where artifacts are downloaded to."""
    return MemoryStore()


NewClient = Callable[..., Client]


@pytest.fixture
def new_client(server: ScriptedFetcher, clock: FakeClock) -> NewClient:
    """A new process over some state."""

    def make(state: Store, limits: Limits = PATIENT) -> Client:
        return Client(state, server, clock=clock, limits=limits)

    return make


@pytest.fixture
def client(new_client: NewClient, state: MemoryStore, forge: Forge) -> Client:
    """Trusts the first root, and has made no request."""
    client = new_client(state)
    client.init(forge.root(1))
    return client
