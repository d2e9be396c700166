"""Bring what one remote has published to another."""

from __future__ import annotations

import click

from tufkeep.cli.base import options
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.publishing import tell, warn


@command(
    "deploy",
    example='tufkeep deploy staging production --timestamp 412 --approved-by lucas --tested-by "smoke test 871"',
)
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option("--timestamp", type=int, metavar="VERSION", help="The state that was tested; any other is refused.")
@click.option("--approved-by", default="", metavar="NAME", help="Who approved it; recorded.")
@click.option("--tested-by", default="", metavar="TEXT", help="Which smoke test it has passed; recorded.")
@click.option("--note", default="", metavar="TEXT", help="What the journal will say of it.")
@click.option(
    "--over", type=int, metavar="VERSION", help="Deploy over this timestamp of TO, even if somebody else made it."
)
@options.dry_run
@options.trust_config
def deploy(
    app: App,
    *,
    source: str,
    target: str,
    timestamp: int | None,
    approved_by: str,
    tested_by: str,
    note: str,
    over: int | None,
    dry_run: bool,
) -> None:
    """Bring what one remote has published to another, such as staging to production.

    FROM is verified first, then its state goes to TO in the order of a push, the timestamp last. Where both are on one
    server, the server copies by itself. Who approved it, and which test it had passed, is recorded in TO's journal.
    """
    from tufkeep.cli.base.trusting import with_trust
    from tufkeep.publish.deploy import Deployment

    workspace, environment = app.workspace, app.process.environment
    deployment = with_trust(
        app,
        workspace,
        lambda trusted: Deployment.open(workspace, source, target, environment=environment, trust_config=trusted),
    )
    plan = deployment.plan(timestamp=timestamp, over=over)
    app.show(plan)
    if dry_run:
        warn(app, plan)
        return
    with app.progress("copying", total=plan.length_bytes) as progress:
        pushed = deployment.run(plan, approved_by=approved_by, tested_by=tested_by, note=note, progress=progress)
    tell(app, pushed)
