"""tuf timestamp: the next one, of the snapshot as it is."""

from __future__ import annotations

from tuf.api.metadata import Timestamp

from tufkeep.cli.compat.go import spoken_time
from tufkeep.cli.compat.tuf.checks import require_verified
from tufkeep.cli.compat.tuf.desk import Desk
from tufkeep.cli.compat.tuf.targets_change import choose_signers


def run(desk: Desk) -> None:
    """Make a timestamp."""
    expires = desk.expires("timestamp")
    require_verified(desk.state, "snapshot", now=desk.now)
    with desk.edit("timestamp") as edit:
        choose_signers(desk, "timestamp")
        edit.models["timestamp"] = Timestamp(expires=expires)  # what it lists and its version follow
    desk.say(f"Staged timestamp.json metadata with expiration date: {spoken_time(expires)}")
