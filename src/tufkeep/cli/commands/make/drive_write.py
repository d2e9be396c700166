"""Write a drive that contains what its kind may contain."""

from __future__ import annotations

from pathlib import Path

import click

from tufkeep.ceremony.drive import Written, write_drive
from tufkeep.ceremony.drive_kind import FLASH, Kind
from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.options import passphrases
from tufkeep.cli.base.show import Line, Lines


@command("drive write", example="tufkeep drive write /media/backup1 --as root-backup")
@click.argument("dest", type=click.Path(path_type=Path, file_okay=False))
@click.option("--as", "kind", type=click.Choice([kind.value for kind in Kind]), required=True, help="What it is for.")
@click.option("--vouch", multiple=True, metavar="FILE", help="A file that only looks as if it contained a private key.")
@passphrases
def drive_write(app: App, *, dest: Path, kind: str, vouch: tuple[str, ...]) -> None:
    """Write a drive, read back what was written, and compare.

    root-backup carries every key and nothing else; repository carries repository/ and staged/ and never a key; signing
    carries repository/, staged/ and the targets, snapshot and timestamp keys, and never a root key: their files are
    opened to see what is in them.
    """
    with app.progress("writing") as progress:
        app.show(write_drive(app.workspace, dest, kind, tell=progress, vouched=vouch))


@show.text.register
def _(shown: Written) -> Lines:
    keys = f"keys {', '.join(shown.keys)}" if shown.keys else "no key"
    yield Line(f"wrote and read back {shown.files:,} files, {shown.length_bytes:,} bytes, {keys}", "good")
    for name in shown.kept:
        yield Line(f"keys/{name} was on the drive and is not here; it was not changed", "warning")
    if shown.keys:
        yield Line(FLASH, "quiet")
