"""tuf gen-key: a new key, in its role's file, trusted by the staged root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tufkeep.cli.compat.go import GoError
from tufkeep.cli.compat.tuf.desk import Desk
from tufkeep.cli.compat.tuf.root_change import root_change, set_root_expiry
from tufkeep.keys.passphrase import EmptyPassphrase, PassphraseRequest, Purpose
from tufkeep.workspace import layout

if TYPE_CHECKING:
    from tufkeep.keys.passphrase import Passphrase
    from tufkeep.keys.private import PrivateKey

_SCHEMES = ("ed25519", "ecdsa-sha2-nistp256", "rsassa-pss-sha256")
_RSA_BITS = 2048  # as go-tuf makes them


def run(desk: Desk) -> None:
    """Make a key and trust it."""
    from tufkeep.keys.private import generate

    scheme = desk.line.text("--scheme")
    if scheme not in _SCHEMES:
        scheme = "ed25519"
        desk.tell("Using default key schemeed25519")
    wanted = desk.expires(desk.role)
    if desk.role not in layout.ROLES:
        raise GoError(f"tuf: invalid role {desk.role}: only support adding keys for top-level roles")
    with root_change(desk, "gen-key") as edit:
        file = _KeyFile(desk)
        desk.choose("root")
        key = generate(scheme, rsa_bits=_RSA_BITS)
        file.add(key)
        if desk.role == "root":
            desk.keyring.take("root", key)
        edit.add_key(desk.role, key.public)
        set_root_expiry(desk, edit, wanted)
    desk.write(f"Generated {desk.role} {scheme} key with ID {key.keyid}")


class _KeyFile:
    """The one file of a role, with the passphrase that it has or is to have."""

    def __init__(self, desk: Desk):
        """Find out the passphrase; nothing is written yet."""
        self._desk = desk
        self._name = f"{desk.role}.json"
        self._there = next((file for file in desk.keyring.files() if file.name == self._name), None)
        encrypted = self._there is not None and self._there.encrypted
        if encrypted:
            desk.keyring.open_file(self._name, role=desk.role)
        self._passphrase = self._ask(Purpose.OPEN if encrypted else Purpose.NEW)

    def add(self, key: PrivateKey) -> None:
        """Write the key behind those that the file holds."""
        ring, role = self._desk.keyring, self._desk.role
        if self._there is None:
            ring.add(key, role=role, passphrase=self._passphrase, name=self._name)
        else:
            ring.add_to(self._name, key, passphrase=self._passphrase)

    def _ask(self, purpose: Purpose) -> Passphrase | None:
        if purpose is Purpose.NEW and self._desk.line.plaintext:
            return None
        with self._desk.passphrases.allowing(lambda request: request.file == self._name):
            known = self._desk.passphrases(PassphraseRequest(role=self._desk.role, file=self._name, purpose=purpose))
        if known.empty:
            error = EmptyPassphrase(self._name)
            error.hint = f"give it one first: tuf change-passphrase {self._desk.role}"
            raise error
        return known
