"""Add signatures to the staged metadata."""

from __future__ import annotations

from pathlib import Path

import click

from tufkeep.cli.base import options
from tufkeep.cli.base.app import App
from tufkeep.cli.base.changing import change, commits
from tufkeep.cli.base.command import command
from tufkeep.cli.base.offline import offline
from tufkeep.cli.base.options import passphrases


@command("sign", example="tufkeep sign\ntufkeep sign root --keys /media/root-keys")
@click.argument("roles", nargs=-1, metavar="[ROLE]...")
@click.option(
    "--keys",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Sign with the key files in this folder, such as one on a drive, and not with those in keys/.",
)
@commits
@offline
@passphrases
@options.dry_run
def sign(app: App, *, roles: tuple[str, ...], keys: Path | None, commit: bool, dry_run: bool) -> None:
    """Sign staged metadata with the keys at hand, found by keyid in any key file.

    Signatures that are there already stay. A root is signed by the keys of the root before it, too, for agents that
    trust that one ask for them.
    """
    with change(app, "sign", commit=commit, dry_run=dry_run, keys=keys) as workspace:
        app.show(workspace.sign(roles))
