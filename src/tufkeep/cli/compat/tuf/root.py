"""tuf init, set-threshold, get-threshold; and what every change of the root has in common."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tufkeep.cli.compat.go import GoError, integer
from tufkeep.cli.compat.tuf.session import TufSession, default_expiry
from tufkeep.workspace import Edit, layout

if TYPE_CHECKING:
    from tufkeep.metadata.document import Document


def init(session: TufSession) -> None:
    """Stage a repository without keys, where there is none: go-tuf overwrites one whose targets are empty."""
    begun = session.state.current("root")
    if session.state.committed("root") is not None:
        raise GoError(
            "tuf: repository already initialized", hint="begin the new one in another folder: tuf -d DIR init"
        )
    if begun is not None and begun.signed.keys:
        raise GoError(
            "tuf: repository already initialized",
            hint="its staged root has keys, which another init would forget; go on with tuf gen-key",
        )
    with session.edit("init") as edit:
        edit.start(consistent_snapshot=session.line.text("--consistent-snapshot") != "false")
        for role in ("root", "targets"):
            edit.set_expiry(role, default_expiry(role, session.now))
    session.print("Repository initialized")


def get_threshold(session: TufSession) -> None:
    """Print how many keys of a role must sign, with no newline after it."""
    session.write(f"The threshold for {session.role} role is {_threshold(session)}")


def set_threshold(session: TufSession) -> None:
    """Set how many keys of a role must sign; the expiry of the root stays."""
    wanted = integer(session.line.text("<threshold>"))
    before = _threshold(session)
    if wanted < 1:
        raise GoError(
            f"tuf: invalid role threshold {wanted} for {session.role}: no signature would be needed",
            hint="the lowest threshold is 1",
        )
    if wanted != before:
        _change_threshold(session, wanted)
    session.write(f"The threshold for {session.role} role is now {wanted}")


@contextmanager
def root_change(session: TufSession, note: str) -> Iterator[Edit]:
    """Change the root in a block; afterwards, warn of the signatures that the change made invalid.

    The signers are opened first, so that a wrong passphrase leaves everything as it was.
    """
    with session.edit(note) as edit:
        before = session.state.staged("root")
        if session.state.current("root") is None:
            edit.start_root(consistent_snapshot=True)
            edit.set_expiry("root", default_expiry("root", session.now))
        yield edit
    if before is not None:
        _warn_of_lost_signatures(session, before, edit.staged["root"])


def set_root_expiry(session: TufSession, edit: Edit, wanted: datetime) -> None:
    """Set the expiry of the root as --expires asks; without it, the root expires no earlier than before.

    go-tuf takes the default of the new key's role: one day, for a timestamp key.
    """
    current = session.state.current("root")
    expires = current.expires if current is not None else default_expiry("root", session.now)
    explicit = bool(session.line.text("--expires"))
    edit.set_expiry("root", wanted if explicit else max(wanted, expires))
    if explicit and wanted < expires and current is not None:
        session.warn(
            f"root.json expired on {expires:%Y-%m-%d}, and now expires on {wanted:%Y-%m-%d}: --expires is about the "
            "root, not about the key",
            hint="without --expires it expires no earlier than before; tufkeep expire root DAYS changes it back",
        )


def _threshold(session: TufSession) -> int:
    """Return the threshold of the <role>.

    Raises:
        GoError: it is no top-level role, or no key was made for it yet.
    """
    role = session.role
    if role not in layout.ROLES:
        raise GoError(f"tuf: invalid role {role}: only thresholds for top-level roles supported")
    root = session.state.current("root")
    if root is None or (not root.signed.roles[role].keyids and session.state.committed("root") is None):
        raise GoError(f"tuf: invalid role {role}: role missing from root metadata")
    return int(root.signed.roles[role].threshold)


def _change_threshold(session: TufSession, wanted: int) -> None:
    role = session.role
    with root_change(session, "set-threshold") as edit:
        session.choose("root")
        expires = edit.root.expires
        edit.set_threshold(role, wanted)
        edit.set_expiry("root", expires)
        keys = len(edit.root.roles[role].keyids)
    if wanted > keys:
        session.warn(
            f"{role} has {keys} key{'' if keys == 1 else 's'} and {wanted} must sign: nothing can be committed",
            hint=f"make more of them: tuf gen-key {role}",
        )


def _warn_of_lost_signatures(session: TufSession, before: Document[Any], after: Document[Any]) -> None:
    """Name the signatures that the change made invalid, except those that were made anew."""
    if after.same_payload(before):
        return
    signed = {signature.keyid for signature in after.signatures}
    lost = sorted(signature.keyid[:8] for signature in before.signatures if signature.keyid not in signed)
    if lost:
        session.warn(
            f"staged root.json has changed: {len(lost)} of its signatures {'is' if len(lost) == 1 else 'are'} no "
            f"longer valid and {'was' if len(lost) == 1 else 'were'} removed: {', '.join(lost)}",
            hint="once all keys are added, sign again with each of these keys: tuf sign root.json",
        )
