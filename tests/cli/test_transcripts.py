"""Every transcript in testdata/ comes true again, word for word."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.transcript import Player, check
from tufkeep.testing.clock import FakeClock

TESTDATA = Path(__file__).parent / "testdata"


@pytest.fixture
def player(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Player:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")  # help is wrapped to the terminal
    return Player(folder=tmp_path, clock=FakeClock(), environment={"HOME": str(tmp_path), "TUFKEEP_PERSON": "Ana"})


@pytest.mark.parametrize("path", sorted(TESTDATA.glob("*.txt")), ids=lambda path: path.stem)
def test_the_program_answers_as_written(path: Path, player: Player) -> None:
    check(path, player)


@pytest.mark.parametrize(
    ("written", "comes_back"),
    [
        ("$ echo one\ntwo\n", "$ echo one\none\n"),
        ("$ echo one >&2; exit 3\n", "$ echo one >&2; exit 3\n! one\n? 3\n"),
        ("$ cat\n< two\nthree\n\n# end\n", "$ cat\n< two\ntwo\n\n# end\n"),
        ("$ printf 'a\\n\\n# b\\n'\n", "$ printf 'a\\n\\n# b\\n'\na\n\n\\# b\n"),
        ("$ printf %x 3735928559\n", "$ printf %x 3735928559\n<hex 1>\n"),
        ("$ pwd\n", "$ pwd\n<here>\n"),
        ("$ tufkeep no\n", "$ tufkeep no\n! error: no command is called 'no'\n! hint: tufkeep --help\n? 2\n"),
    ],
)
def test_what_came_back_replaces_what_was_written(written: str, comes_back: str, player: Player) -> None:
    assert player.play(written) == comes_back
    assert player.play(comes_back) == comes_back


def test_a_keyid_has_one_number_whole_or_cut(player: Player) -> None:
    played = player.play("$ echo ab12cd34ef 00ff00ff00 | tee keys\n$ cut -c 1-8 keys\n")
    assert played.splitlines()[1::2] == ["<hex 1> <hex 2>", "<hex 1>"]
