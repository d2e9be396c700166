"""When each key was last seen to be as good as it should be: it unlocked, then signed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from tufkeep.decoding import Undecodable, decode_json
from tufkeep.stores import ObjectMissing, Store
from tufkeep.workspace import layout
from tufkeep.workspace.record import RecordBroken

if TYPE_CHECKING:
    from tufkeep.workspace.working_directory import WorkingDirectory


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueCheck:
    """A root key that nobody has tried for longer than the policy allows."""

    keyid: str
    checked: datetime | None  # None for never, as far as is known here

    @property
    def sentence(self) -> str:
        if self.checked is None:
            return f"no backup of root key {self.keyid[:8]} was ever proved to work here"
        return f"root key {self.keyid[:8]} was last proved to work on {self.checked:%Y-%m-%d}"


def last_checks(store: Store) -> dict[str, datetime]:
    """Return when each key was last seen to unlock and sign, by keyid."""
    try:
        noted = decode_json(store.read(layout.KEY_CHECKS), dict[str, datetime])
    except (ObjectMissing, Undecodable):
        return {}
    return {keyid: when.astimezone(UTC) for keyid, when in noted.items()}


def remember_checks(store: Store, keyids: Collection[str], now: datetime) -> None:
    """Note that keys were seen to unlock and sign now."""
    if keyids:
        store.write(layout.KEY_CHECKS, msgspec.json.encode(last_checks(store) | dict.fromkeys(keyids, now)))


def overdue_checks(workspace: WorkingDirectory) -> tuple[OverdueCheck, ...]:
    """Return the committed root keys whose last check lies further back than the policy's `key_check_days`.

    A key that was never checked counts from the commit that brought it, as the record tells; where
    there is no record nobody knows how old it is, and nothing is said.
    """
    root = workspace.state.committed("root")
    if root is None or not workspace.policy.key_check_days:
        return ()
    checked, brought = last_checks(workspace.store), _brought(workspace)
    latest = workspace.clock() - timedelta(days=workspace.policy.key_check_days)
    keyids = root.signed.roles["root"].keyids
    return tuple(
        OverdueCheck(keyid=keyid, checked=checked.get(keyid))
        for keyid in keyids
        if (since := checked.get(keyid) or brought.get(keyid)) is not None and since < latest
    )


def _brought(workspace: WorkingDirectory) -> dict[str, datetime]:
    """Return when each root key was first listed by a root that was committed here, as far as the record tells."""
    versions = _committed(workspace)
    found: dict[str, datetime] = {}
    for version, root in sorted(workspace.state.roots.items()):
        for keyid in root.signed.roles["root"].keyids:
            if version in versions:
                found.setdefault(keyid, versions[version])
    return found


def _committed(workspace: WorkingDirectory) -> dict[int, datetime]:
    try:
        entries = [line.entry for line in workspace.record.read()]
    except RecordBroken:
        return {}
    found: dict[int, datetime] = {}
    for entry in entries:
        if "root" in entry.after:
            found.setdefault(entry.after["root"].version, datetime.fromisoformat(entry.when))
    return found
