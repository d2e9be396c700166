"""Bad input gets one sentence, a hint and its exit code, and changes nothing on disk."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tufkeep.cli.base.process import Process
from tufkeep.cli.main import run

Damage = Callable[[Path], object]


def tufkeep(folder: Path, *words: str, stdin: str = "") -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    process = Process(stdin=io.StringIO(stdin), stdout=out, stderr=err, environment={})
    return run([*words, "--dir", str(folder)], process), out.getvalue(), err.getvalue()


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    (folder / "tool").write_text("tool")
    assert tufkeep(folder, "init", "--insecure-plaintext")[0] == 0
    assert tufkeep(folder, "add", str(folder / "tool"), "--commit")[0] == 0
    return folder


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    import shutil

    shutil.copytree(whole, tmp_path / "copy")
    return tmp_path / "copy"


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".tufkeep" not in path.parts
    }


def nothing(folder: Path) -> None:
    """Leave the repository whole."""


def no_repository(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder)


def replaced(name: str, data: bytes) -> Damage:
    return lambda folder: (folder / name).write_bytes(data)


def a_folder_instead(name: str) -> Damage:
    def damage(folder: Path) -> None:
        (folder / name).unlink()
        (folder / name).mkdir()

    return damage


def missing(*names: str) -> Damage:
    def damage(folder: Path) -> None:
        for name in names:
            (folder / name).unlink()

    return damage


def staged_link(folder: Path) -> None:
    (folder / "staged/targets").mkdir(parents=True, exist_ok=True)
    (folder / "staged/targets/link").symlink_to("/etc/hostname")


CASES: list[tuple[Damage, str, int, str]] = [
    (no_repository, "status", 10, "this folder contains no repository"),
    (no_repository, "commit", 10, "this folder contains no repository"),
    (no_repository, "key new root --insecure-plaintext", 10, "this folder contains no repository"),
    (replaced("repository/root.json", b'{"signed"'), "status", 13, "repository/root.json: no root metadata"),
    (replaced("repository/root.json", b'{"signed"'), "renew timestamp", 13, "repository/root.json: no root metadata"),
    (replaced("repository/root.json", b" " * 100_000_000), "status", 13, "larger than the 512,000 bytes"),
    (replaced("repository/timestamp.json", b""), "renew timestamp --commit", 13, "timestamp.json: is empty"),
    (replaced("repository/targets.json", b"\x00" * 1_000_000), "remove tool", 13, "no targets metadata"),
    (a_folder_instead("repository/timestamp.json"), "renew timestamp", 30, "is a folder, not a file"),
    (missing("repository/targets.json", "repository/2.targets.json"), "remove tool", 11, "targets.json is missing"),
    (replaced("keys/root.json", b"nonsense"), "renew root --commit", 43, "root.json: not a key file"),
    (staged_link, "add staged/targets/link", 30, "is a symbolic link"),
    (nothing, "threshold root 0", 2, "a threshold of 0"),
    (nothing, "threshold root 2", 2, "can't reach a threshold of 2"),
    (nothing, "threshold nobody 1", 2, "'nobody' is not a role of root"),
    (nothing, "key revoke root 00", 2, "no key 00"),
    (nothing, "remove nope", 2, "nope"),
    (nothing, "add tool --as ../tool", 2, "target path '../tool'"),
    (nothing, "add tool --as /tool", 2, "target path '/tool' is absolute"),
    (nothing, "add tool --custom {", 2, "is not JSON"),
    (nothing, "add nowhere", 31, "nowhere: not found"),
    (nothing, "add /dev/null", 30, "/dev/null: is neither a file nor a folder"),
    (nothing, "key new targets", 42, "a passphrase is needed"),
    (nothing, "init", 19, "already contains a repository"),
    (replaced("tufkeep.toml", b"roles = 3"), "renew", 12, "tufkeep.toml"),
    (replaced("tufkeep.toml", b"\xff\xfe"), "renew", 12, "tufkeep.toml"),
]


@pytest.mark.parametrize(("damage", "typed", "code", "sentence"), CASES, ids=[f"{case[1]}-{case[3]}" for case in CASES])
def test_bad_input_gets_a_sentence_a_hint_and_its_exit_code(
    copy: Path, damage: Damage, typed: str, code: int, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(copy)
    damage(copy)
    before = contents(copy)
    found, _, err = tufkeep(copy, *typed.split())
    assert (found, sentence in err) == (code, True), err
    error, hint = err.splitlines()[-2:]
    assert error.startswith("error: ")
    assert hint.startswith("hint: ")
    assert contents(copy) == before


def test_a_folder_that_cannot_be_written_is_named_and_stays_as_it_is(copy: Path) -> None:
    import os

    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    before = contents(copy)
    for folder in (copy, copy / "staged", copy / ".tufkeep"):
        if folder.is_dir():
            folder.chmod(0o555)
    assert tufkeep(copy, "renew", "timestamp")[0] == 35
    assert contents(copy) == before


def test_a_file_in_place_of_the_working_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, _, err = tufkeep(tmp_path / "file", "status")
    assert code == 30
    assert "file: is a file, not a folder" in err


@pytest.mark.parametrize(
    "typed", ["key new root", "rotate root", "rotate timestamp --keys 2", "add tool --as other --commit", "renew root"]
)
def test_a_dry_run_shows_what_would_be_and_leaves_no_trace(
    copy: Path, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(copy)
    before = contents(copy)
    code, out, err = tufkeep(copy, *typed.split(), "--dry-run")
    assert (code, bool(out)) == (0, True), err
    assert contents(copy) == before


def test_a_dry_run_of_init_makes_nothing(tmp_path: Path) -> None:
    code, out, err = tufkeep(tmp_path, "init", "--root-keys", "3", "--dry-run")
    assert (code, "2 of 3 root keys must sign" in out, "nothing of this was written" in out) == (0, True, True), err
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("line", ["add {folder}/tool --as other --commit", "remove tool --commit"])
def test_a_commit_with_a_change_loses_no_file_that_nobody_added(copy: Path, line: str) -> None:
    """Nor does it leave the file there, to be found by a commit that nobody expects it in."""
    stray = copy / "staged/targets/stray"
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_text("not added")
    before = {name: data for name, data in contents(copy).items() if name.startswith("repository/")}
    code, _, err = tufkeep(copy, *line.format(folder=copy).split())
    assert code == 16
    assert "staged/targets/stray" in err
    assert {name: data for name, data in contents(copy).items() if name.startswith("repository/")} == before


def test_a_path_of_staged_targets_is_found_as_the_hints_write_it_from_anywhere(copy: Path) -> None:
    (copy / "staged/targets/late").write_text("late")
    code, _, told = tufkeep(copy, "add", "staged/targets/late", "--commit")
    assert (code, told) == (0, "")
    assert [path.name for path in (copy / "repository/targets").glob("*.late")] != []


def test_a_role_that_is_nowhere_can_not_be_signed(copy: Path) -> None:
    assert tufkeep(copy, "sign", "rot")[::2] == (
        2,
        "error: 'rot' is not a role of root\nhint: use root, targets, snapshot or timestamp\n",
    )
    assert tufkeep(copy, "sign", "root")[0] == 0


def test_a_hint_to_read_the_help_asks_for_no_directory(copy: Path) -> None:
    assert tufkeep(copy, "add")[2].splitlines()[-1] == "hint: tufkeep add --help"
