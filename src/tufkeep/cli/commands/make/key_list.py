"""List the keys."""

from __future__ import annotations

from dataclasses import dataclass

from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.show import Line, Lines, columns


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedKey:
    """One key that root trusts, or will once the staged root is committed."""

    role: str
    keyid: str
    key_type: str
    owner: str | None
    file: str | None  # of the private half, where it is known to be here
    staged: str  # "added" or "revoked" by the staged root, else empty


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyList:
    """The keys of a repository, and the key files that lie here."""

    keys: tuple[ListedKey, ...]
    unseen: tuple[str, ...]  # encrypted key files that nobody has opened here yet
    strangers: tuple[str, ...]  # key files with keys that root does not list


@command("key list", example="tufkeep key list")
def key_list(app: App) -> None:
    """List the keys that root trusts, their roles and owners, and which of the private halves are in keys/."""
    workspace = app.workspace
    files = workspace.keyring.files()
    here = {keyid: info.name for info in files for keyid in info.keyids or ()}
    committed, current = workspace.state.committed("root"), workspace.state.root
    old, new = committed.signed if committed is not None else current.signed, current.signed
    rows = []
    for role in ("root", "targets", "snapshot", "timestamp"):
        before = list(old.roles[role].keyids)
        for keyid in dict.fromkeys(before + new.roles[role].keyids):
            key = new.keys.get(keyid) or old.keys.get(keyid)
            was, is_ = keyid in before, keyid in new.roles[role].keyids
            rows.append(
                ListedKey(
                    role=role,
                    keyid=keyid,
                    key_type=key.keytype if key is not None else "unknown",
                    owner=workspace.policy.owner(keyid),
                    file=here.get(keyid),
                    staged="" if was and is_ else "added" if is_ else "revoked",
                )
            )
    listed = {row.keyid for row in rows}
    app.show(
        KeyList(
            keys=tuple(rows),
            unseen=tuple(info.name for info in files if info.keyids is None and info.fault is None),
            strangers=tuple(info.name for info in files if info.keyids and listed.isdisjoint(info.keyids)),
        )
    )


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
