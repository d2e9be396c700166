"""The program: names to commands, endings to exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from itertools import takewhile

import click

from tufkeep.cli.base import options
from tufkeep.cli.base.app import App
from tufkeep.cli.base.process import Process
from tufkeep.cli.base.streams import open_streams
from tufkeep.cli.group import CommandGroup

Invoke = Callable[[list[str], App], None]
COMPLETE_VARIABLE = "_TUFKEEP_COMPLETE"
OTHER_NAMES = {"tuf", "fleetctl"}  # called so, the program speaks as those programs do

HELP = """Make, keep and release a TUF repository: the signed update server behind a fleet of agents.

tufkeep COMMAND --help shows an example of each command.
"""


def main() -> int:
    """Run the program under the name it was called by; return its exit code."""
    open_streams()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # no name may stop an error text
    name = os.path.basename(sys.argv[0]).removesuffix(".exe")  # noqa: PTH119  text, not a path of ours
    if name in OTHER_NAMES:
        return _speak_as(name, sys.argv[1:])
    return run(sys.argv[1:])


def run(arguments: Sequence[str], process: Process | None = None, *, invoke: Invoke | None = None) -> int:
    """Run one command of `tufkeep`; return its exit code.

    Args:
        invoke: does what the arguments say, in place of the commands.
    """
    app = App(process or Process())
    # So that an error in the arguments themselves is told in JSON, too.
    app.choices.json = "--json" in takewhile(lambda word: word != "--", arguments)
    try:
        code = _run(list(arguments), app, invoke or _invoke)
        app.process.stdout.flush()  # as long as an error can be reported: at its own end Python would complain
    except BaseException as reason:
        return _end(app, reason)
    finally:
        app.close()
    return code


def _run(arguments: list[str], app: App, invoke: Invoke) -> int:
    try:
        invoke(arguments, app)
        app.finish()
    except click.exceptions.Exit as done:  # --help, --version
        return done.exit_code
    return 0


def program() -> CommandGroup:
    """Return the tree of commands."""
    version = click.Option(
        ["--version"], is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Print the version."
    )
    return CommandGroup(help=HELP, params=[*options.everywhere(), version])


def _invoke(arguments: list[str], app: App) -> None:
    commands = program()
    if instruction := app.process.environment.get(COMPLETE_VARIABLE):
        from click.shell_completion import shell_complete

        raise click.exceptions.Exit(shell_complete(commands, {"obj": app}, "tufkeep", COMPLETE_VARIABLE, instruction))
    with commands.make_context("tufkeep", arguments, obj=app) as ctx:
        commands.invoke(ctx)


def _end(app: App, reason: BaseException) -> int:
    """Say why the command ended, as its output was asked for. Nobody sees a traceback for something they typed."""
    from tufkeep.cli.base.failures import cut_off, drop_output, explain

    if (code := cut_off(reason)) is not None:
        return code
    failure = explain(reason).typed_in(app.choices.directory)
    try:
        app.process.stdout.flush()
    except OSError:
        drop_output()
    try:
        app.fail(failure, reason)
    except OSError:  # nobody left to tell: the exit code alone speaks
        return failure.exit_code
    return failure.exit_code


def _speak_as(name: str, arguments: Sequence[str]) -> int:
    from tufkeep.cli.compat import main as speak

    try:
        return speak(name, arguments)
    except BaseException as reason:
        return _end(App(Process()), reason)


def _version(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        from tufkeep import __version__

        click.echo(f"tufkeep {__version__}")
        ctx.exit()
