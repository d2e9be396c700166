"""List what the trusted metadata names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click

from tufkeep.cli.base import options, show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.show import Line, Lines
from tufkeep.cli.commands.use.client import open_client
from tufkeep.errors import Tries, TufkeepError


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One target."""

    path: str
    length_bytes: int
    hashes: Mapping[str, str]
    custom: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What a client could download."""

    targets: tuple[Target, ...]
    faults: tuple[TufkeepError, ...]  # what hides targets, such as an expired delegated role


@command("client list", example="tufkeep client list --dir state 'app/linux/*'")
@click.argument("pattern", default="*")
@options.network
def client_list(app: App, *, pattern: str) -> None:
    """Refresh, then list the targets that a client finds; PATTERN, with * and ?, is for their paths.

    What can't be read, such as an expired delegated role, hides its own targets alone: the others are listed before the
    command ends with it.
    """
    tries = Tries()
    found = tuple(
        Target(path=each.path, length_bytes=each.length, hashes=each.hashes, custom=each.custom)
        for each in open_client(app).list(pattern, hidden=tries.fault)
    )
    app.show(Targets(targets=found, faults=tries.faults))
    for fault in tries.faults:
        raise fault


@show.text.register
def _(shown: Targets) -> Lines:
    if not shown.targets:
        yield "no target"
    yield from show.columns((each.path, each.length_bytes) for each in shown.targets)
    for fault in shown.faults[1:]:  # the first is what the command ends with
        yield Line(f"warning: {fault}", "warning")
