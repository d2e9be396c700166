"""`fleetctl`: its commands, and what runs each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tufkeep.cli.compat.fleetctl.hints import HINTS
from tufkeep.cli.compat.go import GoError
from tufkeep.cli.compat.program import Program

if TYPE_CHECKING:
    from tufkeep.cli.base.process import Process

WHAT_THIS_IS = "this is tufkeep, called as fleetctl: it knows `fleetctl updates` and no other command of fleetctl"


class Updates(click.Group):
    """The commands; one that is none of them is refused in one sentence."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(ctx, args[0]) is None:
            raise GoError(f"No command {args[0]!r}", hint=f"fleetctl updates knows {', '.join(self.commands)}")
        return super().resolve_command(ctx, args)


class Fleetctl(click.Group):
    """Fleet's program, as far as it is about updates."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] != "updates":
            raise GoError(WHAT_THIS_IS, hint="run Fleet's own fleetctl for the others")
        return super().resolve_command(ctx, args)


def program() -> click.Group:
    """Return the tree of commands."""
    helped = {"help_option_names": ["-h", "--help"], "ignore_unknown_options": True}
    top = Fleetctl(
        "fleetctl", context_settings=helped, help=f"{WHAT_THIS_IS[0].upper()}{WHAT_THIS_IS[1:]}.", no_args_is_help=True
    )
    updates = Updates("updates", help="Manage client updates.", no_args_is_help=True)
    for command in (
        _command("init", "Make a new update repository."),
        _command("roots", "Print the root metadata that packages trust."),
        _command(
            "add",
            "Publish a file under its version and every tag.",
            _option("--target", help="The file.", required=True),
            _option("--name", help="The component, such as osqueryd or extensions/hello.", required=True),
            _option("--platform", help="Such as linux, macos or windows-arm64.", required=True),
            _option("--version", help="The version of the file.", required=True),
            _option("--tag", "-t", help="Another tag, such as a channel; may be given again.", multiple=True),
        ),
        _command("timestamp", "Make and publish a new timestamp."),
        _command("rotate", "Replace a role's key.", click.Argument(["roles"], nargs=-1)),
    ):
        updates.add_command(command)
    top.add_command(updates)
    return top


def commands() -> Mapping[str, Callable[..., None]]:
    """Return what runs each command; imported only when there is a command to run, for help needs none of it."""
    from tufkeep.cli.compat.fleetctl import rotate, updates

    return {
        "init": updates.init,
        "roots": updates.roots,
        "add": updates.add,
        "timestamp": updates.timestamp,
        "rotate": rotate.rotate,
    }


def _command(name: str, help: str, *params: click.Parameter) -> click.Command:
    path = _option("--path", help="The working directory [.].", default=".")
    known = {"allow_interspersed_args": False}  # options before arguments, as in Go

    @click.pass_obj
    def callback(process: Process, /, *, path: str, **given: Any) -> None:
        from tufkeep.cli.compat.fleetctl.session import UpdatesSession

        commands()[name](UpdatesSession(process, Path(path)), **given)

    return click.Command(name, callback=callback, params=[path, *params], help=help, context_settings=known)


def _option(name: str, *more: str, **attributes: Any) -> click.Option:
    """Return an option; Go takes a long one behind one dash as well."""
    return click.Option([name, name[1:], *more], metavar="TEXT", **attributes)


def _execute(arguments: list[str], process: Process) -> int:
    import contextlib

    with contextlib.redirect_stdout(process.stdout), contextlib.redirect_stderr(process.stderr):
        top = program()
        try:
            with top.make_context("fleetctl", arguments, obj=process) as context:
                top.invoke(context)
        except click.exceptions.NoArgsIsHelpError as help:
            process.stdout.write(f"{help.format_message()}\n")
        except click.exceptions.Exit as done:
            return done.exit_code
    return 0


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
    if isinstance(reason, click.MissingParameter) and reason.param is not None:
        return GoError(f'Required flag "{reason.param.name}" not set')
    return reason


FLEETCTL = Program(execute=_execute, error_prefix="Error: ", hints=HINTS, own_words=_own_words)
