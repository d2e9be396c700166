"""What makes two runs of the tests the same run, whoever starts them, from where, and however loaded the machine is."""

from __future__ import annotations

import inspect
import os
import re
import signal
import zlib

import pytest
from hypothesis import is_hypothesis_test, seed
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from tests.peers import CORPORA

# What tufkeep, its libraries and the programs beside it read; a test that wants one of them sets it.
_FOREIGN = re.compile(
    r"_?TUFKEEP_.*|(TUF|FLEET|AWS|R2|AZURE|AZURITE|GOOGLE|CLOUDFLARE|RCLONE|WEED|SSH)_.*|.*_PROXY"
    r"|NO_COLOR|FORCE_COLOR|CLICOLOR.*|TTY_.*|COLUMNS|LINES|TZ|LANG|LANGUAGE|LC_.*|BASH_ENV|ENV|CDPATH|POSIXLY_CORRECT"
    r"|SOURCE_DATE_EPOCH|PYTHON.*|XDG_.*",
    re.IGNORECASE,
)
_OF_THE_TESTS = {"TUFKEEP_SOAK", "TUFKEEP_REQUIRE_PEERS", "TUFKEEP_UPDATE_GOLDEN", CORPORA}


def neutral_surroundings() -> None:
    """Forget what was inherited and would change an answer: variables, the umask, ignored signals."""
    for name in os.environ:
        if _FOREIGN.fullmatch(name) and name not in _OF_THE_TESTS:
            del os.environ[name]
    os.umask(0o022)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT):
        if signal.getsignal(number) is signal.SIG_IGN:  # as under nohup
            signal.signal(number, _ignored)


def _ignored(number: int, frame: object) -> None:
    """Ignore a signal as SIG_IGN does; but a program that is started begins with the default."""


def draw_the_same_examples() -> None:
    """Keep Hypothesis from drawing constants of our modules: which of them are loaded depends on the tests before.

    An edit anywhere would change the examples of every test, too.
    """
    nothing = Constants()
    assert callable(providers._get_local_constants)
    setattr(providers, "_get_local_constants", lambda: nothing)  # noqa: B010  a function is no variable to mypy


def seed_by_name(item: pytest.Item) -> None:
    """Seed a property test by its name: Hypothesis takes that of the first of its parameters that happens to be run."""
    test = getattr(item, "obj", None)
    if inspect.isfunction(test) and is_hypothesis_test(test):
        seed(zlib.crc32(item.nodeid.encode()))(test)
