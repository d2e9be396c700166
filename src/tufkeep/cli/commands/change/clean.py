"""Throw the staged change away."""

from __future__ import annotations

from dataclasses import dataclass

from tufkeep.cli.base import options, show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.show import Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """What is no longer staged."""

    removed: tuple[str, ...]


@command("clean", example="tufkeep clean")
@options.dry_run
def clean(app: App, *, dry_run: bool) -> None:
    """Empty staged/, its artifacts included; repository/ and keys/ stay as they are."""
    from tufkeep.cli.base.unfinished import told
    from tufkeep.workspace.unfinished import unfinished

    workspace = app.workspace
    names = workspace.staged_files()
    if names and not dry_run:
        app.confirm(f"Throw away {len(names):,} staged {'file' if len(names) == 1 else 'files'}?")
    app.show(Cleaned(removed=names if dry_run else workspace.clean()))
    for found in unfinished(workspace.store):
        if found.blocks:
            app.warn(told(found))


@show.text.register
def _(shown: Cleaned) -> Lines:
    yield from (f"removed {name}" for name in shown.removed)
    if not shown.removed:
        yield "nothing was staged"
