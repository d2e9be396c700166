"""`fleetctl`: its commands, and what runs each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tufkeep.cli.compat.fleetctl import grammar
from tufkeep.cli.compat.fleetctl.hints import HINTS
from tufkeep.cli.compat.go import GoError
from tufkeep.cli.compat.program import Program

if TYPE_CHECKING:
    from tufkeep.cli.base.process import Process
    from tufkeep.cli.compat.fleetctl.session import UpdatesSession


def commands() -> Mapping[str, Callable[[UpdatesSession], None]]:
    """Return what runs each command; imported only when there is a command to run, for help needs none of it."""
    from tufkeep.cli.compat.fleetctl import rotate, updates

    return {
        "init": updates.init,
        "roots": updates.roots,
        "add": updates.add,
        "timestamp": updates.timestamp,
        "rotate": rotate.rotate,
    }


def _execute(arguments: list[str], process: Process) -> None:
    line = grammar.read(arguments)
    from tufkeep.cli.compat.fleetctl.session import UpdatesSession

    commands()[line.command](UpdatesSession(process, line))


def _own_words(reason: BaseException, process: Process) -> BaseException:
    """Return a reason in fleetctl's words, if it has words for it."""
    from tufkeep.keys.naming import role_named
    from tufkeep.keys.passphrase import EmptyPassphrase
    from tufkeep.keys.sealed import WrongPassphrase

    if isinstance(reason, EmptyPassphrase):
        return GoError("passphrase must not be empty")
    if isinstance(reason, WrongPassphrase):
        role = role_named(reason.name, "")
        variable = f"FLEET_{role.upper()}_PASSPHRASE"
        if process.environment.get(variable):
            return GoError(f"{role} passphrase from {variable} is invalid")
    return reason


FLEETCTL = Program(execute=_execute, error_prefix="Error: ", hints=HINTS, own_words=_own_words)
