"""tuf set-threshold: how many keys of a role must sign."""

from __future__ import annotations

from tufkeep.cli.compat.go import GoError, integer
from tufkeep.cli.compat.tuf.desk import Desk
from tufkeep.cli.compat.tuf.get_threshold import threshold
from tufkeep.cli.compat.tuf.root_change import root_change


def run(desk: Desk) -> None:
    """Set the threshold; the end of the root stays."""
    wanted = integer(desk.line.text("<threshold>"))
    before = threshold(desk)
    if wanted < 1:
        raise GoError(
            f"tuf: invalid role threshold {wanted} for {desk.role}: nobody would have to sign",
            hint="the lowest threshold is 1",
        )
    if wanted != before:
        _change(desk, wanted)
    desk.write(f"The threshold for {desk.role} role is now {wanted}")


def _change(desk: Desk, wanted: int) -> None:
    with root_change(desk, "set-threshold") as edit:
        desk.choose("root")
        ends = edit.root.expires
        edit.set_threshold(desk.role, wanted)
        edit.set_expiry("root", ends)
        keys = len(edit.root.roles[desk.role].keyids)
    if wanted > keys:
        desk.warn(
            f"{desk.role} has {keys} key{'' if keys == 1 else 's'} and {wanted} must sign: nothing can be committed so",
            hint=f"make more of them: tuf gen-key {desk.role}",
        )
