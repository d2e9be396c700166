"""Keys that an operation makes: each in a file of its own before the next step, found again when it goes on."""

from __future__ import annotations

from collections.abc import Callable, Collection

from tufkeep.errors import PersonNeeded
from tufkeep.keys.keyring import Keyring
from tufkeep.keys.passphrase import Passphrase, PassphraseRequest, Purpose
from tufkeep.keys.private import PrivateKey, generate
from tufkeep.workspace.working_directory import WorkingDirectory

NewPassphrase = Callable[[PassphraseRequest], Passphrase | None]  # None keeps the key in plain text


class NewKeyMissing(PersonNeeded):
    """A key that an unfinished operation has made is not in keys/, or its file stays closed."""

    exit_code = 43

    def __init__(self, role: str, keyid: str):
        super().__init__(f"the new {role} key {keyid[:8]}, which was made for this, is in no file of keys/ that opens")
        self.role, self.keyid = role, keyid


def make_key(
    workspace: WorkingDirectory, role: str, keytype: str, new_passphrase: NewPassphrase, tell: Callable[[str], None]
) -> str:
    """Make a key for a role, in a file of its own; return its keyid."""
    key, ring = generate(keytype), workspace.keyring
    name = ring.next_name(role)
    request = PassphraseRequest(role=role, file=name, purpose=Purpose.NEW)
    ring.add(key, role=role, passphrase=new_passphrase(request))
    tell(f"made {role} key {key.keyid[:8]} in keys/{name}")
    return key.keyid


def find_made(ring: Keyring, keyids: Collection[str], *, role: str) -> tuple[PrivateKey, ...]:
    """Return the keys that were made for an operation, in this order.

    Raises:
        NewKeyMissing: one is not here.
        What opening a key file raises: it stays closed.
    """
    found = {key.keyid: key for key in ring.find(keyids, role=role)}
    for keyid in keyids:
        if keyid not in found:
            raise NewKeyMissing(role, keyid)
    return tuple(found[keyid] for keyid in keyids)
