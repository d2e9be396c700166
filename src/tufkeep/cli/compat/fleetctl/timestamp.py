"""fleetctl updates timestamp: a new timestamp, committed."""

from __future__ import annotations

from tufkeep.cli.compat.fleetctl.desk import Desk


def run(desk: Desk) -> None:
    """Make it; no other key is needed."""
    desk.require_repository()
    desk.choose("timestamp")
    with desk.workspace.exclusive("updates timestamp"):
        with desk.edit("updates timestamp", remake=("timestamp",)):
            pass
        desk.commit()
