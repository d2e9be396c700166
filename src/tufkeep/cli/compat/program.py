"""How both programs run, from a command line to an exit code.

An error is one line in the manner of the original, then our hint.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tufkeep.cli.compat.go import GoError

if TYPE_CHECKING:
    from tufkeep.cli.base.hints import Table
    from tufkeep.cli.base.process import Process

FAILED = 1  # the only code for it that the originals have


class UsageOnly(Exception):
    """There is no command to run, only a text for standard output: help, or the usage line of a wrong command."""

    def __init__(self, text: str, *, code: int):
        super().__init__(text)
        self.text = text
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One of the two programs."""

    execute: Callable[[list[str], Process], None]  # runs a command line; raises UsageOnly, or why it failed
    error_prefix: str
    hints: Table  # with this program's commands instead of ours
    own_words: Callable[[BaseException, Process], BaseException] = lambda reason, process: reason


def run(program: Program, arguments: list[str], process: Process, *, own_codes: bool = False) -> int:
    """Run a command line; return the exit code.

    Args:
        own_codes: tufkeep's exit codes instead of the originals' only one.
    """
    try:
        code = _execute(program, arguments, process)
        process.stdout.flush()
    except BaseException as reason:
        code = _fail(program, reason, process)
        return _own_code(reason) if own_codes and code == FAILED else code
    return code


def _execute(program: Program, arguments: list[str], process: Process) -> int:
    try:
        program.execute(arguments, process)
    except UsageOnly as usage:
        process.stdout.write(usage.text)
        return usage.code
    return 0


def _fail(program: Program, reason: BaseException, process: Process) -> int:
    from tufkeep.cli.base.failures import cut_off, explain
    from tufkeep.cli.base.show import printable

    if (code := cut_off(reason)) is not None:
        return code
    failure = explain(_go_words(program.own_words(reason, process)), program.hints)
    process.stdout.flush()
    process.stderr.write(f"{program.error_prefix}{printable(failure.error)}\n")
    if failure.hint:
        process.stderr.write(f"hint: {printable(failure.hint)}\n")
    process.stderr.flush()
    return FAILED


def _own_code(reason: BaseException) -> int:
    """Return the exit code of what the originals' words say, which is the error behind them, if there is one."""
    from tufkeep.cli.base.failures import explain

    while type(reason) is GoError and (behind := reason.__cause__ or reason.__context__):
        reason = behind
    return explain(reason).exit_code


def _go_words(reason: BaseException) -> BaseException:
    """Return a reason in the words of both originals where scripts may look for them."""
    from tufkeep.keys.sealed import WrongPassphrase

    if isinstance(reason, WrongPassphrase):
        return GoError("encrypted: decryption failed")
    if isinstance(reason, OSError) and reason.filename is not None and reason.strerror:
        return GoError(f"open {os.fsdecode(reason.filename)}: {reason.strerror.lower()}")
    return reason
