"""Take a key out of its role."""

from __future__ import annotations

import click

from tufkeep.cli import options
from tufkeep.cli.app import App
from tufkeep.cli.changing import change, commits
from tufkeep.cli.command import command
from tufkeep.cli.opening import passphrases


@command("key revoke", example="tufkeep key revoke targets 3f2a91c0")
@click.argument("role")
@click.argument("keyid", metavar="KEYID")
@commits
@passphrases
@options.dry_run
def key_revoke(app: App, *, role: str, keyid: str, commit: bool, dry_run: bool) -> None:
    """Stage a root that no longer trusts a key for a role; the first letters of its keyid are enough.

    Its private half stays where it is: a root key that leaves still has to sign the root that it leaves with.
    """
    with change(app, "key revoke", commit=commit, dry_run=dry_run) as edit:
        whole = edit.revoke_key(role, keyid)
        app.say(f"key {whole} leaves {role}")
