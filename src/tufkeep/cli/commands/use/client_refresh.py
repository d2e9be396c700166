"""Fetch the newest metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tufkeep.cli.base import options, show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.show import Line, Lines
from tufkeep.cli.commands.use.client import open_client

if TYPE_CHECKING:
    from tufkeep.client import Refresh


@command("client refresh", example="tufkeep client refresh --dir state")
@options.network
def client_refresh(app: App) -> None:
    """Come to the newest state of the repository: root, timestamp, snapshot, targets, each verified."""
    from tufkeep.client import Refresh

    show.text.register(Refresh, _lines)
    refreshed = open_client(app).refresh()
    for warning in refreshed.warnings:
        app.warn(warning)
    app.show(refreshed)


def _lines(shown: Refresh) -> Lines:
    versions = f"root v{shown.root}, timestamp v{shown.timestamp}, snapshot v{shown.snapshot}, targets v{shown.targets}"
    yield Line(f"up to date: {versions}", "good")
    yield f"good until {shown.expires:%Y-%m-%d %H:%M} UTC"
