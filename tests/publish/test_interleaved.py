"""Whatever the order of their requests: who deletes takes nothing that somebody who publishes needs."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.publish.conftest import Releaser, memory_remote, new_releaser
from tests.publish.interleave import Explored, Program, explore
from tufkeep.metadata.filenames import TARGETS
from tufkeep.publish.base import TimestampLost
from tufkeep.publish.deleting import DeletionTakenOver, DeletionUnderWay, Patience, await_deletion, deleting
from tufkeep.publish.errors import ArtifactNotHere, PublishedLost
from tufkeep.publish.names import DELETING
from tufkeep.publish.publisher import Publisher
from tufkeep.publish.remote import Remote
from tufkeep.stores import ALWAYS, Condition, MemoryStore, Store
from tufkeep.testing.clock import FakeClock


def old_release(clock: FakeClock) -> Releaser:
    """Return a remote whose first release was retired long ago: its artifact and metadata may go."""
    releaser = new_releaser(memory_remote(concurrency=1), clock)
    releaser.release("app", b"one")
    releaser.push()
    releaser.release("app", b"two")
    releaser.push()
    clock.advance(days=2)
    releaser.renew("timestamp")
    releaser.push()
    return releaser


def everything_is_there(store: Store) -> None:
    """Play a client of what is published: every byte that it may ask for is there."""
    timestamp = json.loads(store.read("timestamp.json"))["signed"]
    snapshot = json.loads(store.read(f"{timestamp['meta']['snapshot.json']['version']}.snapshot.json"))["signed"]
    targets = json.loads(store.read(f"{snapshot['meta']['targets.json']['version']}.targets.json"))["signed"]
    for path, entry in targets["targets"].items():
        for digest in entry["hashes"].values():
            assert store.stat(f"{TARGETS}{digest}.{path}") is not None, f"{path} is published and gone"


def in_remote(releaser: Releaser, act: Callable[[Publisher], object]) -> Program:
    """Return the program that acts on the remote from a copy of a working directory, as a new process does."""

    def run(store: Store, patience: Patience) -> None:
        person = releaser.copy("somebody")
        remote = Remote(name="staging", store=store, policy=releaser.remote.policy)
        act(Publisher(person.workspace, remote, who="somebody", patience=patience))

    return run


def delete(publisher: Publisher) -> None:
    publisher.retire(timedelta(0))


def push(publisher: Publisher) -> None:
    publisher.push(publisher.plan_push())


def back_to_the_first(releaser: Releaser) -> Releaser:
    person = releaser.copy("back")
    person.release("app", b"one")
    return person


def renewed(releaser: Releaser) -> Releaser:
    person = releaser.copy("renewal")
    person.renew("timestamp")
    return person


CHANGES = [back_to_the_first, renewed]
SAMPLE = 800


def explored(clock: FakeClock, change: Callable[[Releaser], Releaser], *, most: int) -> Explored:
    releaser = old_release(clock)
    remote = releaser.remote.store
    assert isinstance(remote, MemoryStore)
    programs = [in_remote(change(releaser), push), in_remote(releaser, delete)]
    return explore(remote, programs, everything_is_there, most=most)


@pytest.mark.parametrize("change", CHANGES)
def test_no_order_of_a_deletion_and_a_push_takes_a_byte_that_is_needed(
    clock: FakeClock, change: Callable[[Releaser], Releaser]
) -> None:
    found = explored(clock, change, most=SAMPLE)
    assert found.errors == set()
    assert found.endings > 20


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_no_order_at_all_takes_a_byte_that_is_needed(clock: FakeClock, change: Callable[[Releaser], Releaser]) -> None:
    found = explored(clock, change, most=1_000_000)
    assert found.errors == set()
    assert found.states < 1_000_000


# One who deletes is killed, or so slow that nobody waits any more.


@dataclass
class Time:
    """A clock that goes on by sleeping."""

    now: float = 0.0

    @property
    def patience(self) -> Patience:
        return Patience(sleep=self.sleep, monotonic=lambda: self.now)

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_a_push_goes_on_when_who_was_deleting_is_gone(clock: FakeClock) -> None:
    store, time = MemoryStore(), Time()
    gone = deleting(store, who="gone", now=clock(), patience=time.patience)
    gone.__enter__()
    await_deletion(store, time.patience)
    assert 60 < time.now < 300
    await_deletion(store, time.patience)
    assert time.now < 300, "it is known by now"
    with deleting(store, who="next", now=clock(), patience=time.patience) as next_one:
        next_one.go_on()


def test_who_deletes_too_slowly_stops(clock: FakeClock) -> None:
    store, time = MemoryStore(), Time()
    with deleting(store, who="slow", now=clock(), patience=time.patience) as slow:
        slow.go_on()
        time.now += 21
        slow.go_on()
        time.now += 90
        with pytest.raises(DeletionTakenOver):
            slow.go_on()


def test_who_was_taken_for_dead_stops(clock: FakeClock) -> None:
    store, time = MemoryStore(), Time()
    with deleting(store, who="slow", now=clock(), patience=Patience(monotonic=lambda: 0.0)) as slow:
        await_deletion(store, time.patience)
        slow.renewed = -30.0
        with pytest.raises(DeletionTakenOver):
            slow.go_on()


def test_a_push_waits_as_long_as_somebody_really_deletes(clock: FakeClock) -> None:
    store, time = MemoryStore(), Time()
    with deleting(store, who="busy", now=clock(), patience=time.patience) as busy:

        def sleep(seconds: float) -> None:
            time.sleep(seconds)
            busy.go_on()

        with pytest.raises(DeletionUnderWay, match="busy is deleting old objects since 2026"):
            await_deletion(store, Patience(sleep=sleep, monotonic=lambda: time.now))
    assert time.now == 600


def test_two_do_not_delete_at_once(clock: FakeClock) -> None:
    store = MemoryStore()
    at_once = Patience(seconds=0)
    with deleting(store, who="first", now=clock(), patience=at_once), pytest.raises(DeletionUnderWay, match="first"):
        deleting(store, who="second", now=clock(), patience=at_once).__enter__()


@pytest.mark.parametrize("data", [b"", b"{", b"null", b"\xff", b"[" * 1000])
def test_a_note_that_nobody_of_us_wrote_holds_nobody_for_good(clock: FakeClock, data: bytes) -> None:
    store, time = MemoryStore(), Time()
    store.write(DELETING, data)
    with pytest.raises(DeletionUnderWay, match="somebody"):
        deleting(store, who="second", now=clock(), patience=Patience(seconds=0)).__enter__()
    with deleting(store, who="second", now=clock(), patience=time.patience):
        assert time.now > 60


def test_a_deletion_goes_on_when_an_earlier_one_was_killed(clock: FakeClock) -> None:
    """With nothing to push nobody else would find out that it is over."""
    releaser, time = old_release(clock), Time()
    store = releaser.remote.store
    killed = deleting(store, who="killed", now=clock(), patience=time.patience)
    killed.__enter__()
    publisher = Publisher(releaser.workspace, releaser.remote, patience=time.patience)
    assert publisher.retire(timedelta(0))
    assert 60 < time.now < 300


# What is published and gone.


def gone(releaser: Releaser, name: str) -> None:
    assert releaser.remote.store.stat(name) is not None
    releaser.remote.store.delete(name)


def test_a_push_with_nothing_new_brings_back_what_is_gone(releaser: Releaser) -> None:
    releaser.release("app", b"one")
    releaser.release("other", b"two")
    releaser.push()
    plan = releaser.publisher.plan_push()
    assert plan.empty
    assert "already has" in plan.totals()
    names = [entry.name for entry in releaser.remote.store.list() if not entry.name.startswith(".tufkeep/")]
    for name in names:
        if name in ("timestamp.json", "1.root.json"):
            continue
        gone(releaser, name)
        plan = releaser.publisher.plan_push(repair=name.endswith(("snapshot.json", "targets.json")))
        assert not plan.empty, name
        releaser.publisher.push(plan)
        assert releaser.remote.store.stat(name) is not None
    assert releaser.publisher.verify().right
    assert all(each.published for each in releaser.publisher.log())


def test_a_remote_that_lost_its_timestamp_is_no_new_one(releaser: Releaser) -> None:
    releaser.release("app", b"one")
    releaser.push()
    gone(releaser, "timestamp.json")
    with pytest.raises(TimestampLost, match=r"has no timestamp\.json any more, and v2 was published there"):
        releaser.push()
    assert releaser.remote.store.stat("timestamp.json") is None
    releaser.push(complete=True)
    assert releaser.publisher.verify().right


def test_what_is_gone_and_not_here_either_is_an_error(clock: FakeClock) -> None:
    releaser = new_releaser(memory_remote(), clock)
    releaser.release("app", b"one")
    releaser.push()
    for entry in [entry for entry in releaser.remote.store.list("targets/") if "app" in entry.name]:
        releaser.remote.store.delete(entry.name)
    for entry in [entry for entry in releaser.store.list("repository/targets/") if "app" in entry.name]:
        releaser.store.delete(entry.name)
    with pytest.raises(ArtifactNotHere):
        releaser.push()


class Thief(MemoryStore):
    """Somebody takes each artifact as soon as it is there, so often."""

    times = 1

    def write(self, name: str, data: bytes, *, condition: Condition = ALWAYS, private: bool = False) -> str:
        tag = super().write(name, data, condition=condition, private=private)
        if name.startswith(TARGETS) and self.times:
            self.times -= 1
            self.delete(name)
        return tag


def test_what_is_taken_while_we_publish_is_sent_again_or_the_push_fails(clock: FakeClock) -> None:
    for times, right in ((1, True), (100, False)):
        thief = Thief()
        thief.times = times
        releaser = new_releaser(Remote(name="staging", store=thief, policy=memory_remote().policy), clock)
        releaser.release("app", b"one")
        if right:
            releaser.push()
            assert releaser.publisher.verify().right
        else:
            with pytest.raises(PublishedLost, match="app"):
                releaser.push()


def test_a_push_that_only_mends_leaves_the_history_whole(clock: FakeClock) -> None:
    releaser = old_release(clock)
    publisher = releaser.publisher
    publisher.push(publisher.plan_push(complete=True))
    assert all(each.published for each in publisher.log())
    assert any("1.targets.json" in name or "app" in name for name in publisher.retire(timedelta(0)))
