"""Stage later ends for what is due."""

from __future__ import annotations

from datetime import timedelta

import click

from tufkeep.cli.base import options
from tufkeep.cli.base.app import App
from tufkeep.cli.base.changing import change, commits
from tufkeep.cli.base.command import command
from tufkeep.cli.base.options import passphrases


@command("renew", example="tufkeep renew --commit\ntufkeep renew timestamp --within 7 --commit")
@click.argument("roles", nargs=-1, metavar="[ROLE]...")
@click.option(
    "--within", type=click.IntRange(0, 36_500), metavar="DAYS", help="Renew what expires within so many days."
)
@commits
@passphrases
@options.dry_run
def renew(app: App, *, roles: tuple[str, ...], within: int | None, commit: bool, dry_run: bool) -> None:
    """Stage new versions that expire later, of the roles named or of all that are due.

    A role is due in the warning window that the policy gives it. Nothing is staged when nothing is due.
    Roles named without --within are renewed whether they are due or not. One that ends later than the policy allows,
    because the clock was ahead or `expire` said so, ends earlier then, as the policy says.
    """
    span = timedelta(days=within) if within is not None else None
    chosen = roles if roles and span is None else app.workspace.due(roles, within=span)
    if not chosen:
        app.say("nothing is due")
        return
    with change(app, "renew", commit=commit, dry_run=dry_run) as workspace:
        ends = {role: document.expires for role in chosen if (document := workspace.state.current(role)) is not None}
        staged = workspace.renew(chosen)
        app.show(staged)
        for each in staged.roles:
            if each.role in ends and each.expires < ends[each.role]:
                app.warn(
                    f"{each.role} ended on {ends[each.role]:%Y-%m-%d} and now expires earlier, on "
                    f"{each.expires:%Y-%m-%d}, as the policy says"
                )
