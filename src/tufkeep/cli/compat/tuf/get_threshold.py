"""tuf get-threshold: how many keys of a role must sign."""

from __future__ import annotations

from tufkeep.cli.compat.go import GoError
from tufkeep.cli.compat.tuf.desk import Desk
from tufkeep.workspace import layout


def run(desk: Desk) -> None:
    """Print the threshold, with no new line after it."""
    desk.write(f"The threshold for {desk.role} role is {threshold(desk)}")


def threshold(desk: Desk) -> int:
    """Return the threshold of the <role>.

    Raises:
        GoError: it is no top-level role, or nobody has made a key for it yet.
    """
    if desk.role not in layout.ROLES:
        raise GoError(f"tuf: invalid role {desk.role}: only thresholds for top-level roles supported")
    root = desk.state.current("root")
    if root is None or (not root.signed.roles[desk.role].keyids and desk.state.committed("root") is None):
        raise GoError(f"tuf: invalid role {desk.role}: role missing from root metadata")
    return int(root.signed.roles[desk.role].threshold)
