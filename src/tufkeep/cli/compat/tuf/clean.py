"""tuf clean: the staged change is thrown away."""

from __future__ import annotations

from tufkeep.cli.compat.tuf.desk import Desk
from tufkeep.workspace import NeverCommitted, NotARepository


def run(desk: Desk) -> None:
    """Clean, but not where nothing was ever committed."""
    try:
        desk.workspace.clean()
    except (NeverCommitted, NotARepository):
        desk.tell("tuf: refusing to clean new repository")
        return
    desk.say("Removed all staged metadata and target files")
