"""The command line as go-tuf reads it: its usage lines are the grammar, docopt is the parser, as it is there.

Global options come before the command, options of a command before its positionals; long ones may be cut short.
"""

from __future__ import annotations

import contextlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docopt import DocoptExit, docopt

from tufkeep.cli.compat.go import GoError
from tufkeep.cli.compat.program import UsageOnly
from tufkeep.cli.compat.tuf import usage


@dataclass(frozen=True, slots=True, kw_only=True)
class TufCommandLine:
    """One command line, read."""

    command: str
    given: dict[str, Any]  # the command's own options and positionals, by their names in its usage line
    directory: Path
    plaintext: bool

    def text(self, name: str) -> str:
        """Return an option or positional, empty where it was not given: go-tuf does not distinguish these."""
        return self.given[name] or ""


def read(arguments: list[str]) -> TufCommandLine:
    """Read a command line.

    Raises:
        UsageOnly: help was asked for, or the arguments are wrong.
        GoError: there is no such command.
    """
    given = _parse(usage.PROGRAM, arguments)
    command, rest = given["<command>"], given["<args>"]
    if command == "help":
        if not rest:
            raise UsageOnly(usage.PROGRAM, code=0)
        command, rest = rest[0], ["--help"]
    if command not in usage.COMMANDS:
        raise GoError(f"{command} is not a tuf command. See 'tuf help'")
    return TufCommandLine(
        command=command,
        given=_parse(usage.COMMANDS[command], rest, command),
        directory=Path(given["-d"] or given["--dir"] or "."),
        plaintext=given["--insecure-plaintext"],
    )


def _parse(doc: str, arguments: list[str], command: str = "") -> dict[str, Any]:
    # Without the command's name: docopt would take it for the first positional, and accept no option after it.
    grammar = doc.replace(f"usage: tuf {command}", "usage: tuf", 1) if command else doc
    helped = io.StringIO()
    try:
        with contextlib.redirect_stdout(helped):
            return dict(docopt(grammar, arguments, options_first=True))
    except DocoptExit as error:
        wrong = str(error).split("\n")[0]
        own = "" if wrong.startswith(("Warning:", "usage:")) else f"{wrong}\n"
        raise UsageOnly(own + doc.split("\n", 1)[0] + "\n", code=1) from None
    except SystemExit:
        raise UsageOnly(doc, code=0) from None
