"""Make the staged change the repository."""

from __future__ import annotations

from tufkeep.cli.base import options
from tufkeep.cli.base.app import App
from tufkeep.cli.base.changing import change
from tufkeep.cli.base.command import command
from tufkeep.cli.base.options import passphrases


@command("commit", example="tufkeep commit --dry-run\ntufkeep commit")
@passphrases
@options.dry_run
def commit(app: App, *, dry_run: bool) -> None:
    """Prove the staged change, then make it the repository.

    Proved is that an agent on any root version ever committed ends on the new state. Nothing is written before that.
    """
    with change(app, "commit", commit=True, dry_run=dry_run) as workspace:
        if (made := workspace.complete()).roles:
            app.show(made)
