"""`fleetctl updates`, and `tufkeep updates`: what Fleet's program does, by its source."""

from __future__ import annotations

import io
import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.compat.fleetctl_cases import FLEETCTL
from tests.cli.compat.folders import (
    FIXTURES,
    FLEET_PASSPHRASES,
    ROLES,
    TUF_PASSPHRASES,
    copy_of,
    days_left,
    files,
    signed,
)
from tests.cli.compat.twins import Answer, Ours
from tufkeep import __version__ as tufkeep_version
from tufkeep.cli.base.process import Process
from tufkeep.cli.compat.fleetctl.updates import target_path
from tufkeep.cli.main import run as tufkeep


def updates(folder: Path, *arguments: str, **environment: str) -> Answer:
    return Ours(name="fleetctl")(folder, ["updates", *arguments], {**FLEET_PASSPHRASES, **environment})


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return copy_of(FIXTURES / "cs-false", tmp_path / "here")


def add(folder: Path, **environment: str) -> Answer:
    (folder / "osqueryd").write_text("this is osqueryd")
    flags = "--target osqueryd --name osqueryd --platform linux --version 5.1.2 -t 5.1 --tag stable"
    return updates(folder, "add", *flags.split(), **environment)


def test_every_line_of_the_table_has_its_test() -> None:
    tests = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))
    assert [line.test for line in FLEETCTL if f"def {line.test}(" not in tests] == []


def test_init_makes_the_repository_that_fleetctl_makes(tmp_path: Path) -> None:
    done = updates(tmp_path, "init")
    assert done.code == 0
    said = [line.split(" key with ID: ") for line in done.out.splitlines()]
    assert [words[0] for words in said] == [f"Generated {role}" for role in ROLES]
    assert [words[1] for words in said] == [signed(tmp_path, "root")["roles"][role]["keyids"][0] for role in ROLES]
    names = sorted(file.name for file in (tmp_path / "repository").iterdir())
    assert names == ["1.root.json", "root.json", "snapshot.json", "targets.json", "timestamp.json"]
    assert [days_left(tmp_path, role) for role in ROLES] == [3650, 1095, 1095, 14]
    assert signed(tmp_path, "root")["consistent_snapshot"] is False
    assert sorted(file.name for file in (tmp_path / "keys").iterdir()) == sorted(f"{role}.json" for role in ROLES)
    assert list((tmp_path / "staged").rglob("*")) == [tmp_path / "staged/targets"]


