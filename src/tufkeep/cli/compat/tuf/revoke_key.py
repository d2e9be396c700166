"""tuf revoke-key: a key leaves a role in the staged root."""

from __future__ import annotations

from tufkeep.cli.compat.go import GoError
from tufkeep.cli.compat.tuf.desk import Desk, default_expiry
from tufkeep.cli.compat.tuf.root_change import root_change, set_root_expiry
from tufkeep.metadata.quorum import root_quorums
from tufkeep.workspace import layout


def run(desk: Desk) -> None:
    """Revoke a key."""
    keyid = desk.line.text("<id>")
    wanted = desk.expires("root") if desk.line.text("--expires") else default_expiry("root", desk.now)
    if desk.role not in layout.ROLES:
        raise GoError(f"tuf: invalid role {desk.role}: only revocations for top-level roles supported")
    root = desk.state.current("root")
    if root is None or keyid not in root.signed.roles[desk.role].keyids:
        raise GoError(f'tuf: no key with id "{keyid}" exists for the {desk.role} role')
    with root_change(desk, "revoke-key") as edit:
        desk.choose("root")
        edit.revoke_key(desk.role, keyid)
        set_root_expiry(desk, edit, wanted)
    desk.say(f"Revoked {desk.role} key with ID {keyid} in root metadata")
    _tell_unfollowed(desk)


def _tell_unfollowed(desk: Desk) -> None:
    """Say so where clients of the committed root would not follow the staged one: go-tuf committed it all the same."""
    staged, committed = desk.state.staged("root"), desk.state.committed("root")
    if staged is None or committed is None or desk.role != "root":
        return
    older = root_quorums(staged, committed.signed)[0]
    if not older.reached:
        desk.warn(
            f"staged root.json has {len(older.signed)} of the {older.threshold} signatures that clients of "
            f"{older.delegator} ask for",
            hint="sign it with an old root key before you commit it, or delete one: tuf sign root.json",
        )
