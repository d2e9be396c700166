"""Lock a key file with another passphrase."""

from __future__ import annotations

import click

from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.new_keys import NewPassphrases, plaintext_allowed
from tufkeep.cli.base.options import passphrases


@command("key change-passphrase", example="tufkeep key change-passphrase root2.json")
@click.argument("file", metavar="FILE")
@plaintext_allowed
@passphrases
def key_change_passphrase(app: App, *, file: str, insecure_plaintext: bool, generate_passphrases: bool) -> None:
    """Seal a key file in keys/ with a new passphrase; at every instant it is the old file or the new one.

    Copies of the file elsewhere keep the old passphrase.
    """
    new = NewPassphrases(app, plaintext=insecure_plaintext, generated=generate_passphrases)
    name = app.workspace.change_passphrase(file, new_passphrase=new)
    app.say(f"keys/{name} has a new passphrase")
    new.finish()
