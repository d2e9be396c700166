"""A commit that could not be finished is not begun, and a journal that no commit wrote is not followed."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tufkeep.stores import FolderStore, MemoryStore, Store
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.workspace import NotARepository, Source, Workspace, layout
from tufkeep.workspace.journal import CommitStep, DamagedJournal, Journal, write_journal
from tufkeep.workspace.placing import NoPlaceForArtifact


@pytest.fixture(params=["folder", "memory"])
def plain(request: pytest.FixtureRequest, clock: FakeClock, tmp_path: Path) -> Simulator:
    store: Store = FolderStore(tmp_path) if request.param == "folder" else MemoryStore()
    return Simulator(clock, consistent_snapshot=False, store=store)


def test_a_name_that_leaves_no_room_for_its_hash_is_refused_before_anything_is_copied(
    sim: Simulator, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x")
    with pytest.raises(NoPlaceForArtifact, match="too long"), sim.workspace.edit("add") as edit:
        edit.add_artifacts([Source(path="n" * 127, file=file)])
    assert sim.workspace.staged_files() == ()
    sim.release("n" * 126, b"x")


@pytest.mark.parametrize(("there", "new"), [("a", "a/b"), ("a/b", "a")])
def test_a_file_where_a_folder_must_be_stops_a_commit_before_its_journal(
    plain: Simulator, there: str, new: str
) -> None:
    plain.release(there, b"old")
    with pytest.raises(NoPlaceForArtifact, match="folder"):
        plain.release(new, b"new")
    assert not plain.workspace.interrupted
    plain.workspace.clean()
    plain.release(there, b"newer")


@pytest.mark.parametrize(
    "step",
    [
        CommitStep(do="move", source="keys/root.json", name="repository/targets/readme"),
        CommitStep(do="link", source="keys/root.json", name="repository/targets/readme"),
        CommitStep(do="delete", name="keys/root.json"),
        CommitStep(do="delete", name=layout.RECORD),
        CommitStep(do="move", source="staged/targets/x", name=layout.POLICY),
    ],
    ids=lambda step: f"{step.do} {step.source or step.name}",
)
def test_a_forged_journal_reaches_no_key_and_no_note(sim: Simulator, step: CommitStep) -> None:
    write_journal(sim.store, Journal(steps=(step,)))
    before = {entry.name: sim.store.read(entry.name) for entry in sim.store.list()}
    with pytest.raises(DamagedJournal, match="no commit"):
        sim.renew("timestamp")
    after = {entry.name: sim.store.read(entry.name) for entry in sim.store.list()}
    assert {**before, layout.KNOWN_KEYS: b""} == {**after, layout.KNOWN_KEYS: b""}


def test_a_journal_of_a_later_format_is_not_followed(sim: Simulator) -> None:
    sim.store.write(layout.JOURNAL, msgspec.json.encode({"steps": [], "version": 2}))
    with pytest.raises(DamagedJournal, match="version"):
        sim.renew("timestamp")


def test_nothing_is_copied_where_there_is_no_repository(clock: FakeClock, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"x")
    workspace = Workspace(MemoryStore(), clock=clock)
    with pytest.raises(NotARepository), workspace.edit("add") as edit:
        edit.add_artifacts([Source(path="file", file=file)])
    assert workspace.staged_files() == ()
