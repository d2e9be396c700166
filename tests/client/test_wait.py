"""Deadlines and paces, by a clock that the tests turn."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from tests.client.conftest import PATIENT
from tufkeep.client import Body, Client, Wait
from tufkeep.client.errors import LoginNeeded, ServerBusy, TooSlow, Unreachable
from tufkeep.stores import MemoryStore
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.fetcher import ScriptedFetcher
from tufkeep.testing.forge import Forge


@dataclass
class Ticking:
    """A monotonic clock, moved by hand and by pauses."""

    now: float = 1000.0
    pauses: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds


@pytest.fixture
def ticking() -> Ticking:
    return Ticking()


@pytest.fixture
def wait(ticking: Ticking) -> Wait:
    limits = replace(PATIENT, monotonic=ticking, sleep=ticking.sleep, window_seconds=60, slowest_bytes_per_second=10)
    return Wait(limits, seconds=200)


def test_a_wait_ends_at_its_deadline_however_much_came(wait: Wait, ticking: Ticking) -> None:
    for _ in range(19):
        ticking.now += 10
        wait.came(1_000_000)
        assert 0 < wait.left("x") <= 60
    ticking.now += 10
    with pytest.raises(TooSlow, match="x: not done within 200 seconds"):
        wait.left("x")


def test_a_fast_beginning_buys_no_slow_end(wait: Wait, ticking: Ticking) -> None:
    wait.came(1_000_000_000)
    ticking.now += 60
    wait.left("x")
    wait.came(599)
    ticking.now += 60
    with pytest.raises(TooSlow, match="only 599 bytes came in 60 seconds"):
        wait.left("x")


def test_the_slowest_pace_is_enough(wait: Wait, ticking: Ticking) -> None:
    for _ in range(3):
        wait.came(600)
        ticking.now += 60
        assert wait.left("x") > 0


def test_time_that_the_caller_takes_is_not_the_servers(wait: Wait, ticking: Ticking) -> None:
    with wait.away():
        ticking.now += 150
    assert wait.left("x") == 50


def test_a_part_ends_with_the_whole(wait: Wait, ticking: Ticking) -> None:
    ticking.now += 190
    assert wait.within(300).left("x") == 10
    assert wait.within(5).left("x") == 5


def test_a_pause_is_as_long_as_a_busy_server_asks(wait: Wait, ticking: Ticking) -> None:
    wait.pause(ServerBusy("x", status=429, retry_after_seconds=100), failures=1)
    assert ticking.pauses == [100.5]
    assert wait.left("x") > 0  # a pause that was asked for is no slowness
    with pytest.raises(ServerBusy):
        wait.pause(ServerBusy("x", status=429, retry_after_seconds=100), failures=2)  # beyond the deadline
    with pytest.raises(Unreachable):
        wait.pause(Unreachable("x", "reset"), failures=PATIENT.attempts)


def test_two_clients_do_not_come_back_at_once(ticking: Ticking) -> None:
    limits = replace(PATIENT, monotonic=ticking, sleep=ticking.sleep, jitter=lambda least, most: most)
    Wait(limits, seconds=200).pause(Unreachable("x", "reset"), failures=2)
    assert ticking.pauses == [2.0]


@pytest.mark.parametrize("name", ["2.root.json", "timestamp.json", "2.snapshot.json"])
def test_a_busy_server_is_asked_again(client: Client, server: ScriptedFetcher, name: str) -> None:
    busy = [ServerBusy("x", status=503)] * 3
    server.answers = _Once(name, busy)
    client.refresh()
    assert busy == []


def test_a_server_that_stays_busy_ends_a_refresh(client: Client, server: ScriptedFetcher) -> None:
    server.answers["timestamp.json"] = ServerBusy("x", status=503)
    with pytest.raises(ServerBusy):
        client.refresh()
    assert server.asked.count("timestamp.json") == PATIENT.attempts


def test_a_server_that_asks_who_we_are_is_not_the_end_of_the_roots(client: Client, server: ScriptedFetcher) -> None:
    server.answers["2.root.json"] = LoginNeeded("x")
    with pytest.raises(LoginNeeded):
        client.refresh()


def test_a_refresh_has_one_deadline_for_all_its_requests(
    server: ScriptedFetcher, forge: Forge, ticking: Ticking, clock: FakeClock
) -> None:
    """Each answer takes 40 seconds, of which no one alone is too many."""
    limits = replace(PATIENT, monotonic=ticking, sleep=ticking.sleep, refresh_seconds=100)
    client = Client(MemoryStore(), _Slow(server, ticking), clock=clock, limits=limits)
    client.init(forge.root())
    with pytest.raises(TooSlow, match="not done within 100 seconds"):
        client.refresh()


class _Slow(ScriptedFetcher):
    """Takes its time over each file."""

    def __init__(self, inner: ScriptedFetcher, ticking: Ticking):
        super().__init__(inner)
        self._ticking = ticking

    @contextmanager
    def fetch(self, name: str, **options: Any) -> Iterator[Body]:
        self._ticking.sleep(40)
        with super().fetch(name, **options) as body:
            yield body


class _Once(dict[str, "bytes | Exception"]):
    """Answers to one file, each given once."""

    def __init__(self, name: str, answers: list[ServerBusy]):
        super().__init__()
        self._name, self._answers = name, answers

    def get(self, name: str, default: object = None) -> ServerBusy | None:  # type: ignore[override]
        return self._answers.pop() if name == self._name and self._answers else None
