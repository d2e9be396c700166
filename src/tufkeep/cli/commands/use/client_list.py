"""List what the trusted metadata names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click

from tufkeep.cli.base import options, show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.show import Lines
from tufkeep.cli.commands.use.client import open_client


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


@command("client list", example="tufkeep client list --dir state 'app/linux/*'")
@click.argument("pattern", default="*")
@options.network
def client_list(app: App, *, pattern: str) -> None:
    """Refresh, then list the targets that a client finds; PATTERN, with * and ?, is for their paths."""
    found = open_client(app).list(pattern)
    app.show(
        Targets(
            targets=tuple(
                Target(path=each.path, length_bytes=each.length, hashes=each.hashes, custom=each.custom)
                for each in found
            )
        )
    )


@show.text.register
def _(shown: Targets) -> Lines:
    if not shown.targets:
        return ["no target"]
    return show.columns((each.path, each.length_bytes) for each in shown.targets)
