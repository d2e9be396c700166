"""What publishing asks of a remote grows with the change, not with what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import pytest

from tests.publish.conftest import Releaser, memory_remote, new_releaser
from tests.publish.test_deploy import deployment
from tufkeep.publish.remote import Remote
from tufkeep.stores import Entry, MemoryStore, ObjectMissing, Tag
from tufkeep.stores.store import Odd
from tufkeep.testing.clock import FakeClock

Asked = tuple[tuple[str, str, int], ...]


class Counting(MemoryStore):
    """A remote that notes each request, with the name and the bytes that went down."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, str, int]] = []

    def read_tagged(self, name: str, *, limit: int | None = None) -> tuple[bytes, Tag]:
        try:
            data, tag = super().read_tagged(name, limit=limit)
        except ObjectMissing:
            self.asked.append(("read", name, 0))
            raise
        self.asked.append(("read", name, len(data)))
        return data, tag

    def open(self, name: str) -> BinaryIO:
        self.asked.append(("open", name, 0))
        stream = super().open(name)
        self.asked[-1] = ("open", name, len(stream.read()))
        stream.seek(0)
        return stream

    def stat(self, name: str) -> Entry | None:
        self.asked.append(("stat", name, 0))
        return super().stat(name)

    def list(self, prefix: str = "", *, odd: Odd | None = None) -> Iterator[Entry]:
        self.asked.append(("list", prefix, 0))
        return super().list(prefix, odd=odd)

    def write(self, name: str, data: bytes, **options: Any) -> Tag:
        self.asked.append(("write", name, 0))
        return super().write(name, data, **options)

    def counted(self, act: Callable[[], object]) -> Asked:
        self.asked.clear()
        act()
        return tuple(self.asked)


@pytest.fixture
def store() -> Counting:
    return Counting()


@pytest.fixture
def releaser(store: Counting, clock: FakeClock) -> Releaser:
    releaser = new_releaser(Remote(name="staging", store=store, policy=memory_remote().policy), clock)
    for number in range(40):
        releaser.stage(f"tool-{number}", b"x")
    releaser.commit()
    releaser.push()
    return releaser


def fetched(asked: Asked) -> set[str]:
    return {name for what, name, length in asked if what in ("read", "open") and length}


def test_a_renewal_asks_six_times_and_fetches_no_more_than_the_timestamp(releaser: Releaser, store: Counting) -> None:
    releaser.renew("timestamp")
    asked = store.counted(releaser.push)
    assert len(asked) <= 6
    assert fetched(asked) == {"timestamp.json"}


def test_a_push_of_one_change_fetches_nothing_of_what_is_there(releaser: Releaser, store: Counting) -> None:
    releaser.release("app", b"one")
    asked = store.counted(releaser.push)
    assert len(asked) <= 17
    assert fetched(asked) == {"timestamp.json"}


def test_old_roots_cost_nothing(releaser: Releaser, store: Counting) -> None:
    releaser.release("app", b"one")
    before = len(store.counted(releaser.push))
    for _ in range(6):
        releaser.renew("root")
        releaser.push()
    releaser.release("app", b"two")
    asked = store.counted(releaser.push)
    assert len(asked) == before
    assert not any("root" in name for name in fetched(asked))


def test_status_reads_one_entry_of_a_long_journal(releaser: Releaser, store: Counting) -> None:
    for _ in range(12):
        releaser.renew("timestamp")
        releaser.push()
    asked = store.counted(releaser.publisher.status)
    assert len(asked) <= 8
    assert sum("journal" in name for name in fetched(asked)) == 1
    last = releaser.publisher.status().last
    assert last is not None
    assert last.versions["timestamp"] == releaser.version()


def test_an_empty_push_reads_no_artifact_and_no_targets(releaser: Releaser, store: Counting) -> None:
    asked = store.counted(releaser.push)
    assert fetched(asked) == {"timestamp.json"}
    assert len(asked) <= 6, "what is there is found in a listing"


def test_a_deployment_of_what_is_there_already_reads_no_artifact(
    releaser: Releaser, store: Counting, clock: FakeClock
) -> None:
    target = Counting()
    production = Remote(name="production", store=target, policy=memory_remote("production").policy)
    step = deployment(releaser, production)
    step.run(step.plan())
    again = deployment(releaser, production)
    asked = target.counted(lambda: again.run(again.plan()))
    assert not any(name.startswith("targets/") for name in fetched(asked))
