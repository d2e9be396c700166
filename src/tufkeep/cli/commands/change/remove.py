"""Stage the removal of targets."""

from __future__ import annotations

import click

from tufkeep.cli.base import options
from tufkeep.cli.base.app import App
from tufkeep.cli.base.changing import change, commits
from tufkeep.cli.base.command import command
from tufkeep.cli.base.options import passphrases


@command("remove", example="tufkeep remove agent/linux/edge/agent\ntufkeep remove 'agent/*/edge/*' --commit")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@commits
@passphrases
@options.dry_run
def remove(app: App, *, paths: tuple[str, ...], commit: bool, dry_run: bool) -> None:
    """Stage the removal of targets, by target path or by a pattern with * and ?.

    The artifacts themselves leave the repository when the removal is committed.
    """
    with change(app, "remove", commit=commit, dry_run=dry_run) as workspace:
        app.show(workspace.remove(paths))
