"""Replace all keys of a role."""

from __future__ import annotations

import click

from tufkeep.ceremony.rotate import OthersWouldLeave, Rotated
from tufkeep.ceremony.rotate import rotate as rotate_keys
from tufkeep.cli.base import options, show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.new_keys import plaintext_allowed
from tufkeep.cli.base.offline import offline
from tufkeep.cli.base.options import passphrases
from tufkeep.cli.base.show import Line, Lines
from tufkeep.cli.commands.make.guided import new_passphrases


@command("rotate", example="tufkeep rotate root --ceremony\ntufkeep rotate timestamp --keys 2")
@click.argument("role", type=click.Choice(["root", "targets", "snapshot", "timestamp"]))
@click.option("--keys", type=click.IntRange(1, 64), metavar="N", help="How many new keys [as many as there are].")
@click.option("--key-type", type=click.Choice(["ed25519", "ecdsa-sha2-nistp256", "rsa"]), default="ed25519")
@click.option("--one-step", is_flag=True, help="One commit instead of two, signed by old and new keys together.")
@click.option("--ceremony", is_flag=True, help="Be guided: look at the machine, then one passphrase after the other.")
@plaintext_allowed
@offline
@passphrases
@options.dry_run
def rotate(
    app: App,
    *,
    role: str,
    keys: int | None,
    key_type: str,
    one_step: bool,
    ceremony: bool,
    insecure_plaintext: bool,
    generate_passphrases: bool,
    dry_run: bool,
) -> None:
    """Replace all keys of a role, in two commits that every agent can follow.

    The first trusts the new keys beside the old ones, the second the new ones alone. The old private keys stay in
    keys/ until you remove them. A key that is not here, such as a colleague's, is named before it is replaced, too.
    Interrupted anywhere, the same command goes on.
    """
    new = new_passphrases(
        app, ceremony=ceremony, plaintext=insecure_plaintext, generated=generate_passphrases, dry_run=dry_run
    )
    with app.real_or_trial(dry_run=dry_run) as workspace:

        def rotated(*, others_leave: bool) -> Rotated:
            return rotate_keys(
                workspace,
                role,
                new_passphrase=new,
                keys=keys,
                keytype=key_type,
                one_step=one_step,
                others_leave=others_leave,
                tell=app.say,
            )

        try:
            app.show(rotated(others_leave=app.choices.yes))
        except OthersWouldLeave as others:
            if not app.terminal.here:
                raise
            app.confirm(f"The {others}; whoever has it can sign for {role} no more. Replace it?")
            app.show(rotated(others_leave=True))
    new.finish()


@show.text.register
def _(shown: Rotated) -> Lines:
    if shown.role == "root" and not shown.unsigned:
        yield f"all {len(shown.new)} keys of root have signed root v{shown.last_root}"
    for keyid in shown.unsigned:
        yield Line(f"root key {keyid[:8]} has not signed root v{shown.last_root}", "warning")
    old = f"{len(shown.old)} {shown.role} keys" if len(shown.old) > 1 else f"1 {shown.role} key"
    new = f"{len(shown.new)} new ones" if len(shown.new) > 1 else "a new one"
    both = f"root v{shown.first_root} trusts old and new keys, " if shown.first_root != shown.last_root else ""
    yield Line(
        f"replaced {old} by {new}: {both}root v{shown.last_root} trusts only the new ones",
        "good",
    )
