"""Every error has a hint that its fields can fill, or is one of those that need none."""

from __future__ import annotations

import ast
import inspect
import re
import shlex
import textwrap
from string import Formatter

import pytest

from tests.house.source import modules
from tests.house.test_docs import ERRORS
from tufkeep.cli import table
from tufkeep.cli.base.hints import FINDINGS, TUFKEEP, Hint
from tufkeep.cli.compat.fleetctl.hints import HINTS as FLEETCTL
from tufkeep.cli.compat.tuf.hints import HINTS as TUF
from tufkeep.errors import TufkeepError
from tufkeep.watch.checks import DESK_CHECKS, REPOSITORY_CHECKS
from tufkeep.workspace.operations import Note, Pull, Revocation, Rotation

BY_NAME = {error.__name__: error for error in ERRORS}
TABLES = {"tufkeep": TUFKEEP, "tuf": TUF, "fleetctl": FLEETCTL}
BY_COMMAND = {"tufkeep.workspace.operations"}  # an operation is named by the command that goes on with it
ENTRIES = [(program, name, found) for program, table in TABLES.items() for name, found in table.items()]


def fields(error: type[TufkeepError]) -> set[str]:
    """Return the attributes that a class and its ancestors set."""
    found: set[str] = set()
    for kind in error.__mro__[:-1]:
        if kind.__module__.startswith("tufkeep"):
            tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
            stored = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute))
            found |= {node.attr for node in stored if isinstance(node.ctx, ast.Store)}
    return found


@pytest.mark.parametrize(("program", "name", "found"), ENTRIES, ids=[f"{entry[0]}-{entry[1]}" for entry in ENTRIES])
def test_a_hint_is_of_an_error_that_has_its_fields(program: str, name: str, found: Hint) -> None:
    assert name in BY_NAME, "no error class is called so"
    if isinstance(found, str):
        asked = {re.split(r"[.\[]", field)[0] for _, field, _, _ in Formatter().parse(found) if field}
        assert asked <= fields(BY_NAME[name])


def test_every_check_has_a_hint() -> None:
    assert {check.id for check in (*DESK_CHECKS, *REPOSITORY_CHECKS)} <= FINDINGS.keys()


def test_nobody_below_the_roof_knows_a_command_line() -> None:
    command = re.compile(rf"\btufkeep (?:{'|'.join({name.split()[0] for name in table.listed()})})\b|\s--[a-z]")
    named = {
        (module.name, text)
        for module in modules()
        if module.room not in {"cli", "testing", "__main__"} and module.name not in BY_COMMAND
        for text in _texts(module.tree)
        if command.search(text) and not text.startswith("tufkeep ")
    }
    assert named == set()


def _texts(tree: ast.Module) -> list[str]:
    """Return every text in the code, docstrings left out."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]


@pytest.mark.parametrize("hint", [text for text in {**TUFKEEP, **FINDINGS, **TUF}.values() if isinstance(text, str)])
def test_what_a_file_says_is_quoted_where_it_is_to_be_typed(hint: str) -> None:
    """A role or a file from elsewhere may be called `x; rm -r ~`."""
    for command in re.findall(r"(?:\btufkeep|\btuf|\brm|\bcp|\bmv|\bls|\bchmod) [^;]*", hint):
        fields = [field for _, field, _, how in Formatter().parse(command) if field and how not in ("q", "k")]
        assert set(fields) <= {"mode", "files", "unfinished.abandon"}  # a number, names quoted one by one, our own word


@pytest.mark.parametrize(
    "note",
    [
        Rotation(role="x; reboot", leaving=(), wanted=1),
        Revocation(role="x; reboot", keyid="; reboot", roles=(), root=1),
        Pull(remote="x; reboot"),
    ],
    ids=lambda note: note.operation,
)
def test_a_note_on_a_drive_brings_no_command_of_its_own(note: Note) -> None:
    assert "reboot" not in shlex.split(note.finish)
