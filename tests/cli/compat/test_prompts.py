"""Passphrases are asked for on a terminal, as the originals ask."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.cli.compat.folders import FIXTURES, copy_of
from tests.cli.pseudo_terminal import CTRL_C, PseudoTerminal


def person(program: Path, *arguments: str, folder: Path) -> PseudoTerminal:
    return PseudoTerminal([program, *arguments], folder=folder)


@pytest.fixture(params=["real", "ours"])
def tuf(request: pytest.FixtureRequest, shims: Path) -> Path:
    """Both programs: what is typed here is typed to the real one as well."""
    if request.param == "real":
        program: Path = request.getfixturevalue("peer_tuf")
        return program
    return shims / "tuf"


def encrypted(folder: Path, role: str) -> bool:
    found: bool = json.loads((folder / f"keys/{role}.json").read_bytes())["encrypted"]
    return found


@pytest.mark.peer("tuf")
def test_a_first_key_asks_twice(tuf: Path, tmp_path: Path) -> None:
    with person(tuf, "gen-key", "root", folder=tmp_path) as terminal:
        terminal.expect("Enter root keys passphrase: ")
        assert not terminal.echo
        terminal.write("secret\n")
        terminal.expect("\nRepeat root keys passphrase: ")
        terminal.write("secret\n")
        assert terminal.expect("Generated root ed25519 key with ID ") == "\nGenerated root ed25519 key with ID "
        assert terminal.end() == 0
        assert terminal.echo
    assert encrypted(tmp_path, "root")


@pytest.mark.peer("tuf")
def test_two_that_differ_end_it(tuf: Path, tmp_path: Path) -> None:
    with person(tuf, "gen-key", "root", folder=tmp_path) as terminal:
        terminal.expect("Enter root keys passphrase: ")
        terminal.write("one\n")
        terminal.expect("Repeat root keys passphrase: ")
        terminal.write("two\n")
        terminal.expect("ERROR: the entered passphrases do not match\n")
        assert terminal.end() == 1
    assert not (tmp_path / "keys/root.json").exists()


@pytest.mark.peer("tuf")
def test_a_further_key_asks_once_then_for_the_root(tuf: Path, tmp_path: Path) -> None:
    folder = copy_of(FIXTURES / "fresh", tmp_path / "here")
    with person(tuf, "gen-key", "--expires=4000", "targets", folder=folder) as terminal:
        terminal.expect("Enter targets keys passphrase: ")
        terminal.write("targets pass\n")
        terminal.expect("\nEnter root keys passphrase: ")
        terminal.write("root pass 1\n")
        terminal.expect("Generated targets ed25519 key with ID ")
        assert terminal.end() == 0


@pytest.mark.peer("tuf")
@pytest.mark.parametrize(
    ("command", "role"),
    [
        (["add"], "targets"),
        (["remove", "hello.txt"], "targets"),
        (["snapshot"], "snapshot"),
        (["timestamp"], "timestamp"),
        (["sign", "root.json"], "root"),
        (["set-threshold", "root", "2"], "root"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_one_question_for_the_role_that_signs(tuf: Path, tmp_path: Path, command: list[str], role: str) -> None:
    folder = copy_of(FIXTURES / "fresh", tmp_path / "here")
    with person(tuf, *command, folder=folder) as terminal:
        terminal.expect(f"Enter {role} keys passphrase: ")
        terminal.write("wrong\n")
        terminal.expect("encrypted: decryption failed\n")
        assert terminal.end() == 1


@pytest.mark.peer("tuf")
@pytest.mark.parametrize("command", [["commit"], ["clean"], ["payload", "root.json"], ["root-keys"]], ids=" ".join)
def test_what_signs_nothing_asks_nothing(tuf: Path, tmp_path: Path, command: list[str]) -> None:
    folder = copy_of(FIXTURES / "fresh", tmp_path / "here")
    with person(tuf, *command, folder=folder) as terminal:
        assert terminal.end() == 0
        assert "passphrase" not in terminal.seen


@pytest.mark.peer("tuf")
def test_a_passphrase_is_changed_with_three_questions(tuf: Path, tmp_path: Path) -> None:
    folder = copy_of(FIXTURES / "fresh", tmp_path / "here")
    with person(tuf, "change-passphrase", "root", folder=folder) as terminal:
        for question, answer in (
            ("Enter root keys passphrase: ", "root pass 1"),
            ("Enter new root keys passphrase: ", "another"),
            ("Repeat new root keys passphrase: ", "another"),
        ):
            terminal.expect(question)
            terminal.write(f"{answer}\n")
        terminal.expect("Successfully changed passphrase for root keys file\n")
        assert terminal.end() == 0


def test_an_empty_passphrase_makes_no_key(shims: Path, tmp_path: Path) -> None:
    with person(shims / "tuf", "gen-key", "root", folder=tmp_path) as terminal:
        terminal.expect("Enter root keys passphrase: ")
        terminal.write("\n")
        terminal.expect("Repeat root keys passphrase: ")
        terminal.write("\n")
        terminal.expect("ERROR: the new root passphrase is empty, so the key would not be encrypted\n")
        terminal.expect("hint: type a passphrase; only tuf --insecure-plaintext gen-key makes a key without one\n")
        assert terminal.end() == 1
    assert not (tmp_path / "keys/root.json").exists()


def test_an_empty_new_passphrase_changes_nothing(shims: Path, tmp_path: Path) -> None:
    folder = copy_of(FIXTURES / "fresh", tmp_path / "here")
    before = (folder / "keys/root.json").read_bytes()
    with person(shims / "tuf", "change-passphrase", "root", folder=folder) as terminal:
        for answer in ("root pass 1", "", ""):
            terminal.expect("passphrase: ")
            terminal.write(f"{answer}\n")
        assert terminal.end() == 1
    assert (folder / "keys/root.json").read_bytes() == before


@pytest.mark.peer("tuf")
def test_a_key_file_with_the_empty_passphrase_opens_without_a_question(
    shims: Path, peer_tuf: Path, tmp_path: Path
) -> None:
    folder = copy_of(FIXTURES / "fresh", tmp_path / "here")
    with person(peer_tuf, "change-passphrase", "timestamp", folder=folder) as terminal:
        for answer in ("timestamp pass", "", ""):
            terminal.expect("passphrase: ")
            terminal.write(f"{answer}\n")
        assert terminal.end() == 0
    with person(shims / "tuf", "timestamp", folder=folder) as terminal:
        assert terminal.end() == 0
        assert "passphrase" not in terminal.seen


@pytest.mark.parametrize("line", ["tuf gen-key root", "fleetctl updates init"])
def test_ctrl_c_leaves_the_terminal_with_its_echo(shims: Path, tmp_path: Path, line: str) -> None:
    program, *arguments = line.split()
    with person(shims / program, *arguments, folder=tmp_path) as terminal:
        terminal.expect(" passphrase: ")
        assert not terminal.echo
        terminal.write(CTRL_C)
        assert terminal.end() in (130, -signal.SIGINT)
        assert terminal.echo
        assert "mistake" not in terminal.seen
    assert not (tmp_path / "keys/root.json").exists()


def test_nobody_is_asked_for_the_further_root_files(shims: Path, tmp_path: Path) -> None:
    folder = copy_of(FIXTURES / "three-root-keys", tmp_path / "here")
    with person(shims / "tuf", "gen-key", "--expires=4000", "root", folder=folder) as terminal:
        terminal.expect("Enter root keys passphrase: ")
        terminal.write("fourth\n")
        terminal.expect("Repeat root keys passphrase: ")
        terminal.write("fourth\n")
        terminal.expect("Generated root ed25519 key with ID ")
        assert terminal.end() == 0
        assert "passphrase: " not in terminal.seen
    assert {file.name for file in (folder / "keys").glob("root*")} == {
        "root.json",
        *(f"root{n}.json" for n in (1, 2, 3)),
    }


def test_one_passphrase_signs_with_whatever_file_it_opens(shims: Path, tmp_path: Path) -> None:
    folder = copy_of(FIXTURES / "three-root-keys", tmp_path / "here")
    with person(shims / "tuf", "sign", "root.json", folder=folder) as terminal:
        terminal.expect("Enter root keys passphrase: ")
        terminal.write("root pass 3\n")
        terminal.expect("Signed root.json with 1 key(s)\n")
        assert terminal.end() == 0


def test_fleetctl_asks_again_until_it_fits(shims: Path, tmp_path: Path) -> None:
    folder = copy_of(FIXTURES / "cs-false", tmp_path / "here")
    with person(shims / "fleetctl", "updates", "timestamp", folder=folder) as terminal:
        terminal.expect("Enter timestamp key passphrase: ")
        terminal.write("wrong\n")
        terminal.expect("Failed to decrypt timestamp key. Try again.\nEnter timestamp key passphrase: ")
        terminal.write("timestamp pass\n")
        assert terminal.end() == 0


def test_fleetctl_asks_for_a_new_passphrase_until_both_match(shims: Path, tmp_path: Path) -> None:
    with person(shims / "fleetctl", "updates", "init", folder=tmp_path) as terminal:
        for answer, again in (("one", "two"), ("root", "root")):
            terminal.expect("Enter root key passphrase: ")
            terminal.write(f"{answer}\n")
            terminal.expect("Repeat root key passphrase: ")
            terminal.write(f"{again}\n")
        for role in ("targets", "snapshot", "timestamp"):
            for word in ("Enter", "Repeat"):
                terminal.expect(f"{word} {role} key passphrase: ")
                terminal.write(f"{role}\n")
        terminal.expect("Generated timestamp key with ID: ")
        assert terminal.end() == 0