def test_the_path_may_come_with_one_dash(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    assert updates(tmp_path, "init", "-path", "there").code == 0
    assert updates(tmp_path, "timestamp", "--path=there").code == 0
    assert signed(tmp_path / "there", "timestamp")["version"] == 2


def test_init_stops_where_something_is(here: Path, tmp_path: Path) -> None:
    assert updates(here, "init").err == "Error: repo already initialized: .\n"
    keys = tmp_path / "keys-only"
    (keys / "keys").mkdir(parents=True)
    (keys / "keys/root.json").write_bytes((here / "keys/root.json").read_bytes())
    refused = updates(keys, "init")
    assert (refused.code, refused.err.split("\n")[0]) == (1, "Error: keys directory already exists: keys")


def test_an_init_that_was_cut_off_is_finished_by_the_next(tmp_path: Path) -> None:
    assert updates(tmp_path, "init", FLEET_SNAPSHOT_PASSPHRASE="").err == (
        "Error: generate snapshot key: passphrase must not be empty\n"
    )
    assert (tmp_path / "keys/root.json").exists()
    assert updates(tmp_path, "init").code == 0
    assert signed(tmp_path, "timestamp")["version"] == 1


def test_roots_prints_the_staged_root_before_the_committed_one(here: Path) -> None:
    plain = updates(here, "roots")
    assert (plain.out, plain.err) == ((here / "repository/root.json").read_text() + "\n", "")
    staged = copy_of(FIXTURES / "releaser", here.parent / "releaser")
    printed = updates(staged, "roots")
    assert printed.out == (staged / "staged/root.json").read_text() + "\n"
    assert "warning: this is the staged root v2" in printed.err
    assert updates(here, "roots", "--path", "nowhere").err.startswith("Error: repo not initialized: nowhere\n")


def test_add_publishes_a_file_under_its_version_and_every_tag(here: Path) -> None:
    before = {role: signed(here, role)["version"] for role in ROLES}
    done = add(here)
    assert (done.code, done.out, done.err) == (0, "", "")
    targets = signed(here, "targets")["targets"]
    for tag in ("5.1.2", "5.1", "stable"):
        path = f"osqueryd/linux/{tag}/osqueryd"
        assert targets[path]["custom"] == {"version": "5.1.2"}
        assert list(targets[path]["hashes"]) == ["sha512"]
        assert (here / "repository/targets" / path).read_text() == "this is osqueryd"
    assert {role: signed(here, role)["version"] for role in ROLES} == {
        "root": before["root"],
        **{role: before[role] + 1 for role in ("targets", "snapshot", "timestamp")},
    }
    assert [days_left(here, role) for role in ("targets", "snapshot", "timestamp")] == [1095, 1095, 14]


@pytest.mark.parametrize(
    ("name", "platform", "file", "path"),
    [
        ("desktop", "windows", "fleet-desktop.exe", "desktop/windows/edge/fleet-desktop.exe"),
        ("desktop", "windows-arm64", "fleet-desktop.exe", "desktop/windows-arm64/edge/fleet-desktop.exe"),
        ("desktop", "linux", "desktop.tar.gz", "desktop/linux/edge/desktop.tar.gz"),
        ("desktop", "linux-arm64", "anything", "desktop/linux-arm64/edge/desktop.tar.gz"),
        ("desktop", "macos", "desktop.app.tar.gz", "desktop/macos/edge/desktop.app.tar.gz"),
        ("orbit", "windows", "orbit.exe", "orbit/windows/edge/orbit.exe"),
        ("orbit", "linux", "orbit", "orbit/linux/edge/orbit"),
        ("osqueryd", "macos-app", "osqueryd.app.tar.gz", "osqueryd/macos-app/edge/osqueryd.app.tar.gz"),
        ("escrowBuddy", "macos", "escrowBuddy.pkg", "escrowBuddy/macos/edge/escrowBuddy.pkg"),
        ("nudge", "macos", "nudge.tar.gz", "nudge/macos/edge/nudge"),
        ("extensions/hello", "windows", "hello.ext.exe", "extensions/hello/windows/edge/hello.ext.exe"),
        ("extensions/hello", "linux", "hello.ext", "extensions/hello/linux/edge/hello.ext"),
    ],
)
def test_a_target_is_called_as_orbit_looks_for_it(name: str, platform: str, file: str, path: str) -> None:
    assert target_path(name, platform, "edge", file=file) == path


@pytest.mark.parametrize("missing", ["timestamp", "snapshot", "targets"])
def test_add_wants_its_three_keys_first(here: Path, missing: str) -> None:
    (here / f"keys/{missing}.json").unlink()
    before = files(here / "repository")
    assert add(here).err.startswith(f"Error: {missing} key not found\n")
    assert files(here / "repository") == before


def test_add_needs_no_root_key(here: Path) -> None:
    (here / "keys/root.json").unlink()
    assert add(here).code == 0


def test_add_leaves_nothing_half_done(here: Path) -> None:
    before = files(here)
    assert updates(here, "add", "--target", "nope", "--name", "a", "--platform", "b", "--version", "1").code == 1
    assert files(here) == before


def test_add_wants_its_flags(here: Path) -> None:
    missing = updates(here, "add", "--name", "a")
    assert missing.code == 1
    assert missing.err == (
        'Error: Required flags "target, platform, version" not set\nhint: fleetctl updates add --help\n'
    )
    last = ("--target", "b", "--name", "a", "--platform", "linux")
    assert updates(here, "add", *last).err.startswith('Error: Required flag "version" not set\n')


FILE = ("--target", "osqueryd", "--name", "osqueryd", "--platform", "linux", "--version", "1")


@pytest.mark.parametrize(
    ("flags", "tags"),
    [
        (["-t", "x,y"], ["x", "y"]),
        (["-t", "x, y", "-t", "z"], ["x", "y", "z"]),
        (["-t=x"], ["x"]),
        (["-tag=x", "--t", "y"], ["x", "y"]),
    ],
)
def test_tags_are_read_as_go_reads_flags(here: Path, flags: list[str], tags: list[str]) -> None:
    (here / "osqueryd").write_text("binary")
    done = updates(here, "add", *FILE, *flags)
    assert done.code == 0, done.err
    added = {path.split("/")[2] for path in signed(here, "targets")["targets"] if path.startswith("osqueryd/linux/")}
    assert added == {"1", *tags}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--name="], "--name is empty"),
        (["--platform", ""], "--platform is empty"),
        (["-t", ""], "--tag is empty"),
        (["-t", "stable,"], "--tag is empty"),
        (["extra", "-t", "stable"], 'unexpected word "extra"'),
        (["--nope"], "flag provided but not defined: -nope"),
        (["-tstable"], "flag provided but not defined: -tstable"),
        (["-t"], "flag needs an argument: -t"),
        (["---t", "x"], "bad flag syntax: ---t"),
    ],
)
def test_add_refuses_what_would_publish_something_else(here: Path, arguments: list[str], sentence: str) -> None:
    before = files(here)
    (here / "osqueryd").write_text("binary")
    refused = updates(here, "add", *FILE, *arguments)
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith(f"Error: {sentence}\nhint: ")
    assert {name: data for name, data in files(here).items() if name != "osqueryd"} == before


