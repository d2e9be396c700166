"""Give up an operation that was begun and not finished."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tufkeep.cli.base import options, show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.show import Line, Lines
from tufkeep.workspace.abandon import Loss
from tufkeep.workspace.abandon import abandon as abandon_operation
from tufkeep.workspace.operations import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tufkeep.workspace.operations import Unfinished


@command("abandon", example="tufkeep abandon\ntufkeep abandon rotate\ntufkeep abandon ceremony create")
@click.argument("operation", nargs=-1, metavar="[OPERATION]")
@options.dry_run
def abandon(app: App, *, operation: tuple[str, ...], dry_run: bool) -> None:
    """Give up an operation that was begun and not finished: init, rotate, key revoke, pull or a ceremony.

    You see what is lost and what stays before you are asked. Key files that were made stay, and so does what was
    committed. OPERATION is needed where several are unfinished; `tufkeep status` lists them.
    """
    from tufkeep.workspace.abandon import loss
    from tufkeep.workspace.unfinished import unfinished

    workspace = app.workspace
    if workspace.interrupted and not dry_run:
        with workspace.exclusive("abandon"):
            pass  # finishes the commit, so that what is shown as lost is what will be lost
    found = _chosen(unfinished(workspace.store), " ".join(operation))
    if found is None:
        app.say("nothing is unfinished")
        return
    app.show(loss(workspace, found))
    if not dry_run:
        app.confirm("Abandon it?")
        abandon_operation(workspace, found)
        app.say("abandoned")


def _chosen(there: Sequence[Unfinished], wanted: str) -> Unfinished | None:
    known = [*(kind.operation for kind in KINDS), "ceremony"]
    if wanted and not wanted.startswith(tuple(known)):
        raise click.UsageError(f"no operation is called {wanted!r}; there are {', '.join(known)}")
    chosen = [found for found in there if wanted in ("", found.operation)]
    names = ", ".join(found.operation for found in there)
    if len(chosen) > 1:
        raise click.UsageError(f"say which one: {names}")
    if there and not chosen:
        raise click.UsageError(f"{wanted} is not unfinished here; these are: {names}")
    return chosen[0] if chosen else None


@show.text.register
def _(shown: Loss) -> Lines:
    yield Line(shown.unfinished.sentence, "title")
    yield from (Line(f"lost: {name}", "warning") for name in (*shown.changes, *shown.staged))
    if not shown.changes and not shown.staged:
        yield "nothing is lost"
    yield from (f"stays: {name}, a key that no root lists" for name in shown.keys)
    for keyid in shown.trusted:
        yield f"stays: key {keyid[:8]} is trusted by root already; tufkeep key revoke takes it out"
