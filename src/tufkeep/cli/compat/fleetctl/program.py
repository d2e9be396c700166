"""`fleetctl`: from a command line to an exit code, 0 or 1."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tufkeep.cli.compat.go import GoError

if TYPE_CHECKING:
    from tufkeep.cli.base.process import Process
    from tufkeep.cli.compat.fleetctl.desk import Desk

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


def speak(arguments: list[str], process: Process) -> int:
    """Run a command line; return the exit code."""
    import contextlib

    from tufkeep.cli.compat.ending import end

    try:
        with contextlib.redirect_stdout(process.stdout), contextlib.redirect_stderr(process.stderr):
            program().main(arguments, prog_name="fleetctl", standalone_mode=False, obj=process)
        process.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as helped:
        process.stdout.write(f"{helped.format_message()}\n")
    except click.exceptions.Exit as done:
        return done.exit_code
    except BaseException as reason:
        return end(reason, process, mark="Error: ", speak=str, translate=lambda reason: _translated(reason, process))
    return 0


def program() -> click.Group:
    """Return the tree of commands."""
    helped = {"help_option_names": ["-h", "--help"], "ignore_unknown_options": True}
    top = Fleetctl(
        "fleetctl", context_settings=helped, help=f"{WHAT_THIS_IS[0].upper()}{WHAT_THIS_IS[1:]}.", no_args_is_help=True
    )
    updates = Updates("updates", help="Manage client updates.", no_args_is_help=True)
    for command in (
        _command("init", "Make a new update repository.", _init),
        _command("roots", "Print the root metadata that packages trust.", _roots),
        _command(
            "add",
            "Publish a file under its version and every tag.",
            _add,
            _option("--target", help="The file.", required=True),
            _option("--name", help="The component, such as osqueryd or extensions/hello.", required=True),
            _option("--platform", help="Such as linux, macos or windows-arm64.", required=True),
            _option("--version", help="The version of the file.", required=True),
            _option("--tag", "-t", help="Another tag, such as a channel; may be given again.", multiple=True),
        ),
        _command("timestamp", "Make and publish a new timestamp.", _timestamp),
        _command("rotate", "Replace a role's key.", _rotate, click.Argument(["role"], nargs=-1)),
    ):
        updates.add_command(command)
    top.add_command(updates)
    return top


def _command(name: str, help: str, run: Callable[..., None], *params: click.Parameter) -> click.Command:
    path = _option("--path", help="The working directory [.].", default=".")
    known = {"allow_interspersed_args": False}  # options before arguments, as Go has it

    @click.pass_obj
    def callback(process: Process, /, *, path: str, **given: Any) -> None:
        from tufkeep.cli.compat.fleetctl.desk import sit_down

        run(sit_down(Path(path), process), **given)

    return click.Command(name, callback=callback, params=[path, *params], help=help, context_settings=known)


def _option(name: str, *more: str, **attributes: Any) -> click.Option:
    """Return an option; Go takes a long one behind one dash as well."""
    return click.Option([name, name[1:], *more], metavar="TEXT", **attributes)


def _init(desk: Desk) -> None:
    from tufkeep.cli.compat.fleetctl import init

    init.run(desk)


def _roots(desk: Desk) -> None:
    from tufkeep.cli.compat.fleetctl import roots

    roots.run(desk)


def _add(desk: Desk, *, target: str, name: str, platform: str, version: str, tag: tuple[str, ...]) -> None:
    from tufkeep.cli.compat.fleetctl import add

    add.run(desk, add.Artifact(target=Path(target), name=name, platform=platform, version=version, tags=tag))


def _timestamp(desk: Desk) -> None:
    from tufkeep.cli.compat.fleetctl import timestamp

    timestamp.run(desk)


def _rotate(desk: Desk, *, role: tuple[str, ...]) -> None:
    from tufkeep.cli.compat.fleetctl import rotate

    if len(role) != 1:
        raise GoError("role must be provided", hint="such as: fleetctl updates rotate targets")
    rotate.run(desk, role[0])


def _translated(reason: BaseException, process: Process) -> BaseException:
    """Return a reason in fleetctl's words."""
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