def test_a_file_that_is_not_there_is_named_as_fleetctl_names_it(here: Path) -> None:
    missing = updates(here, "add", *FILE)
    assert missing.err == "Error: open src for copy: open osqueryd: no such file or directory\n"


@pytest.mark.parametrize("arguments", [["--version"], ["-v"], ["version"]])
def test_the_version_is_printed(tmp_path: Path, arguments: list[str]) -> None:
    answer = Ours(name="fleetctl")(tmp_path, arguments, {})
    assert answer == Answer(code=0, out=f"fleetctl - version {tufkeep_version} (tufkeep)\n", err="")


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("", "fleetctl - This is tufkeep, called as fleetctl"),
        ("help", "fleetctl - This is tufkeep, called as fleetctl"),
        ("-h", "fleetctl - This is tufkeep, called as fleetctl"),
        ("updates", "fleetctl updates - Manage client updates"),
        ("help updates", "fleetctl updates - Manage client updates"),
        ("updates help", "fleetctl updates - Manage client updates"),
        ("updates --help", "fleetctl updates - Manage client updates"),
        ("updates help add", "fleetctl updates add - Publish a file"),
        ("updates add --help", "fleetctl updates add - Publish a file"),
        ("updates rotate help", "fleetctl updates rotate - Replace the key of a role"),
    ],
)
def test_help_is_printed(tmp_path: Path, line: str, first: str) -> None:
    answer = Ours(name="fleetctl")(tmp_path, line.split(), {})
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(f"NAME:\n   {first}")


def test_a_folder_without_repository_is_told_so(tmp_path: Path) -> None:
    for command in (["timestamp"], ["roots"], ["rotate", "targets"]):
        assert updates(tmp_path, *command).err.startswith("Error: repo not initialized: .\n")


def test_timestamp_needs_its_own_key_only(here: Path) -> None:
    for role in ("root", "targets", "snapshot"):
        (here / f"keys/{role}.json").unlink()
    version = signed(here, "timestamp")["version"]
    assert updates(here, "timestamp").code == 0
    assert (signed(here, "timestamp")["version"], days_left(here, "timestamp")) == (version + 1, 14)


@pytest.mark.parametrize("role", ROLES)
def test_rotate_replaces_the_key_of_a_role(here: Path, role: str) -> None:
    (old,) = signed(here, "root")["roles"][role]["keyids"]
    done = updates(here, "rotate", role)
    assert done.code == 0, done.err
    (new,) = signed(here, "root")["roles"][role]["keyids"]
    assert done.out == f"Generated {role} key with ID: {new}\n"
    assert new != old
    assert updates(here, "timestamp").code == 0
    assert add(here).code == 0


@pytest.mark.parametrize(
    ("role", "anew"),
    [
        ("root", ["root"]),
        ("targets", ["root", "targets", "snapshot", "timestamp"]),
        ("snapshot", ["root", "snapshot", "timestamp"]),
        ("timestamp", ["root", "timestamp"]),
    ],
)
def test_rotate_makes_anew_only_what_the_new_key_must_sign(here: Path, role: str, anew: list[str]) -> None:
    before = {each: signed(here, each)["version"] for each in ROLES}
    assert updates(here, "rotate", role).code == 0
    after = {each: signed(here, each)["version"] for each in ROLES}
    assert after == {each: version + (each in anew) for each, version in before.items()}


@pytest.mark.parametrize(
    ("role", "needless"),
    [("root", ["targets", "snapshot", "timestamp"]), ("snapshot", ["targets"]), ("timestamp", ["targets", "snapshot"])],
)
def test_rotate_needs_only_the_keys_it_needs(here: Path, role: str, needless: list[str]) -> None:
    for other in needless:
        (here / f"keys/{other}.json").unlink()
    assert updates(here, "rotate", role).code == 0


