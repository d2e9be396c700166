"""Look whether this machine is fit for root keys."""

from __future__ import annotations

from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.offline import require_fit


@command("ceremony check", example="tufkeep ceremony check\ntufkeep ceremony check --dir /media/work")
def ceremony_check(app: App) -> None:
    """Look whether this machine is fit for root keys; change nothing.

    Looked at are networks, swap, the clock, the room and the kind of place where keys would be written. What says stop
    is an error; init, key new, rotate and sign stop on it, too, when they are given --offline.
    """
    require_fit(app, risk=None)
