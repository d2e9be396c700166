"""The three procedures, played as their scripts say over folders that stand for machines and drives."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tufkeep.cli import table
from tufkeep.cli.base.app import App
from tufkeep.cli.base.process import Process
from tufkeep.cli.commands.ceremony.procedures import PROCEDURES, Procedure, Step
from tufkeep.cli.commands.ceremony.progress import Progress
from tufkeep.cli.commands.ceremony.script_page import script_page
from tufkeep.cli.group import load
from tufkeep.cli.main import run
from tufkeep.keys.machine import Machine, Place
from tufkeep.stores import MemoryStore
from tufkeep.testing.clock import FakeClock

FIT = Machine(
    interfaces=(), default_routes=(), swap=(), place=Place(file_system="vfat", removable=True, free_bytes=1 << 30)
)
EVERY_STEP = [(procedure, step) for procedure in PROCEDURES.values() for step in procedure.steps]
COMMANDS = sorted({line for _, step in EVERY_STEP for line in step.commands if line.startswith("tufkeep ")})


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_is_one_that_the_program_takes(line: str) -> None:
    words = line.split()[1:]
    name = max((name for name in table.listed() if words[: len(name.split())] == name.split()), key=len)
    rest = [
        "." if word.endswith("/keys") else __file__ if word == "repository/1.root.json" else word
        for word in words[len(name.split()) :]
    ]
    with load(name).make_context(name, rest, obj=App(Process(stdin=io.StringIO()))):
        pass


@pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=lambda procedure: procedure.name)
def test_steps_have_names_of_their_own_and_end_in_a_question(procedure: Procedure) -> None:
    ids = [step.id for step in procedure.steps]
    assert len(set(ids)) == len(ids)
    assert all(step.check.endswith("?") for step in procedure.steps)


@pytest.mark.parametrize("procedure", PROCEDURES.values(), ids=lambda procedure: procedure.name)
def test_the_paper_says_what_the_screen_says_and_needs_nothing_beside_it(
    procedure: Procedure, clock: FakeClock
) -> None:
    page = script_page(procedure, program="tufkeep <0>", now=clock())
    assert "tufkeep &lt;0&gt;" in page
    assert not re.search(r"<(script|link|img)|https?://|@import", page)
    for step in procedure.steps:
        assert f"{procedure.number(step)}. {step.title}" in page
        assert step.check.replace("'", "&#39;") in page
        assert all(line in page for line in step.commands)


def test_progress_goes_on_another_day_and_at_any_step_on_another_machine(clock: FakeClock) -> None:
    procedure = PROCEDURES["create"]
    store = MemoryStore()
    progress = Progress(store, procedure, clock=clock)
    assert progress.next == procedure.steps[0]
    progress.take(procedure.steps[0])
    clock.advance(days=1)
    assert Progress(store, procedure, clock=clock).next == procedure.steps[1]
    elsewhere = Progress(MemoryStore(), procedure, clock=clock)
    elsewhere.start_at(3)
    assert elsewhere.next == procedure.steps[2]
    elsewhere.start_at(1)
    assert elsewhere.taken == {}
    assert Progress(store, PROCEDURES["rotate"], clock=clock).taken == {}


class Day:
    """People who type what a script says."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch):
        self.folder = folder
        self.clock = FakeClock()
        self._monkeypatch = monkeypatch

    def play(self, step: Step, at: str) -> str:
        """Type the commands of a step in a folder; return what was seen."""
        (self.folder / at).mkdir(parents=True, exist_ok=True)
        self._monkeypatch.chdir(self.folder / at)
        return "".join(self._type(line) for line in step.commands)

    def _type(self, line: str) -> str:
        line = line.replace("/media/", f"{self.folder}/").replace("REMOTE", f"{self.folder}/remote")
        line = line.replace("URL", f"{self.folder}/remote").replace("NAME", "releaser-2")
        line = re.sub(r"--ceremony|--generate-passphrases|(?=--owner)", "--insecure-plaintext ", line)
        name, *words = line.split()
        if name == "tufkeep":
            return self.tufkeep(*words)
        if name == "cd":
            Path(words[0]).mkdir(exist_ok=True)
            self._monkeypatch.chdir(words[0])
        elif name == "mkdir":
            Path(words[-1]).mkdir(exist_ok=True)
        elif name == "cp":
            for source in words[1:-1]:
                shutil.copytree(source, Path(words[-1]) / Path(source).name)
        elif name == "mv":
            self._set_aside(Path(words[1]))
        return ""

    def _set_aside(self, folder: Path) -> None:
        """Move the key files that the list warns of, as the script says."""
        for name in json.loads(self.tufkeep("key", "list", "--json", "--dir", "updates"))["strangers"]:
            shutil.move(f"updates/keys/{name}", folder)

    def tufkeep(self, *words: str) -> str:
        out, err = io.StringIO(), io.StringIO()
        process = Process(
            stdin=io.StringIO(), stdout=out, stderr=err, environment={}, clock=self.clock, machine=lambda folder: FIT
        )
        assert run(["--yes", *words], process) == 0, f"{' '.join(words)}: {err.getvalue()}"
        return out.getvalue() + err.getvalue()


