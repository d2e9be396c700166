from __future__ import annotations

import pytest

from tufkeep.ceremony.key_check import check_keys
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.watch.status import status
from tufkeep.workspace import MalformedPolicy, Policy, layout
from tufkeep.workspace.key_checks import overdue_checks
from tufkeep.workspace.policy import parse_policy


def overdue(sim: Simulator) -> list[str]:
    return [each.keyid for each in overdue_checks(sim.workspace)]


@pytest.fixture
def sim(clock: FakeClock) -> Simulator:
    return Simulator(clock, root_keys=2)


def test_a_key_that_was_never_tried_counts_from_the_commit_that_brought_it(sim: Simulator, clock: FakeClock) -> None:
    root = sim.workspace.state.root.signed.roles["root"].keyids
    clock.advance(days=400)
    assert overdue(sim) == []
    clock.advance(seconds=1)
    assert overdue(sim) == root
    assert "no backup of root key" in status(sim.workspace).overdue_checks[0]


def test_a_check_is_good_for_so_many_days(sim: Simulator, clock: FakeClock) -> None:
    clock.advance(days=399)
    check_keys(sim.workspace, sim.workspace.keyring)
    checked = clock()
    clock.advance(days=400)
    assert overdue(sim) == []
    clock.advance(days=1)
    assert len(overdue(sim)) == 2
    assert f"on {checked:%Y-%m-%d}" in status(sim.workspace).overdue_checks[0]


def test_without_a_record_nobody_knows_how_old_a_key_is(sim: Simulator, clock: FakeClock) -> None:
    sim.store.delete(layout.RECORD)
    clock.advance(days=4000)
    assert overdue(sim) == []


@pytest.mark.parametrize(("days", "expected"), [(30, 2), (0, 0)])
def test_the_policy_says_how_long(clock: FakeClock, days: int, expected: int) -> None:
    sim = Simulator(clock, root_keys=2, policy=Policy(key_check_days=days))
    clock.advance(days=31)
    assert len(overdue(sim)) == expected


def test_a_time_that_is_none_is_refused() -> None:
    with pytest.raises(MalformedPolicy, match="key_check_days must be from 0"):
        parse_policy(b"key_check_days = -1")
