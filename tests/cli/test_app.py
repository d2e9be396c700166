"""What every command can count on: one document, questions only to a person, endings without a traceback."""

from __future__ import annotations

import errno
import io
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.pseudo_terminal import PseudoTerminal
from tufkeep.cli import main
from tufkeep.cli.base.app import App
from tufkeep.cli.base.process import Process
from tufkeep.cli.base.progress import progress
from tufkeep.cli.base.terminal import AnswerNeeded


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a run left behind."""

    out: str
    err: str
    code: int


@pytest.fixture
def act() -> Callable[..., Told]:
    """Run a command whose body is given, as the program runs every command."""

    def run(body: Callable[[App], object], *arguments: str) -> Told:
        def invoke(arguments: list[str], app: App) -> None:
            app.choices.yes = "--yes" in arguments
            app.choices.debug = "--debug" in arguments
            body(app)

        out, err = io.StringIO(), io.StringIO()
        process = Process(stdin=io.StringIO("y\n"), stdout=out, stderr=err, environment={})
        code = main.run(arguments, process, invoke=invoke)
        return Told(out=out.getvalue(), err=err.getvalue(), code=code)

    return run


@dataclass(frozen=True, slots=True)
class Verdict:
    role: str
    right: bool


class Refused(AnswerNeeded):
    """For this test."""

    exit_code = 23

    def __init__(self) -> None:
        super().__init__("root v3: wrong", flag="--root")


def test_values_and_the_error_after_them_are_one_document(act: Callable[..., Told]) -> None:
    def body(app: App) -> None:
        app.show(Verdict("root", False))
        app.say("only people read this")
        app.show({"age": 3})
        raise Refused

    told = act(body, "--json")
    assert json.loads(told.out) == {
        "role": "root",
        "right": False,
        "age": 3,
        "error": "root v3: wrong (no terminal to ask on)",
        "hint": "give the answer with --root",
        "exit_code": 23,
    }
    assert (told.err, told.code) == ("", 23)


def test_the_same_for_people(act: Callable[..., Told]) -> None:
    def body(app: App) -> None:
        app.show(Verdict("root", False))
        raise Refused

    assert act(body) == Told(
        out="role: root\nright: no\n",
        err="error: root v3: wrong (no terminal to ask on)\nhint: give the answer with --root\n",
        code=23,
    )


def test_a_field_is_never_shown_twice(act: Callable[..., Told]) -> None:
    def body(app: App) -> None:
        app.show(Verdict("root", False))
        app.show(Verdict("targets", True))

    assert "a mistake in tufkeep itself (ValueError)" in act(body, "--json").out


def test_without_a_terminal_a_question_names_its_flag(act: Callable[..., Told]) -> None:
    told = act(lambda app: app.confirm("revoke the last root key?"))
    assert told.err == "error: revoke the last root key? (no terminal to ask on)\nhint: give the answer with --yes\n"
    assert told.code == 40


def test_yes_answers_every_question(act: Callable[..., Told]) -> None:
    assert act(lambda app: app.confirm("sure?"), "--yes") == Told(out="", err="", code=0)


def test_an_unforeseen_mistake_shows_neither_traceback_nor_its_text(act: Callable[..., Told]) -> None:
    told = act(lambda app: app.process.environment["hunter2"])
    assert told.code == 1
    assert len(told.err.splitlines()) == 2
    assert "KeyError" in told.err
    assert "hunter2" not in told.err


def test_debug_shows_where_it_came_from(act: Callable[..., Told]) -> None:
    assert "Traceback" in act(lambda app: app.process.environment["key"], "--debug").err


def test_ctrl_c_is_quiet(act: Callable[..., Told]) -> None:
    def body(app: App) -> None:
        raise KeyboardInterrupt

    assert act(body) == Told(out="", err="", code=130)


@pytest.mark.parametrize(
    ("number", "fact", "hint", "code"),
    [
        (errno.ENOSPC, "no room left", "make room, then type the command again: df -h", 36),
        (errno.EIO, "input/output error", None, 30),
        (errno.EACCES, "permission denied", "look whose it is: ls -ld ~/drive/x", 30),
    ],
)
def test_the_operating_system_speaks_as_we_do(
    act: Callable[..., Told], number: int, fact: str, hint: str | None, code: int
) -> None:
    place = Path.home() / "drive" / "x"

    def body(app: App) -> None:
        raise OSError(number, os.strerror(number), str(place))

    told = act(body)
    assert told.err.lower() == f"error: ~/drive/x: {fact}\n" + (f"hint: {hint}\n" if hint else "")
    assert told.code == code


def test_a_hostile_name_cannot_move_the_cursor(act: Callable[..., Told]) -> None:
    told = act(lambda app: app.show({"target": "a\x1b[2Jb\u202ec\nd"}))
    assert told.out == "target: a\\x1b[2Jb\\u202ec\\nd\n"


def test_what_nobody_has_thought_of_is_not_shown(act: Callable[..., Told]) -> None:
    class Secret:
        pass

    assert "TypeError" in act(lambda app: app.show({"key": Secret()})).err
    assert "TypeError" in act(lambda app: app.show({"key": b"seed"}), "--json").out


COLOURS = """
import sys
from tufkeep.cli import main
from tufkeep.errors import TufkeepError

def fail(arguments, app):
    raise TufkeepError("no [bold]markup[/bold] here")

main._invoke = fail
sys.exit(main.run([]))
"""


@pytest.mark.parametrize(("declined", "coloured"), [("", True), ("1", False)])
def test_a_terminal_sees_colours_unless_it_declines(declined: str, coloured: bool) -> None:
    import sys

    with PseudoTerminal([sys.executable, "-c", COLOURS], environment={"NO_COLOR": declined}) as terminal:
        assert terminal.end() == 1
        assert ("\x1b[" in terminal.seen) is coloured
        assert "error: no [bold]markup[/bold] here" in terminal.seen


def test_progress_is_silent_without_a_terminal() -> None:
    stream = io.StringIO()
    with progress(stream, "hashing", total=10) as advance:
        advance(10)
    assert stream.getvalue() == ""


PROGRESS = """
import sys, time
from tufkeep.cli.base.progress import progress

with progress(sys.stderr, "[hashing]", total=4) as advance:
    for _ in range(4):
        advance(1)
        time.sleep({pause})
print("rich" in sys.modules)
"""


@pytest.mark.parametrize(("pause", "drawn"), [(0.3, True), (0.0, False)])
def test_progress_is_drawn_when_work_lasts(pause: float, drawn: bool) -> None:
    import sys

    with PseudoTerminal([sys.executable, "-c", PROGRESS.format(pause=pause)]) as terminal:
        assert terminal.end() == 0
        assert ("[hashing]" in terminal.seen) is drawn
        assert terminal.seen.rstrip().endswith(str(drawn))
