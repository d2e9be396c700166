"""fleetctl updates roots: the root metadata, for packages to trust."""

from __future__ import annotations

from tufkeep.cli.compat.fleetctl.desk import Desk
from tufkeep.cli.compat.go import GoError


def run(desk: Desk) -> None:
    """Print root.json: the staged one where there is one, as the original does."""
    root = desk.state.current("root")
    if root is None:
        raise GoError("missing root metadata", hint="make a repository: fleetctl updates init")
    desk.say(root.data.decode())
    if desk.state.staged("root") is not None:
        desk.warn(
            f"this is the staged root v{root.version}, which is not published yet",
            hint="commit it first, or print repository/root.json",
        )
