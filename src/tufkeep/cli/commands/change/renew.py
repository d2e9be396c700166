"""Stage later ends for what is due, or commit them at once beside what is staged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from tufkeep.cli.base import options, show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.changing import Commit, change
from tufkeep.cli.base.command import command
from tufkeep.cli.base.options import passphrases
from tufkeep.cli.base.show import Lines
from tufkeep.workspace.beside import Renewed, Waiting

if TYPE_CHECKING:
    from datetime import datetime

    from tufkeep.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A renewal beside the staged change as it is shown."""

    renewed: Renewed


@command(
    "renew", example="tufkeep renew --commit\ntufkeep renew timestamp --within 7 --commit\ntufkeep renew root targets"
)
@click.argument("roles", nargs=-1, metavar="[ROLE]...")
@click.option(
    "--within", type=click.IntRange(0, 36_500), metavar="DAYS", help="Renew what expires within so many days."
)
@click.option("--commit", is_flag=True, help="Renew what is committed, and commit that at once beside what is staged.")
@passphrases
@options.dry_run
def renew(app: App, *, roles: tuple[str, ...], within: int | None, commit: bool, dry_run: bool) -> None:
    """Stage new versions that expire later, of the roles named or of all that are due.

    A role is due in the warning window that the policy gives it. Nothing is staged when nothing is due.
    Roles named without --within are renewed whether they are due or not. One that ends later than the policy allows,
    because the clock was ahead or `expire` said so, ends earlier then, as the policy says.

    With --commit the new versions are made from what is committed, and committed alone: what somebody has staged stays
    staged, on top of them. A role that is due and whose keys are not here is named, with exit code 47, and stops no
    other; so this can run every night.
    """
    span = timedelta(days=within) if within is not None else None
    if commit:
        _renew_committed(app, roles, span, dry_run=dry_run)
        return
    chosen = roles if roles and span is None else app.workspace.due(roles, within=span)
    if not chosen:
        app.say("nothing is due")
        _tell_staged(app, app.workspace, roles, span)
        return
    with change(app, "renew", dry_run=dry_run) as workspace:
        ends = {role: document.expires for role in chosen if (document := workspace.state.current(role)) is not None}
        staged = workspace.renew(chosen)
        app.show(staged)
        for each in staged.roles:
            if each.role in ends and each.expires < ends[each.role]:
                _tell_earlier(app, each.role, ends[each.role], each.expires)


def _renew_committed(app: App, roles: tuple[str, ...], within: timedelta | None, *, dry_run: bool) -> None:
    with change(app, "renew", dry_run=dry_run) as workspace:
        renewed = workspace.renew_committed(roles, within=within)
    app.show(Beside(renewed=renewed))
    if renewed.committed.versions:
        app.show(Commit(made=renewed.committed, dry_run=dry_run))
    for expiry in renewed.earlier:
        _tell_earlier(app, expiry.role, expiry.expires, renewed.documents[expiry.role].expires)
    if renewed.left:
        app.warn(f"what is staged can't be committed as it is, and was left alone: {renewed.left}")
    for each in renewed.waiting:
        app.warn(f"{each.expiry.sentence(workspace.clock())}, and can't be renewed here: {_why(each)}")
    renewed.require_all()


def _why(waiting: Waiting) -> str:
    if waiting.needs is None:
        return f"{waiting.role} is staged, and signed by a key that is not here"
    owners = waiting.owners
    keys = [
        f"{keyid[:8]} ({owners[keyid]})" if keyid in owners else keyid[:8] for keyid in sorted(waiting.needs.waiting)
    ]
    reason = f"; {waiting.closed}" if waiting.closed else ""
    return f"{waiting.needs.missing} more of the {waiting.needs.role} keys {', '.join(keys)} must sign{reason}"


def _tell_earlier(app: App, role: str, before: datetime, now: datetime) -> None:
    app.warn(
        f"{role} was to expire on {before:%Y-%m-%d}, and now expires earlier, on {now:%Y-%m-%d}, as the policy says"
    )


def _tell_staged(app: App, workspace: Workspace, roles: tuple[str, ...], within: timedelta | None) -> None:
    """Warn where something is renewed in what is staged alone: agents do not have that yet."""
    if due := workspace.due(roles, within=within, committed=True):
        app.warn(f"{', '.join(due)}: renewed in what is staged, not in what is committed: tufkeep renew --commit")


@show.text.register
def _(shown: Beside) -> Lines:
    renewed = shown.renewed
    if not renewed.documents and not renewed.waiting:
        yield "nothing is due"
    for role, document in renewed.documents.items():
        yield f"renewed {role} v{document.version}: expires {document.expires:%Y-%m-%d}"
    if renewed.again:
        yield f"what is staged stays so, on top of that; made again: {', '.join(renewed.again)}"


@show.document.register
def _(shown: Beside) -> dict[str, Any]:
    renewed = shown.renewed
    return {
        "renewed": {
            role: {"version": document.version, "expires": show.document(document.expires)}
            for role, document in renewed.documents.items()
        },
        "staged_again": list(renewed.again),
        "waiting": [
            {
                "role": each.role,
                "expires": show.document(each.expiry.expires),
                "keys": sorted(each.needs.waiting) if each.needs is not None else [],
                "owners": dict(each.owners),
                "reason": _why(each),
            }
            for each in renewed.waiting
        ],
    }
