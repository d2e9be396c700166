"""Remotes and working directories for the stories of this folder."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.servers import PUBLIC, AzureServer, S3Server
from tufkeep.publish.publication import Pushed
from tufkeep.publish.publisher import Publisher
from tufkeep.publish.pull import Pulled
from tufkeep.publish.remote import Remote, open_remote
from tufkeep.publish.work import Prefer
from tufkeep.stores import MemoryStore, Store
from tufkeep.stores.credentials import Places
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.workspace import Workspace, layout
from tufkeep.workspace.artifacts import Source
from tufkeep.workspace.policy import RemotePolicy

_NOBODY = Path("/nonexistent")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 3, 1, 12, tzinfo=UTC))


@dataclass
class Releaser:
    """One person with a working directory, and a remote."""

    store: Store
    remote: Remote
    clock: FakeClock
    who: str = "first"

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.store, clock=self.clock)

    @property
    def publisher(self) -> Publisher:
        """As a new process finds it."""
        return Publisher(self.workspace, self.remote, who=self.who)

    def release(self, path: str, data: bytes) -> None:
        self.stage(path, data)
        self.commit()

    def stage(self, path: str, data: bytes) -> None:
        workspace = self.workspace
        workspace.store.write_stream(layout.STAGED_TARGETS + path, [data])
        with workspace.edit("add") as edit:
            edit.add_artifacts([Source(path=path, file=None, custom=None)])

    def remove(self, path: str) -> None:
        workspace = self.workspace
        with workspace.edit("remove") as edit:
            edit.remove_targets([path])
        self.commit()

    def renew(self, *roles: str) -> None:
        workspace = self.workspace
        with workspace.edit("renew") as edit:
            for role in roles:
                edit.renew(role)
        self.commit()

    def commit(self) -> None:
        workspace = self.workspace
        workspace.commit(workspace.plan_commit())

    def push(self, **options: Any) -> Pushed:
        publisher = self.publisher
        return publisher.push(publisher.plan_push(**options))

    def pull(self, *, prefer: Prefer | None = None, **options: Any) -> Pulled:
        return self.publisher.pull(prefer=prefer, **options)

    def copy(self, who: str) -> Releaser:
        """Return a second person who begins with the same files and the same keys."""
        store = MemoryStore(clock=self.clock)
        for entry in self.store.list():
            store.write(entry.name, self.store.read(entry.name))
        return Releaser(store, self.remote, self.clock, who)

    def version(self, role: str = "timestamp") -> int:
        committed = self.workspace.state.committed(role)
        assert committed is not None
        return committed.version

    def targets(self) -> set[str]:
        committed = self.workspace.state.committed("targets")
        assert committed is not None
        return set(committed.signed.targets)


def memory_remote(name: str = "staging", **policy: Any) -> Remote:
    return Remote(name=name, store=MemoryStore(), policy=RemotePolicy(**{"url": f"memory://{name}", **policy}))


def s3_remote(server: S3Server, name: str = "staging", *, bucket: str = PUBLIC, **policy: Any) -> Remote:
    """Return a folder of its own in a bucket that everybody may read."""
    folder = uuid.uuid4().hex
    own = {"url": f"s3://{bucket}/{folder}", "public_url": f"{server.endpoint}/{bucket}/{folder}"}
    settings = RemotePolicy(endpoint=server.endpoint, **{**own, **policy})
    places = Places(environment=server.environment, home=_NOBODY, run=lambda command: "")
    return open_remote(name, {name: settings}, places)


def azure_remote(server: AzureServer) -> Remote:
    """Return a folder of its own in a container that everybody may read."""
    folder = uuid.uuid4().hex
    settings = RemotePolicy(
        url=f"az://{PUBLIC}/{folder}",
        public_url=f"{server.endpoint}/{PUBLIC}/{folder}",
        endpoint=server.endpoint,
        account=server.account,
    )
    places = Places(environment=server.environment, home=_NOBODY, run=lambda command: "")
    return open_remote("staging", {"staging": settings}, places)


def new_releaser(remote: Remote, clock: FakeClock, *, consistent_snapshot: bool = True) -> Releaser:
    sim = Simulator(clock, consistent_snapshot=consistent_snapshot)
    return Releaser(sim.store, remote, clock)


@pytest.fixture(params=["memory", "s3"])
def remote(request: pytest.FixtureRequest) -> Remote:
    """An empty remote: in memory, then on a real server."""
    return memory_remote() if request.param == "memory" else s3_remote(request.getfixturevalue("seaweed"))


@pytest.fixture(params=[True, False], ids=["consistent", "plain"])
def releaser(request: pytest.FixtureRequest, remote: Remote, clock: FakeClock) -> Releaser:
    return new_releaser(remote, clock, consistent_snapshot=request.param)