@pytest.fixture
def day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Day]:
    yield Day(tmp_path, monkeypatch)


def carry(source: Path, target: Path) -> None:
    """Carry repository/ and staged/ from one place to another, over what is there."""
    for name in ("repository", "staged"):
        if (source / name).is_dir():
            shutil.copytree(source / name, target / name, dirs_exist_ok=True)


def create(day: Day) -> dict[str, str]:
    seen = {}
    for step in PROCEDURES["create"].steps:
        if step.id == "publish":
            carry(day.folder / "repository", day.folder / "online")
        seen[step.id] = day.play(step, "online" if step.where == "online" else "work")
    return seen


def key_files(folder: Path) -> set[str]:
    return {path.name for path in (folder / "keys").iterdir()} if (folder / "keys").is_dir() else set()


def test_a_repository_is_created_and_a_client_follows(day: Day) -> None:
    seen = create(day)
    assert "2 of 3 root keys must sign" in seen["keys"]
    assert key_files(day.folder / "repository") == set()
    assert key_files(day.folder / "signing") == {"targets.json", "snapshot.json", "timestamp.json"}
    assert len(key_files(day.folder / "backup-1")) == len(key_files(day.folder / "backup-2")) == 6
    assert "root v1" in seen["agents"]


def test_root_keys_are_rotated_and_a_client_on_the_first_root_follows(day: Day) -> None:
    create(day)
    (day.folder / "backup-1").rename(day.folder / "old-backup")
    shutil.rmtree(day.folder / "backup-2")
    shutil.rmtree(day.folder / "work")
    day.clock.advance(days=30)
    old = json.loads((day.folder / "remote/root.json").read_bytes())["signed"]["roles"]["root"]["keyids"]
    day._monkeypatch.chdir(day.folder / "online")
    shutil.copytree(day.folder / "signing" / "keys", day.folder / "online" / "keys")
    day.tufkeep("renew", "timestamp", "snapshot", "--commit")
    day.tufkeep("push", str(day.folder / "remote"))
    seen = {}
    for step in PROCEDURES["rotate"].steps:
        if step.id == "publish":
            carry(day.folder / "repository", day.folder / "online")
        seen[step.id] = day.play(step, "online" if step.where == "online" else "work")
    root = json.loads((day.folder / "remote/root.json").read_bytes())
    assert root["signed"]["version"] == 3
    assert set(root["signed"]["roles"]["root"]["keyids"]).isdisjoint(old)
    assert "root does not list" not in seen["aside"].splitlines()[-1]
    assert len([name for name in key_files(day.folder / "backup-1") if name.startswith("root")]) == 3
    assert "root v3" in seen["followed"]


def test_a_releaser_is_added_and_a_client_on_the_first_root_follows(day: Day) -> None:
    create(day)
    (day.folder / "backup-1").rename(day.folder / "root-keys")
    carry(day.folder / "online", day.folder / "releaser")
    shutil.copytree(day.folder / "online" / "client", day.folder / "releaser" / "client")
    seen = {}
    for step in PROCEDURES["releaser"].steps:
        seen[step.id] = day.play(step, "releaser" if step.where == "online" else "work")
    root = json.loads((day.folder / "remote/root.json").read_bytes())["signed"]
    assert root["version"] == 2
    assert [len(root["roles"][role]["keyids"]) for role in ("root", "targets", "snapshot", "timestamp")] == [3, 2, 2, 2]
    assert "releaser-2" in seen["read"]
    assert "root v2" in seen["publish"]
    assert key_files(day.folder / "backup") == key_files(day.folder / "releaser") != set()
