"""Make a new repository."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import click

from tufkeep.cli.base import options, show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.new_keys import plaintext_allowed
from tufkeep.cli.base.offline import offline
from tufkeep.cli.base.options import passphrases
from tufkeep.cli.base.show import Line, Lines
from tufkeep.cli.commands.make.guided import ask_root_keys, new_passphrases, tell_fingerprint
from tufkeep.workspace.create import Created, blueprint, create


@dataclass(frozen=True, slots=True, kw_only=True)
class InitialKey:
    """One key that was made."""

    role: str
    keyid: str
    file: str
    words: str  # the keyid, to be read aloud


@dataclass(frozen=True, slots=True, kw_only=True)
class Initialised:
    """A repository that was made."""

    keys: tuple[InitialKey, ...]
    root_threshold: int
    versions: Mapping[str, int]


@command(
    "init",
    example="tufkeep init --root-keys 3\ntufkeep init --ceremony --dir /media/work/updates\n"
    "tufkeep init --generate-passphrases --dir updates",
)
@click.option("--root-keys", type=click.IntRange(1, 64), metavar="N", help="How many root keys to make [1].")
@click.option(
    "--root-threshold",
    type=click.IntRange(1, 64),
    metavar="M",
    help="How many of them must sign [2 of three or more, else 1].",
)
@click.option("--no-consistent-snapshot", is_flag=True, help="Serve plain file names only, as fleetctl does.")
@click.option("--expires", multiple=True, metavar="ROLE=DAYS", help="How long a role's first version is valid.")
@click.option(
    "--key-type", type=click.Choice(["ed25519", "ecdsa-sha2-nistp256", "rsa"]), help="Kind of keys [ed25519]."
)
@click.option("--ceremony", is_flag=True, help="Be guided: look at the machine, then one passphrase after the other.")
@plaintext_allowed
@offline
@passphrases
@options.dry_run
def init(
    app: App,
    *,
    root_keys: int | None,
    root_threshold: int | None,
    no_consistent_snapshot: bool,
    expires: tuple[str, ...],
    key_type: str | None,
    ceremony: bool,
    insecure_plaintext: bool,
    generate_passphrases: bool,
    dry_run: bool,
) -> None:
    """Make a new repository: keys, metadata, everything signed, proved and committed.

    Each key gets a file of its own with a passphrase of its own. Interrupted anywhere, the same command goes on.
    """
    new = new_passphrases(
        app, ceremony=ceremony, plaintext=insecure_plaintext, generated=generate_passphrases, dry_run=dry_run
    )
    with app.real_or_trial(dry_run=dry_run) as workspace:
        if ceremony and (answer := ask_root_keys(app, workspace, root_keys, root_threshold)) is not None:
            root_keys, root_threshold = answer
        wanted = blueprint(
            root_keys=root_keys,
            root_threshold=root_threshold,
            consistent_snapshot=False if no_consistent_snapshot else None,
            key_type=key_type,
            days=dict(_days(entry) for entry in expires),
        )
        created = create(workspace, wanted, new_passphrase=new)
        app.show(_told(created))
        new.finish()
        if ceremony:
            tell_fingerprint(app, workspace)
    if len(created.keys["root"]) == 1:
        app.warn(
            "there is only one root key: if it is lost, no key can ever be changed again; see tufkeep key new root"
        )


def _told(created: Created) -> Initialised:
    return Initialised(
        keys=tuple(
            InitialKey(role=role, keyid=keyid, file=created.files.get(keyid, ""), words=_words(keyid))
            for role, keyids in created.keys.items()
            for keyid in keyids
        ),
        root_threshold=created.root_threshold,
        versions=created.versions,
    )


def _words(keyid: str) -> str:
    from tufkeep.metadata.fingerprint import words_of

    return " ".join(words_of(bytes.fromhex(keyid))[:8])


def _days(entry: str) -> tuple[str, int]:
    role, _, days = entry.partition("=")
    if role not in ("root", "targets", "snapshot", "timestamp") or not days.isdecimal() or not 1 <= int(days) <= 36_500:
        raise click.BadParameter(
            f"{entry!r} is not a role and a number of days, such as root=365", param_hint="--expires"
        )
    return role, int(days)


@show.text.register
def _(shown: Initialised) -> Lines:
    for key in shown.keys:
        yield f"made {key.role} key {key.keyid[:8]} in keys/{key.file}: {key.words}"
    roots = sum(key.role == "root" for key in shown.keys)
    yield Line(
        f"repository created: root v{shown.versions['root']}, {shown.root_threshold} of {roots} root keys must sign",
        "good",
    )
