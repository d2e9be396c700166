from __future__ import annotations

from datetime import timedelta

import pytest

from tufkeep.agent.record import History, Trial
from tufkeep.stores import MemoryStore
from tufkeep.testing.clock import FakeClock

NOW = FakeClock()()


def test_a_record_reads_back_what_was_written() -> None:
    store = MemoryStore()
    record = History(before="1.0-abc", trial=Trial(source=None, target="1.1-def", started=True))
    record.failed("f00", now=NOW)
    record.write(store, "state.json")
    assert History.read(store, "state.json") == record


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"[]",
        b"{}",
        b'{"before": 5, "trial": null, "failures": {}}',
        b'{"before": "../x", "trial": null, "failures": {}}',
        b'{"before": null, "trial": {"from": null, "to": null, "started": true}, "failures": {}}',
        b'{"before": null, "trial": null, "failures": {"x": {"count": 1, "last": "yesterday"}}}',
        b'{"before": null, "trial": null, "failures": []}',
        b" " * 100_000,
    ],
)
def test_a_damaged_record_is_an_empty_one(damage: bytes) -> None:
    store = MemoryStore()
    store.write("state.json", damage)
    assert History.read(store, "state.json") == History()


def test_three_failures_hold_a_release_for_a_day() -> None:
    record = History()
    for hours in range(3):
        assert record.held_until("x", now=NOW) is None
        record.failed("x", now=NOW + timedelta(hours=hours))
    end = NOW + timedelta(hours=26)
    assert record.held_until("x", now=NOW + timedelta(hours=2)) == end
    assert record.held_until("x", now=end - timedelta(seconds=1)) == end
    assert record.held_until("x", now=end) is None
    assert record.held_until("other", now=NOW + timedelta(hours=2)) is None


def test_after_its_pause_a_release_has_three_attempts_again() -> None:
    record = History()
    for days in (0, 0, 0, 2, 2):
        record.failed("x", now=NOW + timedelta(days=days))
    assert record.held_until("x", now=NOW + timedelta(days=2)) is None
    record.failed("x", now=NOW + timedelta(days=2))
    assert record.held_until("x", now=NOW + timedelta(days=2)) is not None


def test_a_clock_that_was_set_back_holds_nothing_for_ever() -> None:
    record = History()
    for _ in range(3):
        record.failed("x", now=NOW + timedelta(days=3650))
    assert record.held_until("x", now=NOW) is None


def test_a_bounded_number_of_failures_is_remembered() -> None:
    record = History()
    for number in range(100):
        record.failed(f"{number}", now=NOW + timedelta(minutes=number))
    assert sorted(record.failures, key=int) == [str(number) for number in range(80, 100)]
