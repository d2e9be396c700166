"""An `add` that fails or is killed leaves nothing that stops somebody else."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from tests.workspace.test_beside import having, targets
from tufkeep.errors import TufkeepError
from tufkeep.stores import MemoryStore, Store
from tufkeep.testing.broken import clone, stopped_everywhere
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.watch.verify import diagnose
from tufkeep.workspace import UnaddedArtifacts, Workspace, layout
from tufkeep.workspace.adding import left_by_add


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("one", "two"):
        (tmp_path / name).write_text(name)
    return tmp_path


def staged_artifacts(store: Store) -> set[str]:
    return {entry.name.removeprefix(layout.STAGED_TARGETS) for entry in store.list(layout.STAGED_TARGETS)}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_killed_add_stops_nobody_and_can_be_typed_again(
    sim: Simulator, clock: FakeClock, folder: Path, when: Literal["before", "after"]
) -> None:
    sim.workspace.add(folder / "one", as_="app")
    sim.workspace.commit()
    clock.advance(days=13)
    seen = 0
    for store in stopped_everywhere(
        lambda: clone(sim.store),
        lambda store: Workspace(store, clock=clock).add(folder, under="new"),
        when=when,
        at_least=5,
    ):
        left = staged_artifacts(store)
        listed = store.stat("staged/targets.json") is not None
        seen += bool(left) and not listed
        nightly = clone(store.inner)
        assert having(nightly, clock, "timestamp").renew_committed().committed.versions
        assert staged_artifacts(nightly) == left
        for _ in range(2):  # another change, then one more
            other = Workspace(nightly, clock=clock)
            other.add(folder / "two", as_="app")
            other.commit()
        assert targets(other) == {"app"} | ({"new/one", "new/two"} if listed else set())
        assert staged_artifacts(nightly) == left_by_add(nightly) == set()
        cleaned = clone(store.inner)
        Workspace(cleaned, clock=clock).clean()
        assert staged_artifacts(cleaned) == left_by_add(cleaned) == set()
        again = Workspace(store, clock=clock)
        again.add(folder, under="new")
        again.commit()
        assert targets(again) == {"app", "new/one", "new/two"}
        assert left_by_add(store) == set()
    assert seen >= 3


def test_an_add_that_can_not_be_signed_takes_its_files_away(clock: FakeClock, folder: Path) -> None:
    store = MemoryStore()
    right = {role: f"{role} passphrase" for role in layout.ROLES}
    Workspace.create(store, passphrases=right, clock=clock)
    with pytest.raises(TufkeepError, match="passphrase"):
        Workspace.open(store, passphrases=dict.fromkeys(right, "wrong"), clock=clock).add(folder)
    assert staged_artifacts(store) == left_by_add(store) == set()
    other = Workspace.open(store, passphrases=right, clock=clock)
    other.add(folder / "one")
    other.commit()
    assert targets(other) == {"one"}


def test_a_file_that_a_person_put_there_is_never_lost(sim: Simulator, folder: Path) -> None:
    sim.store.write_stream("staged/targets/mine", [b"mine"])
    workspace = sim.workspace
    with pytest.raises(ZeroDivisionError), workspace.edit("add") as edit:
        edit.add_artifacts(workspace.sources(folder / "one", as_="mine"))
        raise ZeroDivisionError
    assert staged_artifacts(sim.store) == {"mine"}
    sim.workspace.add(folder / "two")
    with pytest.raises(UnaddedArtifacts):
        sim.workspace.commit()


def test_doctor_says_what_becomes_of_the_files_of_an_add_that_was_cut_off(sim: Simulator) -> None:
    sim.store.write_stream("staged/targets/cut", [b"cut"])
    sim.store.write(layout.ADDING, b'["cut"]')
    found = [finding.sentence for finding in diagnose(sim.workspace).findings if finding.check == "unadded-artifacts"]
    assert found == ["staged/targets/cut: was left by an add that was cut off"]
