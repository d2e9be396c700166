"""Whatever is typed, the answer is one that was thought of."""

from __future__ import annotations

import io
import shutil
import tempfile
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.house.test_docs import generate
from tufkeep.cli import table
from tufkeep.cli.base.process import Process
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
VALUES += ["a=b", "root=1", "{}", "*", "--", "\x1b[2J", "http://127.0.0.1:1/", "x" * 300, "DIR\\..\\y"]
KNOWN = {code for first, last, _ in generate.FAMILIES for code in range(first, last + 1)} - {1}


def options(name: str) -> list[str]:
    """Return the flags of a command."""
    found = load(name).params
    return [flag for each in found if isinstance(each, click.Option) for flag in each.opts] + ["--help"]


@st.composite
def typed(draw: st.DrawFn) -> list[str]:
    name = draw(st.sampled_from(NAMES))
    words = st.one_of(
        st.sampled_from(VALUES),
        st.sampled_from(options(name)),
        st.text(st.characters(exclude_characters="\0"), max_size=5),
    )
    return [*name.split(), *draw(st.lists(words, max_size=6))]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory to begin from; made once, because keys take their time."""
    folder = tmp_path_factory.mktemp("made")
    assert run(["init", "--insecure-plaintext", "--dir", str(folder)], quiet()) == 0
    return folder


def quiet() -> Process:
    out = io.StringIO()
    return Process(stdin=io.StringIO(), stdout=out, stderr=out, environment={}, clock=FakeClock())


@given(lines=st.lists(typed(), min_size=1, max_size=3))
def test_nobody_sees_a_mistake_of_ours(repository: Path, lines: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as parent:
        folder = shutil.copytree(repository, Path(parent) / "here")
        with chdir(folder):
            for line in lines:
                check(line)


def check(line: list[str]) -> None:
    process = quiet()
    with redirect_stdout(process.stdout), redirect_stderr(process.stderr):
        code = run(line, process)
    told = process.stdout.getvalue()  # type: ignore[attr-defined]
    assert code in KNOWN, (line, told)
    assert "mistake in tufkeep" not in told
    assert "\x1b" not in told
