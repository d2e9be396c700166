"""Prove that every byte of the repository is right."""

from __future__ import annotations

import click

from tufkeep.cli.base import options
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.commands.watch.findings import show_report


@command("verify", example="tufkeep verify\ntufkeep verify --dir /srv/updates --json\ntufkeep verify production")
@click.argument("remote", required=False)
@options.trust_config
def verify(app: App, *, remote: str | None) -> None:
    """Prove that every byte of the repository is right.

    Signatures by the keys of each root, versions, lengths and hashes, every artifact under every name that an agent may
    ask for, expiry, and what has no business in a folder that is served. Nothing is changed. Exit code 28 when an error
    was found, 0 when there are warnings at most. With REMOTE: every object there, as `tufkeep remote verify` does it.
    """
    if remote is not None:
        from tufkeep.cli.base.publishing import open_publisher
        from tufkeep.cli.commands.publish import remote_verify

        remote_verify.check(app, open_publisher(app, remote))
        return
    from tufkeep.watch.verify import RepositoryFaulty
    from tufkeep.watch.verify import verify as look

    with app.progress("reading artifacts") as progress:
        report = look(app.workspace, progress=progress)
    show_report(app, report)
    if report.errors:
        raise RepositoryFaulty(report)
