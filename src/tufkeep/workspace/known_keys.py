"""The keys folder of a working directory, with what is remembered of the files in it.

Which keyids an encrypted file holds shows only when it is open. So that nobody is asked for a
passphrase to find out, public facts are kept: the sha256 of the file, and the keyids in it.
"""

from __future__ import annotations

import msgspec

from tufkeep.decoding import Undecodable, decode_json
from tufkeep.keys.keyring import Keyring
from tufkeep.stores import ObjectMissing, Store
from tufkeep.workspace import layout


def read_known_keys(store: Store) -> dict[str, tuple[str, ...]]:
    """Return the keyids in each key file that was ever opened here, by the sha256 of the file."""
    try:
        return decode_json(store.read(layout.KNOWN_KEYS), dict[str, tuple[str, ...]])
    except (ObjectMissing, Undecodable):
        return {}  # a note to spare questions; without it they are asked


def write_known_keys(store: Store, keyring: Keyring) -> None:
    """Add what the ring has learned; nothing is written when it learned nothing."""
    if keyring.learned:
        store.write(layout.KNOWN_KEYS, msgspec.json.encode({**read_known_keys(store), **keyring.learned}))
