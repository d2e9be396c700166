"""One odd thing in a working directory is one finding of a report, and hides nothing else."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tufkeep.cli.base.process import Process
from tufkeep.cli.main import run
from tufkeep.stores import FolderStore, StoreFault
from tufkeep.stores.errors import LinkRefused, NotAFile, UnsafeName
from tufkeep.testing.clock import FakeClock

Odd = Callable[[Path], object]


def _replaced(name: str, act: Odd) -> Odd:
    def odd(desk: Path) -> None:
        (desk / name).unlink()
        act(desk / name)

    return odd


ODD: dict[str, tuple[Odd, str]] = {
    "a link among the artifacts": (
        lambda desk: (desk / "repository/targets/link").symlink_to("other"),
        "repository/targets/link: is a symbolic link",
    ),
    "a linked folder": (
        lambda desk: (desk / "repository/old").symlink_to("/tmp"),
        "repository/old: is a symbolic link",
    ),
    "a name with a backslash": (
        lambda desk: (desk / "repository/targets/a\\b").write_text(""),
        "repository/targets/a\\b: unsafe name",
    ),
    "a name that is no text": (
        lambda desk: Path(os.fsdecode(os.fsencode(desk / "repository") + b"/\xff")).write_text(""),
        "repository/\\udcff': unsafe name",
    ),
    "a pipe": (lambda desk: os.mkfifo(desk / "repository/pipe"), "repository/pipe: is neither a file nor a folder"),
    "a link for metadata": (
        _replaced("repository/targets.json", lambda path: path.symlink_to("2.targets.json")),
        "repository/targets.json: is a symbolic link",
    ),
    "a folder for metadata": (_replaced("repository/snapshot.json", lambda path: path.mkdir()), "snapshot.json"),
    "an old root that is none": (
        lambda desk: (desk / "repository/1.root.json").write_text("nothing"),
        "repository/1.root.json: no root metadata",
    ),
}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with one damaged artifact, whose targets expire soon."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    desk = tmp_path / "desk"
    desk.mkdir()
    monkeypatch.chdir(desk)
    (tmp_path / "tool").write_text("tool")
    for line in ("init --insecure-plaintext", "add ../tool --as tool --commit", "renew root --commit"):
        assert tufkeep(line)[0] == 0
    for path in (desk / "repository/targets").glob("*.tool"):
        path.write_text("look")
    return desk


def tufkeep(line: str) -> tuple[int, str]:
    text = io.StringIO()
    process = Process(stdin=io.StringIO(), stdout=text, stderr=text, environment={}, clock=FakeClock())
    return run(line.split(), process), text.getvalue()


@pytest.mark.parametrize("name", ODD)
def test_verify_and_doctor_report_the_odd_thing_and_the_damaged_artifact(desk: Path, name: str) -> None:
    make, sentence = ODD[name]
    make(desk)
    for line in ("verify", "doctor"):
        code, told = tufkeep(line)
        assert code in (19, 28), told
        assert sentence in told
        assert ".tool: " in told, "the artifact's own finding is hidden"
        assert "looked at" in told


@pytest.mark.parametrize("name", ODD)
def test_status_and_prove_show_what_can_be_shown(desk: Path, name: str) -> None:
    ODD[name][0](desk)
    _, shown = tufkeep("status")
    assert "root       v2" in shown
    assert "timestamp  v" in shown
    _, proved = tufkeep("prove")
    assert "should be renewed" in proved


def test_an_unreadable_role_and_an_unreadable_policy_are_both_named_by_status(desk: Path) -> None:
    Path("repository/targets.json").write_text("nothing")
    Path("tufkeep.toml").write_text("nothing")
    code, told = tufkeep("status")
    assert code == 13
    assert "warning: tufkeep.toml: " in told
    assert "error: repository/targets.json: no targets metadata" in told
    assert "snapshot   v" in told


def test_a_listing_goes_on_behind_what_is_no_object(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/link").symlink_to("/")
    os.mkfifo(tmp_path / "folder/pipe")
    (tmp_path / "a\\b").write_text("")
    (tmp_path / "z").write_text("")
    odd: list[StoreFault] = []
    assert [entry.name for entry in FolderStore(tmp_path).list(odd=odd.append)] == ["z"]
    assert {type(fault): fault.name for fault in odd} == {
        UnsafeName: "a\\b",
        LinkRefused: "folder/link",
        NotAFile: "folder/pipe",
    }
    with pytest.raises(UnsafeName):
        list(FolderStore(tmp_path).list())


def test_doctor_names_the_line_of_the_record_that_is_damaged_and_no_command_stops_at_it(desk: Path) -> None:
    record = desk / ".tufkeep/record"
    record.write_bytes(record.read_bytes().replace(b'"act":"commit"', b'"act":"\xff"', 1))
    assert tufkeep("renew timestamp --commit")[0] == 0
    _, told = tufkeep("doctor")
    assert "warning: .tufkeep/record: line 1 is no entry: text in it is not UTF-8" in told
    assert "mv .tufkeep/record ELSEWHERE" in told
