"""Bring one component up to date."""

from __future__ import annotations

import shlex
from typing import BinaryIO

import click

from tufkeep.agent.agent import Agent
from tufkeep.agent.component import Component
from tufkeep.agent.outcome import Outcome, Update
from tufkeep.cli.base import options, show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.show import Line, Lines
from tufkeep.cli.commands.use.client import chosen_network
from tufkeep.client.limits import Limits
from tufkeep.client.origin import NoOrigin
from tufkeep.client.state import NothingTrusted, TrustDamaged
from tufkeep.errors import WorkspaceError


class NoRepositoryNamed(WorkspaceError):
    """An agent's folder in which no repository is trusted."""

    exit_code = 10

    def __init__(self) -> None:
        super().__init__("this agent trusts no repository yet")


class AgentTrustDamaged(WorkspaceError):
    """An agent's folder whose trusted root can't be read any more, nor the one that it began with."""

    exit_code = 10

    def __init__(self, error: TrustDamaged) -> None:
        super().__init__(str(error))


@command(
    "agent once",
    example="tufkeep agent once orbit --channel stable --from https://updates.example.com/ --root root.json\n"
    "tufkeep agent once orbit --channel stable --dir /opt/agent --start 'systemctl restart orbit'",
)
@click.argument("component")
@click.option("--channel", default="stable", help="Whose offer to take [stable].")
@click.option("--platform", help="Which build [this machine's].")
@click.option("--file", "file", metavar="NAME", help="The last part of the target path [the component's name].")
@click.option("--executable", metavar="PATH", help="What to run in an archive that is unpacked.")
@click.option("--check", metavar="COMMAND", default="{executable} --help", help="Must succeed before the switch.")
@click.option("--start", metavar="COMMAND", default="", help="Run after the switch; must succeed, or it is undone.")
@click.option("--seconds", type=click.FloatRange(0.1, 3600), default=60, help="How long each of the two may take [60].")
@click.option("--allow-downgrade", is_flag=True, help="Take an older version than the one in use, too.")
@click.option("--from", "where", metavar="URL", help="The repository; needed once.")
@click.option("--root", "root_file", type=click.File("rb"), metavar="FILE", help="The root to trust; needed once.")
@options.network
def agent_once(
    app: App,
    *,
    component: str,
    channel: str,
    platform: str | None,
    file: str | None,
    executable: str | None,
    check: str,
    start: str,
    seconds: float,
    allow_downgrade: bool,
    where: str | None,
    root_file: BinaryIO | None,
) -> None:
    """Bring one component to what its channel offers: fetched, verified, checked, switched to, started.

    DIR keeps what is trusted and what is installed. In the commands {executable}, {folder} and {version} stand for
    those of the new version; an empty --check tries nothing. A version that fails either is left for the one before.
    """
    if (where is None) != (root_file is None):
        raise click.UsageError("--from and --root go together")
    defaults = {"platform": platform} if platform else {}
    wanted = Component(
        name=component,
        channel=channel,
        file=file or "",
        executable=executable,
        check=tuple(shlex.split(check)),
        start=tuple(shlex.split(start)),
        seconds=seconds,
        allow_downgrade=allow_downgrade,
        **defaults,
    )
    try:
        agent = Agent.open(
            app.choices.directory,
            where,
            root=root_file.read(Limits().root_bytes + 1) if root_file is not None else None,
            environment={"PATH": app.process.environment.get("PATH", "")},
            clock=app.clock,
            network=chosen_network(app),
        )
        app.show(agent.once(wanted))
    except (NoOrigin, NothingTrusted) as error:
        raise NoRepositoryNamed from error
    except TrustDamaged as error:
        raise AgentTrustDamaged(error) from error


@show.text.register
def _(shown: Update) -> Lines:
    was = f", was {shown.before}" if shown.before and shown.before != shown.version else ""
    match shown.outcome:
        case Outcome.UNCHANGED:
            yield f"{shown.component} {shown.version} is up to date"
        case Outcome.HELD_BACK:
            yield Line(
                f"{shown.component} {shown.version} failed before; next attempt after {shown.held_until}", "warning"
            )
        case _:
            yield Line(f"{shown.component} {shown.version} is {shown.outcome.value}{was}", "good")
    if shown.executable is not None:
        yield f"in use: {shown.executable}"
