"""Make the staged change the repository."""

from __future__ import annotations

from contextlib import ExitStack

from tufkeep.cli.base import options
from tufkeep.cli.base.app import App
from tufkeep.cli.base.changing import commit_now, tell_closed
from tufkeep.cli.base.command import command
from tufkeep.cli.base.options import passphrases


@command("commit", example="tufkeep commit --dry-run\ntufkeep commit")
@passphrases
@options.dry_run
def commit(app: App, *, dry_run: bool) -> None:
    """Prove the staged change, then make it the repository.

    Proved is that an agent on any root version ever committed ends on the new state. Nothing is written before that.
    """
    with ExitStack() as stack:
        workspace = stack.enter_context(app.trial_workspace()) if dry_run else app.workspace
        with workspace.exclusive("commit"):
            if (made := workspace.complete()).roles:
                app.show(made)
                tell_closed(app, workspace)
            commit_now(app, workspace, dry_run=dry_run)
