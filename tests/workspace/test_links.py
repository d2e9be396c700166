"""A link inside a working directory is never followed, by a command that looks or by one that changes something."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest

from tufkeep import Workspace
from tufkeep.cli.base.process import Process
from tufkeep.cli.main import run
from tufkeep.testing.clock import FakeClock

LINKED = (".tufkeep", ".tufkeep/record", "keys", "keys/timestamp.json", "repository", "repository/root.json")
COMMANDS = ("status", "verify", "doctor", "log", "key list", "renew timestamp --commit", "add FILE --commit", "clean")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    Workspace.create(folder / "work", insecure_plaintext=True, clock=FakeClock())
    return folder / "work"


@pytest.mark.parametrize("name", [*LINKED, "staged", "staged/targets", "tufkeep.toml"])
def test_no_command_follows_a_link_out_of_the_directory(made: Path, tmp_path: Path, name: str) -> None:
    work, outside = tmp_path / "work", tmp_path / "outside"
    shutil.copytree(made, work)
    (work / "tufkeep.toml").write_text("")
    (work / name).rename(outside)
    (work / name).symlink_to(outside)
    before = _content(tmp_path / "outside")
    ends = {}
    for command in COMMANDS:
        out = io.StringIO()
        process = Process(stdin=io.StringIO(), stdout=out, stderr=out, environment={}, clock=FakeClock())
        words = [__file__ if word == "FILE" else word for word in command.split()]
        ends[command] = run([*words, "--dir", str(work)], process)
        assert "mistake in tufkeep" not in out.getvalue(), (command, out.getvalue())
    assert ends["renew timestamp --commit"] != 0
    assert _content(tmp_path / "outside") == before
    assert (work / name).is_symlink()


def _content(path: Path) -> dict[Path, bytes]:
    return {each: each.read_bytes() for each in [path, *path.rglob("*")] if each.is_file()}
