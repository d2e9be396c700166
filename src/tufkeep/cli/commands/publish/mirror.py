"""Copy what a remote has published to a folder."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import click

from tufkeep.cli.base import options
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.publishing import tell


@command(
    "mirror",
    example="tufkeep mirror production /srv/mirror\ntufkeep mirror https://updates.example.com/ m --root root.json",
)
@click.argument("source", metavar="FROM")
@click.argument("folder", metavar="FOLDER", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--root",
    type=click.File("rb"),
    metavar="FILE",
    help="The root to trust, where the working directory contains no repository.",
)
@options.dry_run
@options.trust_config
def mirror(app: App, *, source: str, folder: Path, root: BinaryIO | None, dry_run: bool) -> None:
    """Copy what a remote has published to a folder that a web server may serve.

    Verified as an agent would, and brought in the order of a push: agents may read the folder all the time. Run again,
    it fetches what is new.
    """
    from tufkeep.cli.base.trusting import with_trust
    from tufkeep.publish.deploy import Deployment

    given = root.read() if root is not None else None
    workspace, environment = app.workspace, app.process.environment

    def reach(trusted: bool) -> Deployment:
        return Deployment.mirror(workspace, source, folder, root=given, environment=environment, trust_config=trusted)

    deployment = with_trust(app, workspace, reach)
    plan = deployment.plan()
    app.show(plan)
    if dry_run:
        return
    with app.progress("fetching", total=plan.length_bytes) as progress:
        pushed = deployment.run(plan, progress=progress)
    tell(app, pushed)
