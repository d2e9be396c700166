"""Look at every file on a drive."""

from __future__ import annotations

from pathlib import Path

import click

from tufkeep.ceremony.drive import Checked, check_drive
from tufkeep.ceremony.drive_keys import root_keyids
from tufkeep.ceremony.drive_kind import Kind
from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.options import passphrases
from tufkeep.cli.base.show import Line, Lines


@command("drive check", example="tufkeep drive check /media/stick\ntufkeep drive check /media/stick --as repository")
@click.argument("dest", type=click.Path(path_type=Path, file_okay=False))
@click.option("--as", "kind", type=click.Choice([kind.value for kind in Kind]), help="What it should be [as it says].")
@click.option("--vouch", multiple=True, metavar="FILE", help="A file that only looks as if it contained a private key.")
@passphrases
def drive_check(app: App, *, dest: Path, kind: str | None, vouch: tuple[str, ...]) -> None:
    """Find private keys anywhere on a drive, whatever the files are called, in archives too.

    Which keys are root keys is known from the working directory, if there is one, and from the repository on the
    drive. The key files of a signing drive are opened: what is in an encrypted one, nothing else can say.
    """
    workspace = app.workspace
    roots = root_keyids(workspace) if workspace.state.exists else frozenset()
    app.show(check_drive(dest, kind, root_keyids=roots, vouched=vouch, passphrases=workspace.passphrases))


@show.text.register
def _(shown: Checked) -> Lines:
    keys = f"keys {', '.join(shown.keys)}" if shown.keys else "no private key"
    yield Line(f"a {shown.kind.value} drive: looked at {shown.files:,} files, {keys}", "good")
    for one in shown.unlooked:
        yield Line(f"{one.name}: {one.reason}, so its contents were not checked", "warning")
    for name in shown.foreign:
        yield Line(f"{name} does not belong on this drive", "warning")
