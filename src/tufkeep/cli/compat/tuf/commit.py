"""tuf commit: what is staged becomes the repository."""

from __future__ import annotations

from tufkeep.cli.compat.tuf.checks import require_committable
from tufkeep.cli.compat.tuf.desk import Desk


def run(desk: Desk) -> None:
    """Check as go-tuf does, then prove that every client follows, then commit."""
    with desk.workspace.exclusive("commit"):
        require_committable(desk.state, now=desk.now)
        plan = desk.workspace.plan_commit(keep_unadded=True)
        desk.workspace.commit(plan)
    desk.say("Committed successfully")
    if plan.unadded:
        tell_unadded(desk, plan.unadded)


def tell_unadded(desk: Desk, paths: tuple[str, ...]) -> None:
    """Name the files that nobody added: go-tuf deletes them."""
    more = f" and {len(paths) - 1:,} more" if len(paths) > 1 else ""
    desk.warn(
        f"staged/targets/{paths[0]}{more} was never added, so it is not published; it was left where it is",
        hint=f"tuf add {paths[0]}, then tuf snapshot, tuf timestamp and tuf commit; tuf clean deletes what is staged",
    )
