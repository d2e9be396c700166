"""What every change of the root has in common: who signs it, how long it lives, what it costs in signatures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tufkeep.cli.compat.tuf.desk import Desk, default_expiry
from tufkeep.workspace import Edit

if TYPE_CHECKING:
    from tufkeep.metadata.document import Document


@contextmanager
def root_change(desk: Desk, note: str) -> Iterator[Edit]:
    """Change the root in a block; what is lost by it is said afterwards.

    The signers are opened first, so that a passphrase that does not open them leaves everything as it was.
    """
    with desk.edit(note) as edit:
        before = desk.state.staged("root")
        if desk.state.current("root") is None:
            edit.start_root(consistent_snapshot=True)
            edit.set_expiry("root", default_expiry("root", desk.now))
        yield edit
    if before is not None:
        _tell_dropped(desk, before, edit.staged["root"])


def set_root_expiry(desk: Desk, edit: Edit, wanted: datetime) -> None:
    """Let the root end as was asked for, or as late as it does anyway.

    go-tuf lets it end with the default life of the new key's role: after one day, for a timestamp key.
    """
    current = desk.state.current("root")
    ends = current.expires if current is not None else default_expiry("root", desk.now)
    explicit = bool(desk.line.text("--expires"))
    edit.set_expiry("root", wanted if explicit else max(wanted, ends))
    if explicit and wanted < ends and current is not None:
        desk.warn(
            f"root.json ended on {ends:%Y-%m-%d} and ends on {wanted:%Y-%m-%d} now: --expires is about the root, "
            "not about the key",
            hint="without --expires it ends no earlier than before; tufkeep expire root DAYS changes it back",
        )


def _tell_dropped(desk: Desk, before: Document[Any], after: Document[Any]) -> None:
    """Name the signatures that the change made void, except those that were made anew."""
    if after.same_payload(before):
        return
    signed = {signature.keyid for signature in after.signatures}
    lost = sorted(signature.keyid[:8] for signature in before.signatures if signature.keyid not in signed)
    if lost:
        desk.warn(
            f"staged root.json is another one now, so {len(lost)} signature{'' if len(lost) == 1 else 's'} it had "
            f"went with the old one: {', '.join(lost)}",
            hint="whoever made them signs again, once all keys are in: tuf sign root.json",
        )
