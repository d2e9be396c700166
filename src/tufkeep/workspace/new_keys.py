"""Keys that an operation makes: each in a file of its own before the next step, found again when it goes on."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from tuf.api.metadata import Key

from tufkeep.errors import PersonNeeded
from tufkeep.keys.keyring import Keyring
from tufkeep.keys.passphrase import Passphrase, PassphraseRequest, Purpose
from tufkeep.keys.private import ED25519, PrivateKey, generate
from tufkeep.logs import logger
from tufkeep.workspace.working_directory import WorkingDirectory

_log = logger("workspace")

NewPassphrase = Callable[[PassphraseRequest], Passphrase | None]  # None keeps the key in plain text


class NewKeyMissing(PersonNeeded):
    """A key that an unfinished operation has made is not in keys/, or its file stays closed."""

    exit_code = 43

    def __init__(self, role: str, keyid: str):
        super().__init__(f"the new {role} key {keyid[:8]}, which was made for this, is in no file of keys/ that opens")
        self.role, self.keyid = role, keyid


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key that was made, in a file of its own."""

    role: str
    file: str  # in keys/
    key: PrivateKey

    @property
    def keyid(self) -> str:
        return self.key.keyid

    @property
    def public_key(self) -> Key:
        return self.key.public_key

    @property
    def sentence(self) -> str:
        return f"made {self.role} key {self.keyid[:8]} in keys/{self.file}"


def make_key(
    workspace: WorkingDirectory,
    role: str,
    *,
    keytype: str = ED25519,
    new_passphrase: NewPassphrase | None = None,
    numbered: bool = False,
) -> NewKey:
    """Make a key for a role, in a file of its own.

    Args:
        new_passphrase: asked for the passphrase of the file; by default whoever the working directory asks.
        numbered: as of `Keyring.add`.
    """
    key, ring = generate(keytype), workspace.keyring
    name = ring.next_name(role, numbered=numbered)
    request = PassphraseRequest(role=role, file=name, purpose=Purpose.NEW)
    passphrase = (new_passphrase or workspace.new_passphrase)(request)
    made = NewKey(role=role, file=ring.add(key, role=role, passphrase=passphrase, name=name), key=key)
    _log.info("made %s key %s", role, made.keyid[:8])
    return made


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
