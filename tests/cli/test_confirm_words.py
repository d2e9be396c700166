"""Two people at a terminal type the words they hear, before anything is signed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.pseudo_terminal import PseudoTerminal

PROGRAM = [sys.executable, "-m", "tufkeep"]


def _run(folder: Path, *words: str) -> str:
    return subprocess.run([*PROGRAM, *words], cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def asked(tmp_path: Path) -> tuple[list[str], list[str]]:
    """A repository with a request in request.txt; the words of the file and of the root that it leads to."""
    _run(tmp_path, "init", "--insecure-plaintext")
    _run(tmp_path, "request", "--add", "timestamp", "--insecure-plaintext", "--to", "request.txt")
    shown = json.loads(_run(tmp_path, "approve", "request.txt", "--dry-run", "--json"))
    return shown["file_words"], shown["root_words"]


def test_the_right_words_lead_to_the_question(tmp_path: Path, asked: tuple[list[str], list[str]]) -> None:
    with PseudoTerminal([*PROGRAM, "approve", "request.txt", "--confirm-words"], folder=tmp_path) as terminal:
        for line in (*asked[0], *asked[1]):
            terminal.expect("  ")
            terminal.write(f"{line.lower()}\n")
        seen = terminal.expect("sign root v2? [y/N] ")
        assert "in words" not in seen
        terminal.write("y\n")
        assert terminal.end() == 0
    assert (tmp_path / "tufkeep-approval.txt").is_file()


@pytest.mark.parametrize(("swapped", "code"), [(False, 41), (True, 2)])
def test_other_words_sign_nothing(tmp_path: Path, asked: tuple[list[str], list[str]], swapped: bool, code: int) -> None:
    heard = [" ".join(reversed(line.split())) for line in asked[0]] if swapped else asked[1]
    with PseudoTerminal([*PROGRAM, "approve", "request.txt", "--confirm-words"], folder=tmp_path) as terminal:
        terminal.expect("the first person types")
        terminal.write("".join(f"{line}\n" for line in heard))
        assert terminal.end() == code
        assert "sign root" not in terminal.seen
    assert not (tmp_path / "tufkeep-approval.txt").exists()
