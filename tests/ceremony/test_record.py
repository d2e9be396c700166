from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal

import pytest

from tufkeep.ceremony.record_page import record_page
from tufkeep.ceremony.rotate import rotate
from tufkeep.testing.broken import clone, stopped_everywhere
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.workspace import Author, Policy, RecordBroken, Workspace, layout


def _lines(sim: Simulator) -> list[dict[str, Any]]:
    return [json.loads(line) for line in sim.store.read(layout.RECORD).splitlines()]


def test_every_commit_is_one_line_that_says_what_changed_by_whom_with_which_keys(clock: FakeClock) -> None:
    sim = Simulator(clock, policy=Policy(owners={"": ""}))
    clock.advance(days=1)
    somebody = Author(name="Ana", host="desk", program="tufkeep 1", program_sha256="ab" * 32, command="tufkeep renew")
    workspace = Workspace(sim.store, clock=clock, author=lambda: somebody)
    with workspace.edit("renew") as edit:
        edit.renew("timestamp")
    sim.commit(workspace)
    first, second = _lines(sim)
    assert (first["act"], first["previous"], first["name"]) == ("commit", "", "")
    assert (second["name"], second["host"], second["when"]) == ("Ana", "desk", "2026-01-02T00:00:00Z")
    assert second["program_sha256"] == "ab" * 32
    assert "timestamp goes from v1 to v2" in second["sentences"]
    assert second["signed_by"] == {"timestamp": workspace.state.root.signed.roles["timestamp"].keyids}
    documents = (sim.workspace.state.committed("timestamp"),)
    assert [second["after"]["timestamp"]] == [{"version": 2, "sha256": each.sha256} for each in documents if each]
    assert second["before"]["timestamp"]["version"] == 1
    assert {fact["fact"] for fact in second["facts"]} >= {"expiry_changed", "version_changed", "signatures"}
    assert len(sim.workspace.record.read()) == 2


def test_a_commit_that_changes_nothing_leaves_no_line(clock: FakeClock) -> None:
    sim = Simulator(clock)
    sim.workspace.commit(sim.workspace.plan_commit())
    assert len(_lines(sim)) == 1


def test_a_policy_that_cannot_be_read_takes_the_names_away_and_stops_nothing(clock: FakeClock) -> None:
    sim = Simulator(clock)
    workspace = sim.workspace
    with workspace.edit("renew") as edit:
        edit.renew("timestamp")
    sim.store.write(layout.POLICY, b"not toml")
    other = Workspace(sim.store, clock=clock)
    other.commit(other.plan_commit())
    assert len(_lines(sim)) == 2


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_commit_killed_anywhere_has_one_line_once_it_is_finished(
    clock: FakeClock, when: Literal["before", "after"]
) -> None:
    sim = Simulator(clock)
    with sim.workspace.edit("renew") as edit:
        edit.renew("targets")
    for store in stopped_everywhere(
        lambda: clone(sim.store), lambda store: Workspace(store, clock=clock).commit(), when=when, at_least=8
    ):
        again = Workspace(store, clock=clock)
        with again.exclusive("commit"):
            again.commit(again.plan_commit())
        assert [line.entry.after["targets"].version for line in again.record.read()] == [1, 2]


def test_both_commits_of_a_rotation_are_in_the_record(clock: FakeClock) -> None:
    sim = Simulator(clock)
    rotate(sim.workspace, "root", new_passphrase=lambda request: None)
    assert [line.entry.after["root"].version for line in sim.workspace.record.read()] == [1, 2, 3]


def _change_word(lines: list[bytes]) -> list[bytes]:
    return [lines[0].replace(b"commit", b"tommic"), *lines[1:]]


def _take_out(lines: list[bytes]) -> list[bytes]:
    return [lines[0], *lines[2:]]


def _take_first(lines: list[bytes]) -> list[bytes]:
    return lines[1:]


def _swap(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[2], lines[1]]


def _put_between(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[0], *lines[1:]]


def _garbage(lines: list[bytes]) -> list[bytes]:
    return [lines[0], b"{}", *lines[1:]]


@pytest.mark.parametrize("damage", [_change_word, _take_out, _take_first, _swap, _put_between, _garbage])
def test_a_record_that_somebody_changed_is_noticed(
    clock: FakeClock, damage: Callable[[list[bytes]], list[bytes]]
) -> None:
    sim = Simulator(clock)
    sim.renew("timestamp")
    sim.renew("timestamp")
    whole = sim.store.read(layout.RECORD).splitlines()
    sim.store.write(layout.RECORD, b"\n".join(damage(whole)) + b"\n")
    with pytest.raises(RecordBroken):
        sim.workspace.record.read()


def test_the_page_shows_what_was_written_and_runs_nothing_of_it(clock: FakeClock) -> None:
    sim = Simulator(clock)
    evil = Author(name="<script>alert(1)</script>")
    workspace = Workspace(sim.store, clock=clock, author=lambda: evil)
    with workspace.edit("renew") as edit:
        edit.renew("timestamp")
    sim.commit(workspace)
    lines = workspace.record.read()
    page = record_page(lines, title="<b>", now=clock())
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "timestamp goes from v1 to v2" in page
    assert lines[-1].sha256 in page
    assert "http" not in page  # one page, nothing beside it
