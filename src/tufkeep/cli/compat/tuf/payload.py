"""tuf payload: the bytes that are signed."""

from __future__ import annotations

from tufkeep.cli.compat.tuf.desk import Desk


def run(desk: Desk) -> None:
    """Print them, with no new line after them."""
    desk.write(desk.document(desk.line.text("<metadata>")).payload.decode())
