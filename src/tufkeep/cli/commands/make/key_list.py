"""List the keys."""

from __future__ import annotations

from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.show import Line, Lines, columns
from tufkeep.workspace.key_list import KeyList


@command("key list", example="tufkeep key list")
def key_list(app: App) -> None:
    """List the keys that root trusts, their roles and owners, and which of the private halves are in keys/."""
    app.show(app.workspace.keys())


@show.text.register
def _(shown: KeyList) -> Lines:
    yield from columns(
        (
            row.role,
            row.keyid[:16],
            row.key_type,
            row.owner or "-",
            f"keys/{row.file}" if row.file else "-",
            f"staged: {row.staged}" if row.staged else "",
        )
        for row in shown.keys
    )
    for name in shown.unseen:
        yield Line(f"keys/{name} is encrypted and was never opened here, so what it contains is unknown", "quiet")
    for name in shown.strangers:
        yield Line(f"keys/{name} contains a key that root does not list", "warning")
