"""Whatever is typed, the answer is one that was thought of."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path

import click
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.house.test_docs import generate
from tufkeep.cli import table
from tufkeep.cli.base import failures
from tufkeep.cli.base.process import Process
from tufkeep.cli.compat import main
from tufkeep.cli.compat.fleetctl import grammar
from tufkeep.cli.compat.program import FAILED
from tufkeep.cli.compat.tuf import usage
from tufkeep.cli.group import load
from tufkeep.cli.main import run
from tufkeep.testing.clock import FakeClock

LONG = {"serve", "demo", "agent run", "watch"}  # these go on until they are stopped
NAMES = sorted(table.listed().keys() - LONG)
VALUES = [
    "",
    "x",
    "root",
    "targets",
    "keys",
    "repository",
    "0",
    "1",
    "-1",
    "99999999999",
    "../..",
    "/dev/null",
    ".",
    "\udcff",
]
VALUES += ["a=b", "root=1", "{}", "*", "--", "\x1b[2J", "http://127.0.0.1:1/", "x" * 300, "x" * 5000, "DIR\\..\\y"]
VALUES += [
    " ",
    "-",
    "---",
    "--=",
    "=",
    "-x=1",
    "\n",
    "\u202e",
    "\ufeff",
    "ﬁ\u0301",
    "🏳️‍🌈",
    "%s",
    "$HOME",
    "~",
    "~root",
    "[bold]",
]
WORDS = st.text(st.characters(exclude_characters="\0"), max_size=5)
KNOWN = {code for first, last, _ in generate.FAMILIES for code in range(first, last + 1)} - {failures.BUG}
GLOBALS = {
    "tuf": ["-d", "--dir", "--insecure-plaintext", "-h"],
    "fleetctl": ["-path", "--path", "--target", "--name", "--platform", "--version", "-t"],
}
COMMANDS = {
    "tuf": [[], *([name] for name in (*usage.COMMANDS, "help"))],
    "fleetctl": [[], ["updates"], *(["updates", name] for name in (*grammar.COMMANDS, "help"))],
}


def options(name: str) -> list[str]:
    """Return the flags of a command."""
    found = load(name).params
    return [flag for each in found if isinstance(each, click.Option) for flag in each.opts] + ["--help"]


@st.composite
def typed(draw: st.DrawFn) -> list[str]:
    name = draw(st.sampled_from(NAMES))
    words = st.one_of(st.sampled_from(VALUES), st.sampled_from(options(name)), WORDS)
    return [*name.split(), *draw(st.lists(words, max_size=6))]


@st.composite
def typed_as(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Return one of the originals' names, with a command line for it."""
    name = draw(st.sampled_from(sorted(COMMANDS)))
    words = st.one_of(st.sampled_from(VALUES), st.sampled_from(GLOBALS[name]), WORDS)
    command = draw(st.sampled_from(COMMANDS[name]))
    return name, [*draw(st.lists(words, max_size=1)), *command, *draw(st.lists(words, max_size=5))]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory to begin from; made once, because keys take their time."""
    folder = tmp_path_factory.mktemp("made")
    assert run(["init", "--insecure-plaintext", "--dir", str(folder)], quiet()) == 0
    return folder


def quiet() -> Process:
    out = io.StringIO()
    return Process(stdin=io.StringIO(), stdout=out, stderr=out, environment={}, clock=FakeClock())


@contextmanager
def a_copy(repository: Path) -> Iterator[None]:
    # Three folders deep, for ../.. is among the words.
    with tempfile.TemporaryDirectory() as top, chdir(shutil.copytree(repository, Path(top) / "a" / "b" / "here")):
        yield


@given(lines=st.lists(typed(), min_size=1, max_size=3))
@example(lines=[["updates", ""]])  # a command of fleetctl's that there is none of
@example(lines=[["updates", "add", "--version", ""]])
@example(lines=[["updates", "rotate", "x" * 5000]])
@example(lines=[["updates", "init"], ["updates", "timestamp", "-path", "\udcff"]])
def test_nobody_sees_a_mistake_of_ours(repository: Path, lines: list[list[str]]) -> None:
    with a_copy(repository):
        for line in lines:
            code, told = answer(run, line)
            assert code in KNOWN, (line, told)


@given(lines=st.lists(typed_as(), min_size=1, max_size=3))
@example(lines=[("fleetctl", ["updates", ""])])
@example(lines=[("tuf", [""])])
def test_nor_under_the_originals_names(repository: Path, lines: list[tuple[str, list[str]]]) -> None:
    with a_copy(repository):
        for name, line in lines:
            code, told = answer(partial(main, name), line)
            assert code in {0, FAILED}, (name, line, told)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("", 2),
        ("no-such-command", 2),
        ("init extra", 2),
        ("rotate bogus", 2),
        ("rotate", 2),
        ("timestamp --no-such-flag", 2),
        ("add --name a --platform b --version 1", 2),
        ("add --name a --platform b --version 1 --target nowhere", 31),
        ("timestamp --path nowhere", 10),
        ("roots --path nowhere", 10),
        ("rotate timestamp --path nowhere", 2),
        ("timestamp --path locked", 40),
    ],
)
def test_updates_ends_with_codes_of_tufkeep(repository: Path, line: str, code: int) -> None:
    with a_copy(repository):
        shutil.copytree(".", "locked", ignore=shutil.ignore_patterns("keys", "locked"))
        assert answer(run, ["updates", *(line.split(" ") if line else [""])])[0] == code


def answer(program: Callable[[Sequence[str], Process], int], line: list[str]) -> tuple[int, str]:
    """Return how a line ends, and what it prints."""
    process = quiet()
    with redirect_stdout(process.stdout), redirect_stderr(process.stderr):
        code = program(line, process)
    told = process.stdout.getvalue()  # type: ignore[attr-defined]
    assert "mistake in tufkeep" not in told, (line, told)
    assert "\x1b" not in told, line
    return code, told
