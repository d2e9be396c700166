"""Publish again, above every version that agents may have seen."""

from __future__ import annotations

from contextlib import ExitStack

import click

from tufkeep.cli.base import options
from tufkeep.cli.base.app import App
from tufkeep.cli.base.changing import Commit
from tufkeep.cli.base.command import command
from tufkeep.cli.base.options import passphrases
from tufkeep.cli.base.publishing import open_publisher, remote_argument, tell


@command("rollforward", example="tufkeep rollforward production --dry-run\ntufkeep rollforward production --above 4402")
@remote_argument
@click.option("--above", type=int, metavar="VERSION", help="A timestamp version that agents are known to have.")
@passphrases
@options.dry_run
def rollforward(app: App, *, remote: str, above: int | None, dry_run: bool) -> None:
    """Publish again, above every version that agents may have seen.

    For a remote that lost objects, or was set back: agents refuse what is older than what they have. The highest
    version is looked for in the remote's journal, in its file names, in its timestamp and here. Then targets, snapshot
    and timestamp are signed once above it, everything is looked at, what is missing or damaged is sent again, and the
    timestamp is published last. What is staged is not published, and stays staged on top.
    """
    from tufkeep.publish.rollforward import renew_above_seen

    with ExitStack() as stack:
        workspace = stack.enter_context(app.trial_workspace()) if dry_run else app.workspace
        stack.enter_context(workspace.exclusive("rollforward"))
        publisher = open_publisher(app, remote, workspace=workspace)
        app.show(Commit(made=renew_above_seen(publisher, above=above).committed, dry_run=dry_run))
        if dry_run:
            return
        plan = publisher.plan_push(repair=True)
        app.show(plan)
        with app.progress("sending", total=plan.length_bytes) as progress:
            pushed = publisher.push(plan, progress=progress, note="rollforward")
        tell(app, pushed)
