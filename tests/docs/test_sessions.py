"""What the pages show as typed is typed, and what they show as the answer comes back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.transcript import Player
from tests.peers import CHECKOUT
from tufkeep.testing.clock import FakeClock

PAGES = ("README.md", "docs/tutorial.md")
ROLES = ("ROOT", "TARGETS", "SNAPSHOT", "TIMESTAMP")
RELEASE = b"#!/bin/sh\necho agent 1.0\n"

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_KEYID = re.compile(r"\b[0-9a-f]{8,64}\b|<hex [0-9]+>")
_LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line that is typed, with the lines that the page shows below it."""

    typed: str
    shown: tuple[str, ...]

    def matches(self, came: list[str]) -> bool:
        """Whether this came back; a line of `...` stands for any lines, `...` in a line for anything."""
        pattern = "".join(_pattern(line) for line in self.shown)
        return re.fullmatch(pattern, "".join(f"{_same(line)}\n" for line in came)) is not None


def _pattern(line: str) -> str:
    if line == "...":
        return r"(?:[^\n]*\n)*"
    return r"[^\n]*".join(re.escape(part) for part in _same(line).split("...")) + r"\n"


def _same(line: str) -> str:
    return _KEYID.sub("<keyid>", line)


def steps(page: str) -> Iterator[Step]:
    for block in _BLOCK.findall(page):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            typed, *shown = part.splitlines()
            yield Step(typed=typed, shown=tuple(shown))


@pytest.fixture
def player(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Player:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "build").mkdir()
    program = tmp_path / "build" / "agent"
    program.write_bytes(RELEASE)
    program.chmod(0o755)
    passphrases = {f"TUF_{role}_PASSPHRASE": "correct horse battery staple, said the sign" for role in ROLES}
    return Player(folder=tmp_path, clock=FakeClock(), environment={**passphrases, "HOME": str(tmp_path)})


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_what_really_comes_back(name: str, player: Player) -> None:
    found = list(steps((CHECKOUT / name).read_text()))
    assert found
    for step in found:
        typed = step.typed.replace("mkdir build", "mkdir -p build")
        _, *came = player.play(f"$ {typed}\n").splitlines()
        answer = [line.removeprefix("! ") for line in came]
        assert step.matches(answer), f"$ {step.typed}\n" + "\n".join(answer)


def test_a_page_that_shows_something_else_is_noticed() -> None:
    step = Step(typed="tufkeep status", shown=("root v1", "...", "key 0123abcd by ..."))
    assert step.matches(["root v1", "key ffff0000 by Ana"])
    assert step.matches(["root v1", "targets v1", "key ffff0000 by Ana"])
    assert not step.matches(["root v2", "key ffff0000 by Ana"])
    assert not step.matches(["root v1", "key ffff0000 by Ana", "more"])


def test_the_readme_is_short_and_its_session_has_ten_lines_at_most() -> None:
    text = (CHECKOUT / "README.md").read_text()
    assert text.count("\n") < 150
    assert len(list(steps(text))) <= 10
    assert "make demo" in text
    assert "make test" in text


@pytest.mark.parametrize(
    "path", [*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").glob("*.md")], ids=lambda path: path.name
)
def test_every_link_leads_somewhere(path: Path) -> None:
    links = {link for link in _LINK.findall(path.read_text()) if "//" not in link}
    assert {link for link in links if not (path.parent / link).exists()} == set()
