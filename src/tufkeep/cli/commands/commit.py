"""Make the staged change the repository."""

from __future__ import annotations

from contextlib import ExitStack

from tufkeep.cli import options
from tufkeep.cli.app import App
from tufkeep.cli.changing import commit_now, staged, tell_closed
from tufkeep.cli.command import command
from tufkeep.cli.opening import open_workspace, passphrases, trial_workspace


@command("commit", example="tufkeep commit --dry-run\ntufkeep commit")
@passphrases
@options.dry_run
def commit(app: App, *, dry_run: bool) -> None:
    """Prove the staged change, then make it the repository.

    Proved is that an agent on any root version ever committed ends on the new state. Nothing is written before that.
    """
    with ExitStack() as stack:
        workspace = stack.enter_context(trial_workspace(app)) if dry_run else open_workspace(app)
        with workspace.exclusive("commit"):
            if made := workspace.complete():
                app.show(staged(workspace, made))
                tell_closed(app, workspace)
            commit_now(app, workspace, dry_run=dry_run)
