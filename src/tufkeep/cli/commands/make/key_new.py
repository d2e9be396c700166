"""Make a key for a role."""

from __future__ import annotations

from dataclasses import dataclass

import click

from tufkeep.cli.base import options, show
from tufkeep.cli.base.app import FORGOTTEN, App
from tufkeep.cli.base.changing import change, commits
from tufkeep.cli.base.command import command
from tufkeep.cli.base.new_keys import NewPassphrases, plaintext_allowed
from tufkeep.cli.base.offline import offline
from tufkeep.cli.base.options import passphrases
from tufkeep.cli.base.show import Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A key that was made."""

    role: str
    keyid: str
    file: str
    words: tuple[str, ...]  # the beginning of the keyid, to be read aloud


@command("key new", example="tufkeep key new root\ntufkeep key new targets --generate-passphrases")
@click.argument("role", type=click.Choice(["root", "targets", "snapshot", "timestamp"]))
@click.option("--key-type", type=click.Choice(["ed25519", "ecdsa-sha2-nistp256", "rsa"]), default="ed25519")
@plaintext_allowed
@commits
@offline
@passphrases
@options.dry_run
def key_new(
    app: App,
    *,
    role: str,
    key_type: str,
    insecure_plaintext: bool,
    generate_passphrases: bool,
    commit: bool,
    dry_run: bool,
) -> None:
    """Make a key for a role, in a file of its own, and stage a root that trusts it.

    The file is written before anything refers to it. Where no root key is at hand, the staged root waits for the
    signatures of those who have one.
    """
    from tufkeep.metadata.fingerprint import words_of

    new = NewPassphrases(app, plaintext=insecure_plaintext, generated=generate_passphrases, dry_run=dry_run)
    with change(app, "key new", commit=commit, dry_run=dry_run) as workspace:
        added = workspace.new_key(role, key_type=key_type, new_passphrase=new)
        (key,) = added.keys
        words = words_of(bytes.fromhex(key.keyid))[:8]
        app.show(Made(role=role, keyid=key.keyid, file=added.file or "", words=words))
        app.show(added.staged)
    new.finish()
    if dry_run:
        app.say(FORGOTTEN)


@show.text.register
def _(shown: Made) -> Lines:
    yield f"made {shown.role} key {shown.keyid} in keys/{shown.file}"
    yield f"  in words: {' '.join(shown.words)}"
