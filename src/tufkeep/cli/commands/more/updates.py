"""The commands of `fleetctl updates`, under this program's own name."""

from __future__ import annotations

import click

from tufkeep.cli.base.app import App


@click.command(
    "updates",
    short_help="Do what `fleetctl updates` does, with its flags.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    add_help_option=False,
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="init|roots|add|timestamp|rotate ...")
@click.pass_obj
def updates(app: App, /, *, arguments: tuple[str, ...]) -> None:
    """Do what `fleetctl updates` does, with its flags, variables and messages, and with the exit codes of tufkeep.

    tufkeep updates COMMAND --help shows those of each.
    """
    from tufkeep.cli.compat import main

    raise click.exceptions.Exit(main("fleetctl", ["updates", *arguments], app.process, own_codes=True))
