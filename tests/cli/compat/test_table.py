"""Every command and option is tried on the real `tuf` and on ours; what comes of it is the table in the docs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.compat.cases import TUF, Case
from tests.cli.compat.fleetctl_cases import FLEETCTL
from tests.cli.compat.folders import FIXTURES, TUF_PASSPHRASES, copy_of
from tests.cli.compat.twins import Real, Twins
from tests.peers import CHECKOUT
from tufkeep.cli.compat.tuf.program import commands
from tufkeep.cli.compat.tuf.usage import COMMANDS

PAGE = CHECKOUT / "docs" / "reference" / "compat.md"
UPDATE = os.environ.get("TUFKEEP_UPDATE_GOLDEN") == "1"
HEAD = """# `tuf` and `fleetctl updates`, line by line

Written by the tests (`TUFKEEP_UPDATE_GOLDEN=1 make test`), which type every line of the first table into the real
go-tuf v0.5.2 and into ours, in twin directories. *Same* means: the same exit code, the same standard output, the same
standard error except for keyids, times and the name of the folder, and directories with the same contents. Differences
are intended; a test fails when one disappears.

Everywhere: the exit code of an error is 1, as there; our hints come after their line. See
[Coming from fleetctl and tuf](../coming-from-fleetctl-and-tuf.md).
"""


def _id(case: Case) -> str:
    return f"{case.line} {case.shows}".strip()


@pytest.mark.peer("tuf")
@pytest.mark.parametrize("case", TUF, ids=_id)
def test_a_line_does_what_the_table_says(case: Case, tmp_path: Path, peer_tuf: Path) -> None:
    twins = _start(case, tmp_path, Real(program=peer_tuf))
    for line in case.first:
        for answer in twins.run(*line):
            assert answer.code == 0, (line, answer.err)
    real, ours = twins.run(*case.arguments, **dict(case.environment))
    said = [(real.code, ours.code), (real.out, ours.out), (real.err, ours.err), twins.meanings()]
    if case.verdict == "same":
        for theirs, own in said:
            assert own == theirs
    else:
        assert [own for _, own in said] != [theirs for theirs, _ in said]
        assert case.why
        if case.why.startswith("the same error"):
            assert said[0] == (1, 1)
            assert said[1][0] == said[1][1]


def _start(case: Case, place: Path, program: Real) -> Twins:
    for name in ("real", "ours"):
        if case.start:
            copy_of(FIXTURES / case.start, place / name)
        else:
            (place / name).mkdir()
    environment = {} if case.plain else dict(TUF_PASSPHRASES)
    twins = Twins(real=place / "real", ours=place / "ours", program=program, environment=environment)
    for file in case.files:
        path, _, text = file.partition("=")
        twins.place(f"staged/targets/{path}", text or f"this is {path}")
    return twins


def test_every_command_and_option_has_its_line() -> None:
    assert commands().keys() == COMMANDS.keys()
    for command, text in COMMANDS.items():
        lines = [case.line for case in TUF if case.name == command]
        assert lines, command
        options = {
            word.split("=")[0]
            for word in text.split("\n")[0].translate(str.maketrans("[]", "  ")).split()
            if word[:2] == "--"
        }
        for option in options:
            assert any(option in line for line in lines), f"{command} {option}"


def test_the_page_is_what_the_tests_found() -> None:
    page = "\n".join(_page()) + "\n"
    if UPDATE:
        PAGE.write_text(page)
    assert PAGE.read_text() == page, "stale: TUFKEEP_UPDATE_GOLDEN=1 writes it anew"


def _page() -> Iterator[str]:
    yield HEAD
    yield "## `tuf`\n\n| typed | about | answer |\n|---|---|---|"
    for case in TUF:
        yield _row(case.line, case.shows, case.verdict, case.why)
    yield ""
    yield "## `fleetctl updates`\n"
    yield "Fleet's program is not run by the tests: what it does was read in its source. Each line has a test of"
    yield "ours.\n\n| line | answer |\n|---|---|"
    for line in FLEETCTL:
        answer = line.verdict if line.verdict == "same" else f"different: {line.why}"
        yield f"| `{line.line}`{f' {line.shows}' if line.shows else ''} | {answer} |"


def _row(line: str, shows: str, verdict: str, why: str) -> str:
    answer = verdict if verdict == "same" else f"different: {why}"
    return f"| `{line.replace('|', chr(92) + '|')}` | {shows} | {answer} |"
