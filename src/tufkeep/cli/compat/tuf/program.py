"""`tuf`: from a command line to an exit code, 0 or 1."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING

from tufkeep.cli.compat.tuf import grammar

if TYPE_CHECKING:
    from tufkeep.cli.base.process import Process
    from tufkeep.cli.compat.tuf.desk import Command

# What our errors tell people to type, in the words of the program they called.
_SPOKEN = (
    (re.compile(r"tufkeep sign (root|targets|snapshot|timestamp)\b"), r"tuf sign \1.json"),
    (re.compile(r"tufkeep (commit|clean)\b"), r"tuf \1"),
    (re.compile(r"tufkeep add (?:FILE --as |staged/targets/)"), "tuf add "),
    (re.compile(r"tufkeep key new (\w+)"), r"tuf gen-key \1"),
)


def speak(arguments: list[str], process: Process) -> int:
    """Run a command line; return the exit code."""
    from tufkeep.cli.compat.ending import FAILED, end

    try:
        line = grammar.read(arguments)
        _run(line, process)
        process.stdout.flush()
    except grammar.HelpWanted as wanted:
        process.stdout.write(str(wanted))
    except grammar.Misused as wrong:
        process.stdout.write(str(wrong))
        return FAILED
    except BaseException as reason:
        return end(reason, process, mark="ERROR: ", speak=spoken)
    return 0


def spoken(hint: str) -> str:
    """Return a hint in the words of `tuf`, as far as it has any for it."""
    for ours, theirs in _SPOKEN:
        hint = ours.sub(theirs, hint)
    return hint


def _run(line: grammar.Line, process: Process) -> None:
    from tufkeep.cli.compat.tuf.desk import sit_down

    run: Command = import_module(f"tufkeep.cli.compat.tuf.{line.command.replace('-', '_')}").run
    run(sit_down(line, process))
