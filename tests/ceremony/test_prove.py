from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tufkeep.ceremony.prove import Outlook, RefusedNow, ends_soon, prove
from tufkeep.ceremony.rotate import rotate
from tufkeep.errors import TufkeepError
from tufkeep.metadata.expiry import DEFAULT_VALIDITY
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.workspace import HalfARepository, NotARepository, Workspace, layout


def _prove(sim: Simulator) -> Outlook:
    return prove(sim.workspace.state, policy=DEFAULT_VALIDITY, now=sim.clock())


def test_the_table_has_now_each_window_the_last_second_and_each_end(clock: FakeClock) -> None:
    outlook = _prove(Simulator(clock))
    start = clock()
    told = {outcome.at: (outcome.why, bool(outcome.refused)) for outcome in outlook.outcomes}
    assert told[start] == ("now", False)
    assert told[start + timedelta(days=9)] == ("timestamp v1 should be renewed", False)
    assert told[start + timedelta(days=14, seconds=-1)] == ("last second of timestamp v1", False)
    assert told[start + timedelta(days=14)] == ("timestamp v1 ends", True)
    assert told[start + timedelta(days=90)] == ("snapshot v1 ends", True)
    assert told[start + timedelta(days=365)][0] == "root v1 ends, targets v1 ends"


def test_the_real_client_agrees_with_every_line_of_the_table(clock: FakeClock) -> None:
    sim = Simulator(clock)
    sim.release("tool", b"tool")
    rotate(sim.workspace, "root", new_passphrase=lambda request: None)
    sim.publish()
    outlook = _prove(sim)
    assert {outcome.from_roots for outcome in outlook.outcomes} == {(1, 2, 3)}
    for outcome in outlook.outcomes:
        clock.set(outcome.at)
        for version in outcome.from_roots:
            client = sim.new_client(root=sim.store.read(layout.committed("root", version)))
            assert _is_refused(client.refresh) == bool(outcome.refused), outcome


def _is_refused(refresh: object) -> bool:
    assert callable(refresh)
    try:
        refresh()
    except TufkeepError:
        return True
    return False


def test_what_is_refused_now_is_an_error(clock: FakeClock) -> None:
    sim = Simulator(clock)
    clock.advance(days=15)
    outlook = _prove(sim)
    with pytest.raises(RefusedNow, match="a client on root v1 refuses what is committed: timestamp v1 is expired"):
        outlook.require_now(clock())
    first = outlook.first_refusal
    assert first is not None
    assert first.at == clock()


def test_an_expired_root_is_told_before_all_else(clock: FakeClock) -> None:
    sim = Simulator(clock)
    clock.advance(days=400)
    first = _prove(sim).first_refusal
    assert first is not None
    assert first.refused.startswith("root v1, targets v1, snapshot v1, timestamp v1 are expired")


def test_clients_on_a_root_from_which_nothing_leads_on_are_named(clock: FakeClock) -> None:
    sim = Simulator(clock)
    rotate(sim.workspace, "root", new_passphrase=lambda request: None)
    forged = sim.store.read(layout.committed("root", 2)).replace(b'"sig":"', b'"sig":"00', 1)
    signatures = forged.count(b'"sig":"')
    assert signatures == 2
    sim.store.write(layout.committed("root", 2), forged)
    outlook = _prove(sim)
    with pytest.raises(RefusedNow, match="root v1"):
        outlook.require_now(clock())


def test_nothing_whole_is_no_outlook(clock: FakeClock) -> None:
    sim = Simulator(clock)
    sim.store.delete("repository/timestamp.json")
    with pytest.raises(HalfARepository):
        _prove(sim).require_now(clock())
    from tufkeep.stores import MemoryStore

    with pytest.raises(NotARepository):
        prove(Workspace(MemoryStore(), clock=clock).state, policy=DEFAULT_VALIDITY, now=clock())


@pytest.mark.parametrize(("days", "said"), [(0, ""), (8, ""), (9, "timestamp v1 expires in 5 days"), (20, "")])
def test_one_line_says_what_ends_first_once_its_window_has_begun(clock: FakeClock, days: int, said: str) -> None:
    sim = Simulator(clock)
    state = sim.workspace.state
    documents = {role: found for role in layout.ROLES if (found := state.committed(role)) is not None}
    now: datetime = clock.advance(days=days)
    line = ends_soon(state.root, documents, policy=DEFAULT_VALIDITY, now=now)
    assert line.startswith(said)
    assert bool(line) == bool(said)
