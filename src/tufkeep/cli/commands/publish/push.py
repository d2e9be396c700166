"""Publish what is committed."""

from __future__ import annotations

from datetime import timedelta

import click

from tufkeep.cli.base import options
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.publishing import open_publisher, remote_argument, tell, warn


@command(
    "push", example="tufkeep push staging --dry-run\ntufkeep push staging\ntufkeep push staging --delete --grace 30"
)
@remote_argument
@click.option("--delete", is_flag=True, help="Delete what no state published within the grace period refers to.")
@click.option("--grace", type=click.IntRange(0), default=14, metavar="DAYS", help="That period [14].")
@click.option("--complete", is_flag=True, help="Look at every object, and repair what is missing or damaged.")
@click.option(
    "--over", type=int, metavar="VERSION", help="Push over this published timestamp, even if somebody else made it."
)
@click.option("--note", default="", metavar="TEXT", help="What the remote's journal will say of it.")
@options.dry_run
def push(
    app: App,
    *,
    remote: str,
    delete: bool,
    grace: int,
    complete: bool,
    over: int | None,
    note: str,
    dry_run: bool,
) -> None:
    """Publish what is committed, the timestamp last.

    What differs is found by hash, and proved first: an agent that trusts what is published now must follow. Artifacts
    go first, then targets, snapshot, root versions, and timestamp.json at the end, only over the one that this change
    was made from. Until then agents see the old state, whole. Killed anywhere, the same command finishes the work.

    Objects that the repository does not own are never touched.
    """
    publisher = open_publisher(app, remote)
    plan = publisher.plan_push(over=over, complete=complete)
    app.show(plan)
    if dry_run:
        warn(app, plan)
        return
    with app.progress("sending", total=plan.length_bytes) as progress:
        pushed = publisher.push(plan, progress=progress, note=note, grace=timedelta(days=grace) if delete else None)
    tell(app, pushed)
