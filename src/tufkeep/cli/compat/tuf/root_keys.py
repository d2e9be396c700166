"""tuf root-keys: the public root keys as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tufkeep.cli.compat.tuf.desk import Desk

if TYPE_CHECKING:
    from securesystemslib.signer import Key

_ORDER = ("keytype", "scheme", "keyid_hash_algorithms", "keyval")


def run(desk: Desk) -> None:
    """Print them."""
    root = desk.state.current("root")
    keyids = root.signed.roles["root"].keyids if root is not None else []
    keys = [_entry(root.signed.keys[keyid]) for keyid in keyids if keyid in root.signed.keys] if root else []
    desk.tell("The resulting JSON should be distributed to clients for performing initial updates:\n")
    desk.say(json.dumps(keys or None, separators=(",", ":"), ensure_ascii=False))


def _entry(key: Key) -> dict[str, Any]:
    found = key.to_dict()
    return {name: found[name] for name in _ORDER if name in found}
