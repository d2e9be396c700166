"""Take a key out of its role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from tufkeep.ceremony.compromise import Harm, Revoked
from tufkeep.cli.base import options, show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.changing import change, commits
from tufkeep.cli.base.command import command
from tufkeep.cli.base.new_keys import NewPassphrases, plaintext_allowed
from tufkeep.cli.base.options import passphrases
from tufkeep.cli.base.show import Line, Lines

if TYPE_CHECKING:
    from tufkeep.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Stolen:
    """A key that somebody else has, with what it lets them do."""

    stolen: str  # keyid
    harms: tuple[Harm, ...]


@command(
    "key revoke",
    example="tufkeep key revoke targets 3f2a91c0\ntufkeep key revoke timestamp 3f2a91c0 --compromised --yes",
)
@click.argument("role")
@click.argument("keyid", metavar="KEYID")
@click.option("--compromised", is_flag=True, help="Somebody else has the key: replace it at once, in every role.")
@plaintext_allowed
@commits
@passphrases
@options.dry_run
def key_revoke(
    app: App,
    *,
    role: str,
    keyid: str,
    compromised: bool,
    insecure_plaintext: bool,
    generate_passphrases: bool,
    commit: bool,
    dry_run: bool,
) -> None:
    """Stage a root that no longer trusts a key for a role; the first letters of its keyid are enough.

    Its private half stays where it is: a root key that leaves still has to sign the root that it leaves with.

    With --compromised you are told what the thief can do. Then one commit takes the key out of every role, puts a new
    one in its place and signs anew what it had signed. Publish it at once. Where the key alone could sign, agents then
    forget the versions they had, so that a version somebody raised beyond reach does not lock them out.
    """
    if compromised:
        new = NewPassphrases(app, plaintext=insecure_plaintext, generated=generate_passphrases)
        _revoke_stolen(app, app.workspace, role, keyid, new, dry_run=dry_run)
        return
    with change(app, "key revoke", commit=commit, dry_run=dry_run) as workspace:
        revoked = workspace.revoke_key(role, keyid)
        app.say(f"key {revoked.keyid} leaves {role}")
        app.show(revoked.staged)


def _revoke_stolen(
    app: App, workspace: Workspace, role: str, start: str, new: NewPassphrases, *, dry_run: bool
) -> None:
    from tufkeep.ceremony.compromise import already_revoked, harms, revoke_compromised

    if (before := already_revoked(workspace, role, start)) is not None:
        app.show(before)
        return
    keyid, found = harms(workspace, role, start)
    app.show(Stolen(stolen=keyid, harms=found))
    if dry_run:
        return
    app.confirm(f"revoke {keyid[:8]} and replace it now?")
    app.show(revoke_compromised(workspace, role, start, new_passphrase=new, tell=app.say))
    new.finish()


@show.text.register
def _(shown: Stolen) -> Lines:
    yield Line(f"who has key {shown.stolen}:", "title")
    for harm in shown.harms:
        yield Line(f"{harm.role}: {harm.sentence}", "warning" if harm.alone else "plain")
        if harm.signed:
            yield f"  its signature is under {', '.join(harm.signed)}, which is signed anew"
    yield "keys that lay beside it are stolen too: revoke each of them in the same way"


@show.text.register
def _(shown: Revoked) -> Lines:
    for role in shown.roles:
        new = f", {shown.new[role][:8]} is in" if role in shown.new else ""
        yield Line(f"{role}: {shown.keyid[:8]} is out{new}, from root v{shown.root}", "good")
    if shown.forgotten:
        yield f"agents forget the versions they had of {', '.join(shown.forgotten)}, however high they were"
    yield "publish it now: tufkeep push REMOTE; then look at every target: tufkeep verify"
