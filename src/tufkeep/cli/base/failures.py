"""What went wrong, as a person or a program is told it: a sentence, a hint, an exit code."""

from __future__ import annotations

import errno
import os
import re
import shlex
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import click

from tufkeep.cli.base.hints import Table, hint
from tufkeep.cli.base.show import Line, Lines
from tufkeep.errors import TufkeepError

USAGE = 2
BUG = 1
OPERATING_SYSTEM = 30
INTERRUPTED = 130  # 128 + SIGINT, as a shell says it
OUTPUT_CLOSED = 141  # 128 + SIGPIPE

_DENIED = {errno.EACCES, errno.EPERM}


class UnknownCommand(click.UsageError):
    """The words typed name no command."""

    def __init__(self, name: str, *, nearest: str | None, ctx: click.Context):
        super().__init__(f"no command is called {name!r}", ctx)
        self.nearest = nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One reason to stop."""

    error: str
    hint: str | None = None
    exit_code: int

    def typed_in(self, directory: Path) -> Failure:
        """Return the failure with the directory that was typed, which the commands in its hint need as well."""
        if directory == Path() or self.hint is None or "tufkeep " not in self.hint or "--dir" in self.hint:
            return self
        if self.hint.endswith("--help"):
            return self  # help needs no directory
        return replace(self, hint=f"{self.hint}  (with --dir {shlex.quote(str(directory))}, as before)")

    def lines(self) -> Lines:
        """Return what a person reads."""
        yield Line(f"error: {self.error}", "bad")
        if self.hint:
            yield Line(f"hint: {self.hint}")


def cut_off(reason: BaseException) -> int | None:
    """Return the exit code of a command that was interrupted, or whose reader went away; None for other reasons."""
    if isinstance(reason, KeyboardInterrupt | click.Abort):
        return INTERRUPTED
    if isinstance(reason, BrokenPipeError):
        drop_output()
        return OUTPUT_CLOSED
    return None


def drop_output() -> None:
    """Send what standard output could not take to the null device, or Python complains of it at its own end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def explain(reason: BaseException, *dialects: Table) -> Failure:
    """Return what is said about anything that a command can end with.

    Args:
        dialects: hints in another program's words, which go before ours.
    """
    match reason:
        case TufkeepError():
            return Failure(error=str(reason), hint=hint(reason, *dialects), exit_code=reason.exit_code)
        case click.UsageError():
            return _usage(reason)
        case OSError():
            return _operating_system(reason)
        case MemoryError():
            return Failure(error="out of memory", exit_code=BUG)
        case _:
            return _bug(reason)


def _usage(reason: click.UsageError) -> Failure:
    command = reason.ctx.command_path if reason.ctx else "tufkeep"
    sentence, follow = reason.format_message(), f"{command} --help"
    if isinstance(reason, UnknownCommand) and reason.nearest:
        follow = f"tufkeep {reason.nearest} --help"
    if isinstance(reason, click.NoSuchOption):
        sentence = f"no such option {reason.option_name!r}"
        follow = f"perhaps {near}: {follow}" if (near := _near(reason)) else follow
    return Failure(error=_sentence(sentence), hint=follow, exit_code=USAGE)


def _near(reason: click.NoSuchOption) -> str | None:
    """Return the option that may have been meant; click compares the dashes as well, and finds --yes in --as."""
    from difflib import get_close_matches

    words = {option.lstrip("-"): option for option in reason.possibilities or ()}
    return next((words[word] for word in get_close_matches(reason.option_name.lstrip("-"), words, n=1)), None)


def _operating_system(reason: OSError) -> Failure:
    from tufkeep.stores.faults import TOLD

    fact = _sentence(reason.strerror or type(reason).__name__)
    where = without_home(os.fsdecode(reason.filename)) if reason.filename else ""
    follow, code = None, OPERATING_SYSTEM
    if (
        reason.errno is not None and reason.errno in TOLD
    ):  # outside of a store the same fact has the same words, hint and code
        kind, fact = TOLD[reason.errno]
        follow, code = hint(kind(where, fact)), kind.exit_code
    if reason.errno in _DENIED and reason.filename:
        follow = f"look whose it is: ls -ld {_typed(where)}"
    return Failure(error=f"{where}: {fact}" if where else fact, hint=follow, exit_code=code)


def _bug(reason: BaseException) -> Failure:
    # The class alone: the text of an unforeseen error may hold anything, a passphrase included.
    return Failure(
        error=f"a mistake in tufkeep itself ({type(reason).__name__}); it is not your doing",
        hint="report it as CONTRIBUTING.md says, with what the same command prints with --debug",
        exit_code=BUG,
    )


def _sentence(text: str) -> str:
    """Return the text as our sentences are: one, without capitals where others begin, without a final stop."""
    line = " ".join(text.split()).removesuffix(".").replace(". Choose from:", ", choose from")
    return re.sub(r"(^|: )([A-Z])(?=[a-z ])", lambda found: found[0].lower(), line)


def _typed(path: str) -> str:
    """Return a path as a shell reads it; a quoted ~ would be a folder of that name."""
    return f"~/{shlex.quote(path[2:])}" if path.startswith("~/") else shlex.quote(path)


def without_home(path: str) -> str:
    """Return the path with the home folder as ~: a pasted error need not say who pasted it."""
    home = str(Path.home())
    return "~" + path.removeprefix(home) if path.startswith(home + os.sep) else path
