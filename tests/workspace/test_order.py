"""The order of writes, where an interruption or an agent between two of them would show a wrong one."""

from __future__ import annotations

import json

import pytest
from tuf.ngclient.config import UpdaterConfig

from tufkeep.client import Limits
from tufkeep.stores import Store
from tufkeep.testing.broken import clone, stopped_everywhere
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.workspace import ArtifactMissing, StaleStaged, UnreadableMetadata, Workspace, layout
from tufkeep.workspace.state import LIMITS


@pytest.mark.parametrize("consistent_snapshot", [True, False], ids=["consistent", "plain"])
def test_a_commit_writes_what_refers_after_what_it_refers_to(clock: FakeClock, consistent_snapshot: bool) -> None:
    sim = Simulator(clock, consistent_snapshot=consistent_snapshot)
    with sim.workspace.edit("renew") as edit:
        for role in layout.ROLES:
            edit.renew(role)
    journal = sim.workspace.plan_commit().journal
    plain = [step.name for step in journal.steps if step.do == "copy" and step.name.count(".") == 1]
    assert plain == [layout.committed(role) for role in ("targets", "snapshot", "root", "timestamp")]
    prefixed = [step.name for step in journal.steps if step.do == "copy" and step.name not in plain]
    assert prefixed[0] == layout.committed("root", 2)
    assert [step.name for step in journal.steps if step.do == "copy"] == [*prefixed, *plain]


def test_what_a_staged_role_was_made_from_is_noted_before_it_is_staged(clock: FakeClock) -> None:
    """Without the note the versions alone would tell, and another repository may have the same ones."""
    ours, theirs = Simulator(clock), Simulator(clock)

    def work(store: Store) -> None:
        with Workspace(store, clock=clock).edit("renew") as edit:
            edit.renew("targets")

    staged = 0
    for store in stopped_everywhere(lambda: clone(ours.store), work, at_least=4):
        if not list(store.list(layout.STAGED)):
            continue
        staged += 1
        for entry in theirs.store.list(layout.REPOSITORY):
            store.write(entry.name, theirs.store.read(entry.name))
        with pytest.raises(StaleStaged):
            Workspace(store, clock=clock).plan_commit()
    assert staged


def test_an_artifact_whose_custom_data_changes_is_hashed_again(sim: Simulator) -> None:
    """What is signed anew is what is there, not what once was."""
    sim.release("tool", b"signed", custom={"version": "1.0"})
    workspace = sim.workspace
    for entry in list(sim.store.list(layout.REPOSITORY_TARGETS)):
        sim.store.write(entry.name, b"spoilt")
    targets = workspace.state.committed("targets")
    assert targets is not None
    file = json.loads(json.dumps(targets.signed.targets["tool"].to_dict()))
    file["custom"] = {"version": "1.1"}
    with workspace.edit("custom") as edit:
        edit.add_targets([type(targets.signed.targets["tool"]).from_dict(file, "tool")])
    with pytest.raises(ArtifactMissing):
        workspace.plan_commit()


@pytest.mark.parametrize("role", ["root", "timestamp"])
def test_no_more_is_read_than_every_client_takes(sim: Simulator, role: str) -> None:
    limit = LIMITS[role]
    client, python_tuf = Limits(), UpdaterConfig()
    assert limit == {"root": client.root_bytes, "timestamp": client.timestamp_bytes}[role]
    assert limit == {"root": python_tuf.root_max_length, "timestamp": python_tuf.timestamp_max_length}[role]
    name = layout.committed(role)
    data = sim.store.read(name)
    sim.store.write(name, data + b" " * (limit - len(data)))
    assert sim.workspace.state.committed(role) is not None
    sim.store.write(name, data + b" " * (limit - len(data) + 1))
    with pytest.raises(UnreadableMetadata, match=f"larger than the {limit:,} bytes"):
        sim.workspace.state.committed(role)
