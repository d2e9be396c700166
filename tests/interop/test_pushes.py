"""Agents that refresh in a loop while pushes run never see a half-made repository.

Three clients: ours, python-tuf's, the real go-tuf v0.5.2. Pushes come through a proxy at random speeds, to a real S3
server that the clients read from directly.
"""

from __future__ import annotations

import random
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tuf.ngclient import Updater

from tests.conftest import SOAK
from tests.publish.conftest import Releaser, new_releaser, s3_remote
from tests.servers import S3Server
from tufkeep.client import Client, HttpFetcher
from tufkeep.publish.migrate import stage_consistent_snapshot
from tufkeep.stores import MemoryStore
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.proxy import Disturbance, FaultProxy, SeenRequest
from tufkeep.workspace import layout

pytestmark = pytest.mark.peer("weed")
PUSHES = 200 if SOAK else 15


@pytest.fixture
def now() -> FakeClock:
    """The real time: python-tuf's client and go-tuf's have no other."""
    return FakeClock(datetime.now(UTC))


@dataclass
class Crowd:
    """Clients that look and look until they are told to stop."""

    looks: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    _done: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def looking(self, agents: dict[str, Callable[[], bytes]], good: Callable[[bytes], bool]) -> Iterator[None]:
        threads = [threading.Thread(target=self._look, args=(name, agent, good)) for name, agent in agents.items()]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._done.set()
            for thread in threads:
                thread.join()

    def _look(self, name: str, agent: Callable[[], bytes], good: Callable[[bytes], bool]) -> None:
        while not self._done.is_set():
            try:
                found = agent()
                if not good(found):
                    self.failures.append(f"{name}: {found[:40]!r}")
            except Exception as error:
                self.failures.append(f"{name}: {error}")
            self.looks[name] += 1


def our_agent(url: str, root: bytes, clock: FakeClock) -> Callable[[], bytes]:
    state = MemoryStore()

    def look() -> bytes:
        client = Client(state, HttpFetcher(url), clock=clock)
        client.init(root)
        client.refresh()
        folder = MemoryStore()
        client.download("app", folder)
        return folder.read("app")

    return look


def python_tuf(url: str, root: bytes, folder: Path) -> Callable[[], bytes]:
    (folder / "metadata").mkdir(parents=True)
    (folder / "targets").mkdir()

    def look() -> bytes:
        updater = Updater(
            str(folder / "metadata"), f"{url}/", str(folder / "targets"), f"{url}/targets/", bootstrap=root
        )
        target = updater.get_targetinfo("app")
        assert target is not None
        return Path(updater.download_target(target)).read_bytes()

    return look


def go_tuf(program: Path, url: str, root: bytes, folder: Path) -> Callable[[], bytes]:
    folder.mkdir(parents=True)
    (folder / "root.json").write_bytes(root)
    store = folder / "tuf.db"
    subprocess.run([program, "init", f"--store={store}", url, folder / "root.json"], check=True, capture_output=True)

    def look() -> bytes:
        done = subprocess.run([program, "get", f"--store={store}", url, "app"], capture_output=True, check=False)
        if done.returncode:
            raise AssertionError(done.stderr.decode(errors="replace").strip())
        return done.stdout

    return look


def artifact(number: int) -> bytes:
    return b"app %06d " % number * 200


def is_whole(found: bytes) -> bool:
    return found == artifact(int(found[4:10]))


@contextmanager
def slowly(server: S3Server, releaser: Releaser) -> Iterator[Releaser]:
    """Give the same person behind a proxy of changing speed."""
    chance = random.Random(3)

    def decide(request: SeenRequest) -> Disturbance:
        return Disturbance.SLOW if chance.random() < 0.3 else Disturbance.NONE

    with FaultProxy(server.endpoint, decide) as proxy:
        policy = releaser.remote.policy
        behind = S3Server(endpoint=proxy.url, buckets=server.buckets)
        remote = s3_remote(behind, url=policy.url, public_url=policy.public_url, conditions="kept")
        yield Releaser(releaser.store, remote, releaser.clock)


def agents_of(releaser: Releaser, tmp_path: Path, peer: Callable[[str], Path]) -> dict[str, Callable[[], bytes]]:
    root = releaser.store.read(layout.committed("root", 1))
    url = str(releaser.remote.policy.public_url)
    return {
        "ours": our_agent(url, root, releaser.clock),
        "python-tuf": python_tuf(url, root, tmp_path / "python-tuf"),
        "go-tuf": go_tuf(peer("tuf-client"), url, root, tmp_path / "go-tuf"),
    }


def watched(seaweed: S3Server, releaser: Releaser, tmp_path: Path, peer: Callable[[str], Path]) -> Crowd:
    """Push many releases slowly, while agents of every kind are looking; return what they saw."""
    releaser.release("app", artifact(0))
    releaser.push()
    crowd = Crowd()
    with (
        slowly(seaweed, releaser) as pusher,
        crowd.looking(agents_of(releaser, tmp_path, peer), is_whole),
    ):
        for number in range(1, PUSHES + 1):
            pusher.release("app", artifact(number))
            pusher.push()
    return crowd


@pytest.mark.timeout(900)
def test_with_consistent_snapshots_no_agent_ever_fails(
    seaweed: S3Server, now: FakeClock, tmp_path: Path, peer: Callable[[str], Path]
) -> None:
    crowd = watched(seaweed, new_releaser(s3_remote(seaweed), now), tmp_path, peer)
    assert crowd.failures == []
    assert min(crowd.looks.values()) > PUSHES / 5, crowd.looks


@pytest.mark.timeout(900)
def test_without_them_the_window_is_counted(
    seaweed: S3Server, now: FakeClock, tmp_path: Path, peer: Callable[[str], Path], record_property: Callable[..., None]
) -> None:
    releaser = new_releaser(s3_remote(seaweed), now, consistent_snapshot=False)
    crowd = watched(seaweed, releaser, tmp_path, peer)
    record_property("looks", dict(crowd.looks))
    record_property("failures", len(crowd.failures))
    assert not [failure for failure in crowd.failures if "b'" in failure], "other bytes than the signed ones"
    assert all(agent() == artifact(PUSHES) for agent in agents_of(releaser, tmp_path / "after", peer).values())


def test_every_agent_follows_the_switch_to_consistent_snapshots(
    seaweed: S3Server, now: FakeClock, tmp_path: Path, peer: Callable[[str], Path]
) -> None:
    releaser = new_releaser(s3_remote(seaweed), now, consistent_snapshot=False)
    releaser.release("app", artifact(0))
    releaser.push()
    old = agents_of(releaser, tmp_path / "old", peer)
    assert all(agent() == artifact(0) for agent in old.values())

    stage_consistent_snapshot(releaser.workspace)
    releaser.commit()
    releaser.push()
    new = agents_of(releaser, tmp_path / "new", peer)
    assert all(agent() == artifact(0) for agent in (*old.values(), *new.values()))

    releaser.release("app", artifact(1))
    releaser.push()
    assert all(agent() == artifact(1) for agent in (*old.values(), *new.values()))
    assert releaser.publisher.committed().consistent
    assert releaser.publisher.verify().right
