"""Set when a role's metadata ends."""

from __future__ import annotations

from datetime import timedelta

import click

from tufkeep.cli.base import options
from tufkeep.cli.base.app import App
from tufkeep.cli.base.changing import change, commits
from tufkeep.cli.base.command import command
from tufkeep.cli.base.options import passphrases
from tufkeep.metadata.expiry import expires_after


@command("expire", example="tufkeep expire timestamp 14")
@click.argument("role")
@click.argument("days", type=click.IntRange(1, 36_500))
@commits
@passphrases
@options.dry_run
def expire(app: App, *, role: str, days: int, commit: bool, dry_run: bool) -> None:
    """Stage a new version of a role that expires DAYS from now, be that later or earlier than it expires today.

    To change how long every later version is valid, write it into tufkeep.toml.
    """
    with change(app, "expire", commit=commit, dry_run=dry_run) as workspace:
        before = workspace.state.current(role)
        expires = expires_after(timedelta(days=days), now=workspace.clock())
        app.show(workspace.expire(role, expires))
    if before is not None and expires < before.expires:
        app.warn(f"{role} was to expire on {before.expires:%Y-%m-%d}, and now expires earlier, on {expires:%Y-%m-%d}")
