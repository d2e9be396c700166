"""Take in what was approved."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tufkeep.ceremony.accept import accept as accept_letters
from tufkeep.cli.base.app import App
from tufkeep.cli.base.changing import show_committed
from tufkeep.cli.base.command import command
from tufkeep.cli.base.options import passphrases
from tufkeep.cli.commands.request.letters import read_file
from tufkeep.cli.commands.request.reviewing import person_option, proposed


@command("accept", example="tufkeep accept /media/stick/tufkeep-approval.txt")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE...")
@person_option
@passphrases
def accept(app: App, *, files: tuple[Path, ...]) -> None:
    """Check an approval against the newest repository here, and commit it.

    What must be signed anew under the new root is signed with the keys in keys/. Several approvals of the same root,
    signed apart, are put together.
    """
    workspace = app.workspace
    accepted = accept_letters(workspace, [read_file(path) for path in files])
    app.show(proposed(accepted.proposal))
    if accepted.plan is None:
        app.say(f"root v{accepted.proposal.root.version} was accepted before: nothing changed")
        return
    show_committed(app, workspace, accepted.plan, dry_run=False)
    for keyid, owner in sorted(accepted.proposal.letter.request.owners.items()):
        if workspace.policy.owner(keyid) is None:
            line = f'"{keyid[:16]}" = {json.dumps(owner)}'
            app.say(f"to have {keyid[:8]} called by its owner, put under [owners] in tufkeep.toml: {line}")
