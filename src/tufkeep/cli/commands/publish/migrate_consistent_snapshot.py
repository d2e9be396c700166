"""Switch consistent snapshots on."""

from __future__ import annotations

from tufkeep.cli.base import options
from tufkeep.cli.base.app import App
from tufkeep.cli.base.changing import change, commits
from tufkeep.cli.base.command import command
from tufkeep.cli.base.options import passphrases
from tufkeep.workspace.outcome import Staged


@command(
    "migrate consistent-snapshot",
    example="tufkeep migrate consistent-snapshot\ntufkeep commit\ntufkeep push staging",
)
@commits
@passphrases
@options.dry_run
def migrate_consistent_snapshot(app: App, *, commit: bool, dry_run: bool) -> None:
    """Switch consistent snapshots on, by one new root version.

    Every artifact gets a name with its hash and every metadata file one with its version, beside the plain names. From
    then on nothing that agents read is ever written over but timestamp.json, and a push has no window in which they
    could see a mixture. Agents on go-tuf v0.5.2 follow.
    """
    from tufkeep.publish.migrate import stage_consistent_snapshot

    with change(app, "migrate consistent-snapshot", commit=commit, dry_run=dry_run) as workspace:
        stage_consistent_snapshot(workspace)
        app.show(Staged.of(workspace.state.staged_documents, workspace.state))
