"""Whatever happens to a push, agents see a whole state, and pushing again finishes the work."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.publish.conftest import Releaser, new_releaser, s3_remote
from tests.servers import PUBLIC, S3Server
from tufkeep.client import Client
from tufkeep.client.fetch import StoreFetcher
from tufkeep.errors import TufkeepError
from tufkeep.publish.errors import RemoteMovedOn
from tufkeep.stores import FolderStore, MemoryStore, StoreFault
from tufkeep.stores.object import ObjectStore
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.proxy import Disturbance, FaultProxy, SeenRequest
from tufkeep.workspace import layout

OLD, NEW = b"old artifact", b"another artifact"


def published_once(releaser: Releaser) -> Releaser:
    """Return somebody with one published state and a change that is committed and not published."""
    releaser.release("app", OLD)
    releaser.release("tool", b"unchanged")
    releaser.push()
    releaser.release("app", NEW)
    return releaser


def refreshed(releaser: Releaser, store: object = None) -> tuple[int, bytes]:
    """Return what an agent on the first root gets: the timestamp's version, the bytes of app."""
    client = Client(MemoryStore(), StoreFetcher(store or releaser.remote.store), clock=releaser.clock)  # type: ignore[arg-type]
    client.init(releaser.store.read(layout.committed("root", 1)))
    version = client.refresh().timestamp
    folder = MemoryStore()
    client.download("app", folder)
    client.download("tool", folder)
    return version, folder.read("app")


@contextmanager
def through(server: S3Server, releaser: Releaser, decide: Callable[[SeenRequest], Disturbance]) -> Iterator[Releaser]:
    """Give the same person, with a proxy in the way to the same bucket."""
    with FaultProxy(server.endpoint, decide) as proxy:
        policy = releaser.remote.policy
        remote = s3_remote(replace(server, endpoint=proxy.url), url=policy.url, conditions="kept")
        yield Releaser(releaser.store, remote, releaser.clock, releaser.who)


