"""Set how many keys of a role must sign."""

from __future__ import annotations

import click

from tufkeep.cli.base import options
from tufkeep.cli.base.app import App
from tufkeep.cli.base.changing import change, commits
from tufkeep.cli.base.command import command
from tufkeep.cli.base.options import passphrases


@command("threshold", example="tufkeep threshold root 2")
@click.argument("role")
@click.argument("threshold", type=int, metavar="M")
@commits
@passphrases
@options.dry_run
def threshold(app: App, *, role: str, threshold: int, commit: bool, dry_run: bool) -> None:
    """Stage a root in which M of a role's keys must sign."""
    with change(app, "threshold", commit=commit, dry_run=dry_run) as workspace:
        app.show(workspace.set_threshold(role, threshold))