def test_rotate_rolls_back_keys_and_staged(here: Path) -> None:
    (here / "staged/targets").mkdir(parents=True, exist_ok=True)
    signed_snapshot = (here / "repository/snapshot.json").read_bytes()
    (here / "repository/snapshot.json").write_bytes(signed_snapshot.replace(b'"version":1', b'"version":1 '))
    before = files(here)
    failed = updates(here, "rotate", "timestamp")
    assert failed.code == 1
    assert failed.out == "Rolling back changes.\n"
    assert files(here) == before
    (here / "repository/snapshot.json").write_bytes(signed_snapshot)
    assert updates(here, "rotate", "timestamp").code == 0


def test_rotate_wants_one_role(here: Path) -> None:
    for arguments in ([], ["root", "targets"]):
        assert updates(here, "rotate", *arguments).err.startswith("Error: role must be provided\n")
    assert updates(here, "rotate", "bogus").code == 1


def test_rotate_tells_of_keys_that_stay(here: Path) -> None:
    publisher = copy_of(FIXTURES / "releaser", here.parent / "releaser")
    (here / "staged").mkdir(exist_ok=True)
    (here / "staged/root.json").write_bytes((publisher / "staged/root.json").read_bytes())
    done = updates(here, "rotate", "timestamp")
    assert done.code == 0, done.err
    assert "warning: timestamp trusts 1 more key(s)" in done.err


@pytest.mark.parametrize("role", ["timestamp", "targets"])
def test_a_passphrase_comes_from_its_variable(here: Path, role: str) -> None:
    variable = f"FLEET_{role.upper()}_PASSPHRASE"
    wrong = add(here, **{variable: "wrong"})
    assert (wrong.code, wrong.err) == (1, f"Error: {role} passphrase from {variable} is invalid\n")
    assert add(here, **{variable: ""}).err == "Error: passphrase must not be empty\n"


def test_the_variables_of_the_other_program_are_not_looked_at(here: Path) -> None:
    answer = Ours(name="fleetctl")(here, ["updates", "timestamp"], {"TUF_TIMESTAMP_PASSPHRASE": "timestamp pass"})
    assert answer.out == "Enter timestamp key passphrase: \n"
    assert answer.code == 1
    assert answer.err.startswith("Error: read password: inappropriate ioctl for device\n")


@pytest.mark.parametrize(
    "arguments", [["login"], ["package", "--type", "deb"], ["help", "login"], ["apply", "-f", "x"]]
)
def test_any_other_command_is_told_what_this_program_is(tmp_path: Path, arguments: list[str]) -> None:
    answer = Ours(name="fleetctl")(tmp_path, arguments, {})
    assert answer.code == 1
    assert answer.err.startswith("Error: this is tufkeep, called as fleetctl: it knows `fleetctl updates` and no other")


def test_an_expired_root_is_named_as_go_tuf_names_it(here: Path) -> None:
    (here / "osqueryd").write_text("x")
    late = Ours(name="fleetctl", clock=lambda: datetime(2050, 1, 1, tzinfo=UTC))
    refused = late(here, ["updates", "add", *FILE], FLEET_PASSPHRASES)
    assert refused.code == 1
    expected = "Error: make snapshot: tuf: insufficient signatures for root.json: expired at 2036-"
    assert refused.err.startswith(expected)


def test_tufkeep_updates_is_the_same_program(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(here)
    out, err = io.StringIO(), io.StringIO()
    process = Process(stdin=io.StringIO(), stdout=out, stderr=err, environment=FLEET_PASSPHRASES)
    assert tufkeep(["updates", "timestamp"], process) == 0
    assert tufkeep(["updates", "rotate"], process) == 2
    assert err.getvalue().startswith("Error: role must be provided\n")
    assert tufkeep(["updates", "add", "--help"], process) == 0
    assert "--platform" in out.getvalue()


def test_one_directory_is_kept_by_both_names(
    here: Path, typed: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    assert add(here).code == 0
    line = "tuf remove osqueryd/linux/5.1/osqueryd && tuf snapshot && tuf timestamp && tuf commit"
    assert typed(line, here, **TUF_PASSPHRASES).returncode == 0
    assert updates(here, "timestamp").code == 0
    record = [json.loads(entry)["command"] for entry in (here / ".tufkeep/record").read_text().splitlines()]
    assert record[-3:] == ["fleetctl updates add", "tuf commit", "fleetctl updates timestamp"]
    assert (
        "osqueryd/linux/5.1/osqueryd"
        not in json.loads((here / "repository/targets.json").read_bytes())["signed"]["targets"]
    )


def test_a_reader_that_goes_away_ends_it_quietly(
    here: Path, typed: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    done = typed("{ fleetctl updates roots; echo $? >&2; } | true", here)
    assert done.stderr == "141\n"
