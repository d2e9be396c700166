"""Write the record as a page to print."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.show import Line, Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A page that was written."""

    entries: int
    page: Path


@command("log export", example="tufkeep log export record.html")
@click.argument("page", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@click.option("--title", metavar="TEXT", default="the repository", help="What the page calls the repository.")
def log_export(app: App, *, page: Path, title: str) -> None:
    """Write the record as one HTML page that needs nothing beside it, to print and to sign with a pen.

    The chain is checked first. The page ends in the hash of the last line, which later shows that nothing before it was
    changed: tufkeep log verify --contains HASH.
    """
    from tufkeep.ceremony.record_page import record_page
    from tufkeep.stores import FolderStore

    lines = app.workspace.record.read()
    text = record_page(lines, title=title, now=app.clock())
    FolderStore(page.parent).write(page.name, text.encode())
    app.show(Exported(entries=len(lines), page=page))


@show.text.register
def _(shown: Exported) -> Lines:
    yield Line(f"wrote {shown.entries:,} entries to {shown.page}", "good")
