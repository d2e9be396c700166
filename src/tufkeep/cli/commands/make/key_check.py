"""Prove that a backup of keys is one."""

from __future__ import annotations

from pathlib import Path

import click

from tufkeep.ceremony.key_check import BackupFaulty, KeyCheck, check_keys
from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.options import passphrases
from tufkeep.cli.base.show import Line, Lines


@command("key check", example="tufkeep key check /media/backup1/keys")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True), metavar="DIR")
@passphrases
def key_check(app: App, *, folder: Path) -> None:
    """Unlock every key file in a folder, let each key sign, and compare it with root; nothing there is touched.

    The date is remembered, and status warns when the last check of a root key is too long ago.
    """
    workspace = app.workspace
    checked = check_keys(workspace, app.open_workspace(keys=folder).keyring)
    app.show(checked)
    if checked.faulty:
        raise BackupFaulty(checked.faulty)


@show.text.register
def _(shown: KeyCheck) -> Lines:
    for file in shown.files:
        if file.fault:
            yield Line(f"{file.name}: {file.fault}", "bad")
        for key in file.keys:
            roles = f"{' and '.join(key.roles)} key" if key.roles else "key that root does not list"
            yield Line(f"{file.name}: {roles} {key.keyid[:8]} unlocks and signs", "good" if key.roles else "warning")
    for keyid in shown.absent:
        yield Line(f"root key {keyid[:8]} is in none of these files", "warning")
    if not shown.files:
        yield Line("there is no key file in this folder", "warning")
