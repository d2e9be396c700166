"""Throw the staged change away."""

from __future__ import annotations

from dataclasses import dataclass

from tufkeep.cli import options, show
from tufkeep.cli.app import App
from tufkeep.cli.command import command
from tufkeep.cli.opening import open_workspace
from tufkeep.cli.show import Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """What is no longer staged."""

    removed: tuple[str, ...]


@command("clean", example="tufkeep clean")
@options.dry_run
def clean(app: App, *, dry_run: bool) -> None:
    """Empty staged/, its artifacts included; repository/ and keys/ stay as they are."""
    workspace = open_workspace(app)
    names = workspace.staged_files()
    if names and not dry_run:
        app.confirm(f"Throw away {len(names):,} staged files?")
    app.show(Cleaned(removed=names if dry_run else workspace.clean()))


@show.text.register
def _(shown: Cleaned) -> Lines:
    yield from (f"removed {name}" for name in shown.removed)
    if not shown.removed:
        yield "nothing was staged"
