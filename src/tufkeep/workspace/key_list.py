"""The keys of a repository: which roles list them, who has them, which are here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tufkeep.workspace import layout
from tufkeep.workspace.working_directory import WorkingDirectory


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
    """The keys of a repository, and the key files that are here."""

    keys: tuple[ListedKey, ...]
    unseen: tuple[str, ...]  # encrypted key files that were never opened here
    strangers: tuple[str, ...]  # key files with keys that root does not list


def key_list(workspace: WorkingDirectory) -> KeyList:
    """Return the keys that root trusts, or will once the staged root is committed, with what is known of each."""
    files = workspace.keyring.files()
    rows = tuple(_rows(workspace, {keyid: info.name for info in files for keyid in info.keyids or ()}))
    listed = {row.keyid for row in rows}
    return KeyList(
        keys=rows,
        unseen=tuple(info.name for info in files if info.keyids is None and info.fault is None),
        strangers=tuple(info.name for info in files if info.keyids and listed.isdisjoint(info.keyids)),
    )


def _rows(workspace: WorkingDirectory, here: dict[str, str]) -> Iterator[ListedKey]:
    committed, current = workspace.state.committed("root"), workspace.state.root
    old, new = committed.signed if committed is not None else current.signed, current.signed
    for role in layout.ROLES:
        before = list(old.roles[role].keyids)
        for keyid in dict.fromkeys(before + new.roles[role].keyids):
            key = new.keys.get(keyid) or old.keys.get(keyid)
            was, is_ = keyid in before, keyid in new.roles[role].keyids
            yield ListedKey(
                role=role,
                keyid=keyid,
                key_type=key.keytype if key is not None else "unknown",
                owner=workspace.policy.owner(keyid),
                file=here.get(keyid),
                staged="" if was and is_ else "added" if is_ else "revoked",
            )
