"""Questions on a real terminal: what is typed in secret is not shown, and the echo always comes back."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator

import pytest

from tests.cli.pseudo_terminal import CTRL_BACKSLASH, CTRL_C, CTRL_D, CTRL_Z, PseudoTerminal

# A command like any other, so that its ending is that of every command.
SECRET = """
import sys
from tufkeep.cli import main

def ask(arguments, app):
    print("got", len(app.terminal.ask_secret("passphrase: ")), "letters")

main._invoke = ask
sys.exit(main.run([]))
"""
QUESTION = SECRET.replace(
    'print("got", len(app.terminal.ask_secret("passphrase: ")), "letters")', 'app.confirm("sure?")'
)

# As much of a shell as Ctrl-Z needs: a job in its own process group, `fg` after any line. A real one would put the echo
# right itself, or not, as it pleases.
SHELL = """
import os, signal, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
job = os.fork()
if not job:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.executable, [sys.executable, "-c", sys.argv[1]])
while not os.WIFEXITED(status := os.waitpid(job, os.WUNTRACED)[1]):
    os.tcsetpgrp(0, os.getpid())
    print("stopped", flush=True)
    sys.stdin.readline()
    os.tcsetpgrp(0, job)
    os.killpg(job, signal.SIGCONT)
sys.exit(os.WEXITSTATUS(status))
"""


@pytest.fixture
def secret() -> Iterator[PseudoTerminal]:
    with PseudoTerminal([sys.executable, "-c", SECRET]) as terminal:
        assert terminal.echo
        terminal.expect("passphrase: ")
        assert not terminal.echo
        yield terminal


@pytest.fixture
def question() -> Iterator[PseudoTerminal]:
    with PseudoTerminal([sys.executable, "-c", QUESTION]) as terminal:
        terminal.expect("sure? [y/N] ")
        yield terminal


def test_a_secret_is_read_and_never_shown(secret: PseudoTerminal) -> None:
    secret.write("hünter2\n")
    assert secret.expect("letters") == "\ngot 7 letters"
    assert secret.end() == 0
    assert secret.echo


def test_ctrl_c_gives_the_echo_back(secret: PseudoTerminal) -> None:
    secret.write("hunt" + CTRL_C)
    assert secret.end() == 130
    assert secret.echo
    assert "Traceback" not in secret.seen
    assert "hunt" not in secret.seen


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_with_the_echo_back(secret: PseudoTerminal, number: signal.Signals) -> None:
    secret.signal(number)
    assert secret.end() == -number
    assert secret.echo


def test_ctrl_backslash_gives_the_echo_back(secret: PseudoTerminal) -> None:
    secret.write(CTRL_BACKSLASH)
    assert secret.end() == -signal.SIGQUIT
    assert secret.echo


def test_ctrl_z_gives_the_echo_to_the_shell_and_asks_again_afterwards() -> None:
    with PseudoTerminal([sys.executable, "-c", SHELL, SECRET]) as terminal:
        terminal.expect("passphrase: ")
        terminal.write("wrong" + CTRL_Z)
        terminal.expect("stopped")
        assert terminal.echo

        terminal.write("fg\n")
        terminal.expect("passphrase: ")
        assert not terminal.echo
        terminal.write("right\n")
        assert terminal.expect("letters") == "\ngot 5 letters"
        assert terminal.end() == 0
        assert terminal.echo


def test_ctrl_d_is_no_answer(secret: PseudoTerminal) -> None:
    secret.write(CTRL_D)
    secret.expect("error: no answer was typed")
    assert secret.end() == 40
    assert secret.echo


def test_yes_goes_on(question: PseudoTerminal) -> None:
    question.write("y\n")
    assert question.end() == 0


@pytest.mark.parametrize("answer", ["", "n", "yep", "Y e s"])
def test_anything_but_yes_stops(question: PseudoTerminal, answer: str) -> None:
    question.write(f"{answer}\n")
    question.expect("error: sure? was answered with no")
    assert question.end() == 41