_PUSH = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from tufkeep.publish.publisher import Publisher
from tufkeep.publish.remote import open_remote
from tufkeep.stores import FolderStore
from tufkeep.stores.credentials import Places
from tufkeep.workspace import Workspace
from tufkeep.workspace.policy import RemotePolicy
folder, url, endpoint, key, secret = sys.argv[1:]
environment = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}
places = Places(environment=environment, home=Path("/nonexistent"), run=None)
remote = open_remote("staging", {"staging": RemotePolicy(url=url, endpoint=endpoint, conditions="kept")}, places)
workspace = Workspace(FolderStore(folder), clock=lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))
publisher = Publisher(workspace, remote, who="killed")
publisher.push(publisher.plan_push())
"""


@pytest.mark.slow
@pytest.mark.parametrize("fault", [Disturbance.REFUSE, Disturbance.LOSE])
def test_killed_for_good_at_every_request(
    seaweed: S3Server, clock: FakeClock, tmp_path: Path, fault: Disturbance
) -> None:
    _kill_at_every_request(seaweed, clock, tmp_path, fault, range(1, 100))


def test_killed_for_good_at_some_requests(seaweed: S3Server, clock: FakeClock, tmp_path: Path) -> None:
    _kill_at_every_request(seaweed, clock, tmp_path, Disturbance.LOSE, (3, 6, 9, 12, 99))


def _kill_at_every_request(
    seaweed: S3Server, clock: FakeClock, tmp_path: Path, fault: Disturbance, requests: range | tuple[int, ...]
) -> None:
    """Send SIGKILL to the pusher while the n-th request is in the air, before or after the server did it."""
    for number in requests:
        releaser = published_once(new_releaser(s3_remote(seaweed, public_url=None), clock))
        folder = FolderStore(tmp_path / str(number), durable=False)
        for entry in releaser.store.list():
            folder.write(entry.name, releaser.store.read(entry.name))
        running: list[subprocess.Popen[bytes]] = []

        def decide(
            request: SeenRequest, number: int = number, running: list[subprocess.Popen[bytes]] = running
        ) -> Disturbance:
            if request.number < number:
                return Disturbance.NONE
            running[0].send_signal(signal.SIGKILL)
            return fault if request.number == number else Disturbance.REFUSE

        with FaultProxy(seaweed.endpoint, decide) as proxy:
            keys = seaweed.credentials
            command = [sys.executable, "-c", _PUSH, str(tmp_path / str(number)), releaser.remote.policy.url, proxy.url]
            running.append(subprocess.Popen([*command, keys["access_key_id"], keys["secret_access_key"]]))
            code = running[0].wait()
        assert refreshed(releaser) in {(3, OLD), (4, NEW)}
        again = Releaser(folder, releaser.remote, clock)
        again.push()
        assert refreshed(releaser) == (4, NEW)
        assert again.publisher.verify().right
        if code == 0:
            return
        assert code == -signal.SIGKILL
    pytest.fail("the push never came to its end")


@pytest.mark.parametrize("consistent_snapshot", [True, False], ids=["consistent", "plain"])
def test_a_push_gets_through_bad_weather(seaweed: S3Server, clock: FakeClock, consistent_snapshot: bool) -> None:
    releaser = published_once(new_releaser(s3_remote(seaweed), clock, consistent_snapshot=consistent_snapshot))
    weather = random.Random(7)
    faults = [Disturbance.REFUSE, Disturbance.LOSE, Disturbance.FAIL, Disturbance.SLOW]

    def decide(request: SeenRequest) -> Disturbance:
        return weather.choice(faults) if weather.random() < 0.25 else Disturbance.NONE

    with through(seaweed, releaser, decide) as pusher:
        pusher.push()
    assert refreshed(releaser) == (4, NEW)
    assert releaser.publisher.verify().right


def test_a_lost_reply_to_the_timestamp_is_no_conflict(seaweed: S3Server, clock: FakeClock) -> None:
    releaser = published_once(new_releaser(s3_remote(seaweed), clock))
    lost: list[str] = []

    def decide(request: SeenRequest) -> Disturbance:
        if request.method != "PUT" or request.path in lost:
            return Disturbance.NONE
        lost.append(request.path)
        return Disturbance.LOSE

    with through(seaweed, releaser, decide) as pusher:
        pusher.push()
    assert any(path.endswith("/timestamp.json") for path in lost)
    assert any(path.endswith("4.snapshot.json") for path in lost)
    assert releaser.publisher.plan_push().empty


def test_a_reply_lost_while_somebody_else_wins_is_a_conflict(seaweed: S3Server, clock: FakeClock) -> None:
    releaser = published_once(new_releaser(s3_remote(seaweed), clock))
    other = releaser.copy("second")
    other.pull(prefer="ours")

    def decide(request: SeenRequest) -> Disturbance:
        if request.method == "PUT" and request.path.endswith("/timestamp.json"):
            data = releaser.remote.store.read("timestamp.json")
            releaser.remote.store.write("timestamp.json", data + b" ")  # somebody else's
        return Disturbance.NONE

    with through(seaweed, releaser, decide) as pusher, pytest.raises(RemoteMovedOn):
        pusher.push()


def test_bytes_spoiled_on_the_way_are_never_published(seaweed: S3Server, clock: FakeClock) -> None:
    releaser = published_once(new_releaser(s3_remote(seaweed), clock))
    spoiled: list[str] = []

    def decide(request: SeenRequest) -> Disturbance:
        if request.method == "PUT" and request.length_bytes and request.path not in spoiled:
            spoiled.append(request.path)
            return Disturbance.SPOIL_SENT
        return Disturbance.NONE

    with through(seaweed, releaser, decide) as pusher:
        for _ in range(30):
            try:
                pusher.push()
            except StoreFault:
                assert refreshed(releaser) == (3, OLD)
            else:
                break
    assert len(spoiled) > 4
    assert refreshed(releaser) == (4, NEW)
    assert releaser.publisher.verify().right


def test_bytes_spoiled_on_the_way_are_never_pulled(seaweed: S3Server, clock: FakeClock) -> None:
    releaser = new_releaser(s3_remote(seaweed), clock)
    releaser.push()
    second = releaser.copy("second")
    published_once(releaser)
    releaser.push()
    before = {entry.name: second.store.read(entry.name) for entry in second.store.list("repository/")}
    with (
        through(seaweed, second, lambda request: Disturbance.SPOIL_RECEIVED) as puller,
        pytest.raises(TufkeepError),
    ):
        puller.pull(targets=True)
    assert before == {entry.name: second.store.read(entry.name) for entry in second.store.list("repository/")}


def test_an_artifact_that_is_not_the_signed_one_is_not_sent(releaser: Releaser) -> None:
    releaser.release("app", OLD)
    for entry in list(releaser.store.list(layout.REPOSITORY_TARGETS)):
        releaser.store.write(entry.name, b"x" * len(OLD))
    with pytest.raises(TufkeepError, match="has other bytes than were signed"):
        releaser.push()
    assert [entry.name for entry in releaser.remote.store.list("targets/")] == []
    assert releaser.remote.store.stat("timestamp.json") is None


def test_a_store_that_ignores_conditions_is_pushed_to_under_a_lease(lying_s3: S3Server, clock: FakeClock) -> None:
    remote = s3_remote(lying_s3, bucket=PUBLIC, public_url=None)
    releaser = new_releaser(remote, clock)
    pushed = releaser.push()
    assert any("does not keep conditional writes" in warning for warning in pushed.warnings)
    second = releaser.copy("second")
    releaser.release("mine", b"1")
    second.release("theirs", b"2")
    releaser.push()
    with pytest.raises(RemoteMovedOn):
        second.push()
    second.pull()
    plan = second.publisher.plan_push()
    releaser.renew("timestamp")
    releaser.push()  # between the other's plan and its push
    with pytest.raises(RemoteMovedOn):
        second.publisher.push(plan)
    second.pull()
    second.push()
    assert second.publisher.verify().right
    assert isinstance(remote.store, ObjectStore)
    assert not [name for meta in remote.store.bucket.list("") if (name := meta["path"]).endswith(".lock")]
