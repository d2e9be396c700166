"""tuf snapshot: the next one, of the targets as they are."""

from __future__ import annotations

from tuf.api.metadata import Snapshot

from tufkeep.cli.compat.go import spoken_time
from tufkeep.cli.compat.tuf.checks import require_verified
from tufkeep.cli.compat.tuf.desk import Desk
from tufkeep.cli.compat.tuf.targets_change import choose_signers


def run(desk: Desk) -> None:
    """Make a snapshot."""
    expires = desk.expires("snapshot")
    for role in ("root", "targets"):
        require_verified(desk.state, role, now=desk.now)
    with desk.edit("snapshot") as edit:
        choose_signers(desk, "snapshot")
        edit.models["snapshot"] = Snapshot(expires=expires)  # what it lists and its version follow
    desk.say(f"Staged snapshot.json metadata with expiration date: {spoken_time(expires)}")
