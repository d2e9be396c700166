"""Take in a public key that was made elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from tufkeep.cli.base import options, show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.changing import change, commits
from tufkeep.cli.base.command import command
from tufkeep.cli.base.options import passphrases
from tufkeep.cli.base.show import Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedKey:
    """A public key that the staged root trusts now."""

    keyid: str
    key_type: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What a file brought."""

    role: str
    imported: tuple[ImportedKey, ...]


@command(
    "key import", example="tufkeep key import releaser-2.pub --role targets\ntufkeep key import ana.json --role root"
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@click.option(
    "--role",
    required=True,
    type=click.Choice(["root", "targets", "snapshot", "timestamp"]),
    help="The role that the key is to sign for.",
)
@commits
@passphrases
@options.dry_run
def key_import(app: App, *, file: Path, role: str, commit: bool, dry_run: bool) -> None:
    """Stage a root that trusts a public key which was made elsewhere.

    FILE is a public key in PEM, a key in JSON as python-tuf and `tuf root-keys` write it, or a key file; of a key file
    only the public half is taken, for which an encrypted one must be opened. That somebody holds the private half is
    not proved by this: tufkeep request proves it.
    """
    from tufkeep.metadata.fingerprint import words_of

    with change(app, "key import", commit=commit, dry_run=dry_run) as workspace:
        added = workspace.import_key(role, file)
        app.show(
            Imported(
                role=role,
                imported=tuple(
                    ImportedKey(keyid=key.keyid, key_type=key.keytype, words=words_of(bytes.fromhex(key.keyid))[:8])
                    for key in added.keys
                ),
            )
        )
        app.show(added.staged)
    app.warn("compare the words with the person who made the key: nothing here proves that it is theirs")


@show.text.register
def _(shown: Imported) -> Lines:
    for key in shown.imported:
        yield f"takes in {key.key_type} key {key.keyid} for {shown.role}"
        yield f"  in words: {' '.join(key.words)}"
