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
    from tufkeep.keys.naming import role_named
    from tufkeep.keys.passphrase import PassphraseRequest, Purpose

    name = file.removeprefix("keys/")
    name = name if name.endswith(".json") else f"{name}.json"
    new = NewPassphrases(app, plaintext=insecure_plaintext, generated=generate_passphrases)
    workspace = app.workspace
    with workspace.exclusive("key change-passphrase"):
        role = role_named(name, "key")
        workspace.keyring.unlock(name, role=role)
        passphrase = new(PassphraseRequest(role=role, file=name, purpose=Purpose.CHANGE))
        workspace.keyring.reseal(name, passphrase)
    app.say(f"keys/{name} has a new passphrase")
    new.finish()
