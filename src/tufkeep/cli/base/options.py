"""Options that more than one command takes, each worded once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from tufkeep.cli.base.app import App
from tufkeep.cli.base.secrets import Kind, read_option

F = TypeVar("F", bound=Callable[..., object])


def everywhere() -> list[click.Parameter]:
    """Return the options that every command takes, before its name or after it."""
    return [
        _choice(
            "--dir", "directory", type=click.Path(path_type=Path), metavar="DIR", help="The working directory [.]."
        ),
        _choice("--json", "json", is_flag=True, help="Print one JSON document."),
        _choice("--yes", "yes", is_flag=True, help="Answer every yes-or-no question with yes."),
        _choice("--clock-is-right", "clock_is_right", is_flag=True, help="Sign though the clock can hardly be right."),
        _choice(
            "--verbose",
            "verbose",
            "-v",
            is_flag=True,
            help="Print all that is shortened; on standard error, what goes on.",
        ),
        _choice("--debug", "debug", is_flag=True, help="After an error, print where it came from."),
    ]


def dry_run(function: F) -> F:
    """Give the command `dry_run`: show what would change, change nothing."""
    return click.option("--dry-run", is_flag=True, help="Show what would change; change nothing.")(function)


def trust_config(function: F) -> F:
    """Give the command --trust-config: what a person answers once on a terminal, for machines."""
    return click.option(
        "--trust-config",
        is_flag=True,
        expose_value=False,
        callback=_remember,
        help="Let tufkeep.toml run the programs it names and take credentials to a server it names, in this run.",
    )(function)


def network(function: F) -> F:
    """Give the command the options that say how to get to a server."""
    options = (
        _way("--proxy", "proxy", "URL", "Ask through a proxy [HTTPS_PROXY, HTTP_PROXY]."),
        _way("--no-proxy", "no_proxy", "HOSTS", "But not for these, with commas between [NO_PROXY]."),
        _way("--ca-file", "ca_file", "FILE", "Trust these certificates in place of the system's [TUFKEEP_CA_FILE]."),
        _way("--client-cert", "certificate_file", "FILE", "Show this certificate, in PEM [TUFKEEP_CLIENT_CERT]."),
        _way("--client-key", "key_file", "FILE", "Its key, if not in the same file [TUFKEEP_CLIENT_KEY]."),
        _way("--headers", "headers_file", "FILE", "Send these with each request, one a line [TUFKEEP_HEADERS]."),
    )
    for option in reversed(options):
        function = option(function)
    return function


def _way(flag: str, name: str, metavar: str, meaning: str) -> Callable[[F], F]:
    def remember(ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:
        app = ctx.find_object(App)
        if app is not None and value is not None:
            app.choices.network[name] = value

    return click.option(flag, name, metavar=metavar, expose_value=False, callback=remember, help=meaning)


def passphrases(function: F) -> F:
    """Give the command the options that say where passphrases come from."""
    kinds: tuple[tuple[Kind, str, str], ...] = (
        ("file", "PATH", "Read the passphrase from the first line of a file."),
        ("fd", "N", "Read it from an open file descriptor."),
        ("command", "COMMAND", "Read it from what a program prints, such as 'op read op://Private/{key}/password'."),
    )
    for kind, metavar, meaning in reversed(kinds):
        option = click.option(
            f"--passphrase-{kind}",
            multiple=True,
            metavar=f"[KEY=]{metavar}",
            expose_value=False,
            callback=_remember_secret(kind),
            help=f"{meaning} KEY, if given, is a role or a key file." if kind == "file" else meaning,
        )
        function = option(function)
    return function


def _remember_secret(kind: Kind) -> Callable[[click.Context, click.Parameter, tuple[str, ...]], None]:
    def remember(ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> None:
        named = [read_option(kind, value) for value in values]
        if kind == "fd" and not all(one.where.isdigit() for one in named):
            raise click.BadParameter("is not the number of a file descriptor")
        app = ctx.find_object(App)
        if app is not None:
            app.choices.secrets.named += named

    return remember


def _choice(flag: str, name: str, *short: str, **attributes: Any) -> click.Parameter:
    return click.Option([flag, *short, name], expose_value=False, callback=_remember, **attributes)


def _remember(ctx: click.Context, parameter: click.Parameter, value: object) -> None:
    app = ctx.find_object(App)
    given = parameter.name and ctx.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE
    if app is not None and parameter.name and given:
        setattr(app.choices, parameter.name, value)
        if parameter.name == "verbose":
            app.show_log()
