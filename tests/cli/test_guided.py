"""Conversations of a ceremony on a real terminal, as they look, word for word.

TUFKEEP_UPDATE_GOLDEN=1 writes what was seen into testdata/terminal/ instead of comparing.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.pseudo_terminal import CTRL_C, PseudoTerminal
from tests.cli.transcript import UPDATE
from tufkeep.keys.keyfile import parse_key_file
from tufkeep.keys.passphrase import Passphrase
from tufkeep.metadata.pgp_words import EVEN_WORDS, ODD_WORDS

SCREENS = Path(__file__).parent / "testdata" / "terminal"
PROGRAM = """
import sys
from tufkeep.cli.base.process import Process
from tufkeep.cli.main import run
from tufkeep.keys.machine import Interface, Machine, Place
from tufkeep.testing.clock import FakeClock

up = (Interface(name="eth0", state="up"),) if sys.argv[1] == "connected" else ()
place = Place(file_system="vfat", removable=True, free_bytes=8 << 30)
machine = Machine(interfaces=up, default_routes=(), swap=(), place=place)
sys.exit(run(sys.argv[2:], Process(clock=FakeClock(), machine=lambda folder: machine)))
"""
OWN = "press Enter to have one made: "
MADE = re.compile(r"kept nowhere:\n    ([a-z -]+)\n")
_WORD = "|".join(sorted({*EVEN_WORDS, *ODD_WORDS}, key=len, reverse=True))
_WORDS = re.compile(rf"(?:\b(?:{_WORD})\b ?){{8}}")
_HEX = re.compile(r"\b[0-9a-f]{8}\b")


class Sitting:
    """One sitting at a terminal."""

    def __init__(self, terminal: PseudoTerminal):
        self.terminal = terminal
        self.screen = ""
        self.passphrases: list[str] = []

    def see(self, text: str) -> str:
        seen = self.terminal.expect(text)
        self.screen += seen
        return seen

    def answer(self, question: str, text: str) -> None:
        self.see(question)
        self.terminal.write(f"{text}\n")

    def have_one_made(self) -> None:
        """Have a passphrase made, and type it back as if from paper."""
        self.answer(OWN, "")
        found = MADE.search(self.see("type it from the paper: "))
        assert found is not None
        self.passphrases.append(found[1])
        self.terminal.write(f"{found[1]}\n")

    def end(self) -> int:
        code = self.terminal.end()
        self.screen += self.terminal.seen
        return code

    @property
    def shown(self) -> str:
        """The screen without what differs from run to run."""
        text = self.screen
        for number, passphrase in enumerate(self.passphrases, 1):
            text = text.replace(passphrase, f"<passphrase {number}>")
        return _HEX.sub("<keyid>", _WORDS.sub("<eight words>", text))


@contextmanager
def sit(folder: Path, *words: str, machine: str = "alone") -> Iterator[Sitting]:
    command = [sys.executable, "-c", PROGRAM, machine, "--dir", "updates", *words]
    environment = {"NO_COLOR": "1", "HOME": "/home/nobody"}
    with PseudoTerminal(command, environment=environment, folder=folder) as terminal:
        yield Sitting(terminal)


def check(name: str, sitting: Sitting) -> None:
    path = SCREENS / name
    if UPDATE:
        path.write_text(sitting.shown)
    else:
        assert sitting.shown == path.read_text(), f"{name} looks different (TUFKEEP_UPDATE_GOLDEN=1 writes it)"


def opens(folder: Path, name: str, passphrase: str) -> bool:
    return len(parse_key_file((folder / "updates/keys" / name).read_bytes()).open(Passphrase(passphrase))) == 1


def test_a_repository_is_made_with_one_passphrase_on_paper_for_each_key(tmp_path: Path) -> None:
    with sit(tmp_path, "init", "--ceremony") as sitting:
        sitting.answer("How many root keys? [3] ", "2")
        sitting.answer("How many of them must sign? [1] ", "3")  # no: there are two
        sitting.answer("How many of them must sign? [1] ", "")
        sitting.have_one_made()  # root1
        sitting.answer(OWN, "a passphrase of my own")
        sitting.answer("the same again: ", "a passphrase of my won")
        sitting.answer("the same again: ", "a passphrase of my own")
        for _ in range(3):
            sitting.have_one_made()
        assert sitting.end() == 0
    check("init-ceremony.txt", sitting)
    assert opens(tmp_path, "root1.json", sitting.passphrases[0])
    assert opens(tmp_path, "root2.json", "a passphrase of my own")
    assert opens(tmp_path, "timestamp.json", sitting.passphrases[-1])


def test_a_connected_machine_ends_the_ceremony_before_the_first_question(tmp_path: Path) -> None:
    with sit(tmp_path, "init", "--ceremony", machine="connected") as sitting:
        assert sitting.end() == 46
    check("init-ceremony-connected.txt", sitting)
    assert not (tmp_path / "updates").exists()


def test_an_interrupted_ceremony_goes_on_with_the_keys_that_are_there(tmp_path: Path) -> None:
    with sit(tmp_path, "init", "--ceremony") as sitting:
        sitting.answer("How many root keys? [3] ", "1")
        sitting.answer("How many of them must sign? [1] ", "1")
        sitting.have_one_made()
        sitting.see("The passphrase of targets.json")
        sitting.terminal.write(CTRL_C)
        assert sitting.end() == 130
    root = (tmp_path / "updates/keys/root.json").read_bytes()
    with sit(tmp_path, "init", "--ceremony") as again:
        again.see("continuing the init that was started here")
        again.answer("Passphrase of root.json: ", sitting.passphrases[0])
        for _ in range(3):
            again.have_one_made()
        assert again.end() == 0
    assert (tmp_path / "updates/keys/root.json").read_bytes() == root


def test_a_passphrase_that_is_not_on_the_paper_makes_no_key(tmp_path: Path) -> None:
    with sit(tmp_path, "init", "--ceremony", "--root-keys", "1", "--root-threshold", "1") as sitting:
        sitting.answer(OWN, "")
        for _ in range(3):
            sitting.answer("type it from the paper: ", "something else")
        assert sitting.end() == 42
    assert not (tmp_path / "updates/keys").exists()


@pytest.mark.parametrize("words", [["--insecure-plaintext"], ["--generate-passphrases"], ["--json"]])
def test_a_ceremony_takes_passphrases_from_people_only(tmp_path: Path, words: list[str]) -> None:
    with sit(tmp_path, "init", "--ceremony", *words) as sitting:
        assert sitting.end() == 2


def test_root_keys_are_rotated_with_each_new_passphrase_on_paper(tmp_path: Path) -> None:
    with sit(tmp_path, "init", "--insecure-plaintext") as sitting:
        assert sitting.end() == 0
    with sit(tmp_path, "rotate", "root", "--ceremony", machine="connected") as refused:
        assert refused.end() == 46
    with sit(tmp_path, "rotate", "root", "--ceremony") as sitting:
        sitting.have_one_made()
        sitting.see("root v3 trusts the new root keys alone")
        assert sitting.end() == 0
    assert opens(tmp_path, "root2.json", sitting.passphrases[0])


def test_a_procedure_is_left_and_taken_up_again(tmp_path: Path) -> None:
    with sit(tmp_path, "ceremony", "releaser") as sitting:
        sitting.answer("Is the directory up to date, with nothing wrong in it? [y/N] ", "y")
        sitting.answer("[y/N] ", "no")
        assert sitting.end() == 0
    check("ceremony-left.txt", sitting)
    with sit(tmp_path, "ceremony", "releaser") as again:
        again.see("step 2 of 8")
        for _ in range(7):
            again.answer("[y/N] ", "y")
        again.see("all 8 steps are taken")
        assert again.end() == 0
    with sit(tmp_path, "ceremony", "releaser", "--step", "8") as last:
        last.see("step 8 of 8")
        last.terminal.write(CTRL_C)
        assert last.end() == 130
