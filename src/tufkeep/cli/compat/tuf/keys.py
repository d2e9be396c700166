"""tuf gen-key, revoke-key, change-passphrase, root-keys: the keys that root trusts, and their files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tufkeep.cli.compat.go import GoError
from tufkeep.cli.compat.passphrases import PassphraseRequired
from tufkeep.cli.compat.tuf.root import root_change, set_root_expiry
from tufkeep.cli.compat.tuf.session import TufSession, default_expiry
from tufkeep.keys.passphrase import EmptyPassphrase, PassphraseRequest, Purpose
from tufkeep.workspace import layout

if TYPE_CHECKING:
    from securesystemslib.signer import Key

    from tufkeep.keys.passphrase import Passphrase
    from tufkeep.keys.private import PrivateKey

_SCHEMES = ("ed25519", "ecdsa-sha2-nistp256", "rsassa-pss-sha256")
_RSA_BITS = 2048  # as go-tuf makes them
_JSON_ORDER = ("keytype", "scheme", "keyid_hash_algorithms", "keyval")


def gen_key(session: TufSession) -> None:
    """Make a key, write it to its role's file, and trust it in the staged root."""
    from tufkeep.keys.private import generate

    role, scheme = session.role, session.line.text("--scheme")
    if scheme not in _SCHEMES:
        scheme = "ed25519"
        session.report("Using default key schemeed25519")
    wanted = session.expires(role)
    if role not in layout.ROLES:
        raise GoError(f"tuf: invalid role {role}: only support adding keys for top-level roles")
    with root_change(session, "gen-key") as edit:
        file = _KeyFile(session)
        session.choose("root")
        key = generate(scheme, rsa_bits=_RSA_BITS)
        file.add(key)
        if role == "root":
            session.keyring.include("root", key)
        edit.add_key(role, key.public_key)
        set_root_expiry(session, edit, wanted)
    session.write(f"Generated {role} {scheme} key with ID {key.keyid}")


def revoke_key(session: TufSession) -> None:
    """Remove a key from a role in the staged root."""
    role, keyid = session.role, session.line.text("<id>")
    wanted = session.expires("root") if session.line.text("--expires") else default_expiry("root", session.now)
    if role not in layout.ROLES:
        raise GoError(f"tuf: invalid role {role}: only revocations for top-level roles supported")
    root = session.state.current("root")
    if root is None or keyid not in root.signed.roles[role].keyids:
        raise GoError(f'tuf: no key with id "{keyid}" exists for the {role} role')
    with root_change(session, "revoke-key") as edit:
        session.choose("root")
        edit.revoke_key(role, keyid)
        set_root_expiry(session, edit, wanted)
    session.print(f"Revoked {role} key with ID {keyid} in root metadata")
    if role == "root":
        _warn_of_lost_clients(session)


def change_passphrase(session: TufSession) -> None:
    """Encrypt a role's key file with another passphrase; one that was not encrypted is encrypted now."""
    role, name = session.role, f"{session.role}.json"
    if session.line.plaintext:
        raise PassphraseRequired(role, name)
    if not any(file.name == name for file in session.keyring.files()):
        session.print(f"Failed to change passphrase. Missing keys file for {role} role. ")
        raise GoError(f"open {session.directory.absolute()}/keys/{name}: no such file or directory")
    with session.workspace.exclusive("change-passphrase"):
        session.keyring.open_file(name, role=role)
        new = session.passphrases(PassphraseRequest(role=role, file=name, purpose=Purpose.CHANGE))
        session.keyring.reseal(name, new, role=role)
    session.print(f"Successfully changed passphrase for {role} keys file")


def root_keys(session: TufSession) -> None:
    """Print the public root keys as JSON."""
    root = session.state.current("root")
    keyids = root.signed.roles["root"].keyids if root is not None else []
    keys = [_entry(root.signed.keys[keyid]) for keyid in keyids if keyid in root.signed.keys] if root else []
    session.report("The resulting JSON should be distributed to clients for performing initial updates:\n")
    session.print(json.dumps(keys or None, separators=(",", ":"), ensure_ascii=False))


class _KeyFile:
    """The one file of a role, with the passphrase that it has or will have."""

    def __init__(self, session: TufSession):
        """Get the passphrase; nothing is written yet."""
        self._session = session
        self._name = f"{session.role}.json"
        self._existing = next((file for file in session.keyring.files() if file.name == self._name), None)
        encrypted = self._existing is not None and self._existing.encrypted
        if encrypted:
            session.keyring.open_file(self._name, role=session.role)
        self._passphrase = self._ask(Purpose.OPEN if encrypted else Purpose.NEW)

    def add(self, key: PrivateKey) -> None:
        """Write the key after those that the file contains."""
        ring, role = self._session.keyring, self._session.role
        if self._existing is None:
            ring.add(key, role=role, passphrase=self._passphrase, name=self._name)
        else:
            ring.add_to(self._name, key, passphrase=self._passphrase)

    def _ask(self, purpose: Purpose) -> Passphrase | None:
        session = self._session
        if purpose is Purpose.NEW and session.line.plaintext:
            return None
        with session.passphrases.allowing(lambda request: request.file == self._name):
            passphrase = session.passphrases(PassphraseRequest(role=session.role, file=self._name, purpose=purpose))
        if passphrase.empty:
            hint = f"give it one first: tuf change-passphrase {session.role}"
            raise GoError(str(EmptyPassphrase(self._name)), hint=hint)
        return passphrase


def _warn_of_lost_clients(session: TufSession) -> None:
    """Warn where clients of the committed root would refuse the staged one: go-tuf commits it all the same."""
    *olders, _ = session.state.quorums("root")
    for older in (each for each in olders if not each.reached):
        session.warn(
            f"staged root.json has {len(older.signed)} of the {older.threshold} signatures that clients of "
            f"{older.delegator} need",
            hint="sign it with an old root key before you commit it: tuf sign root.json",
        )


def _entry(key: Key) -> dict[str, Any]:
    found = key.to_dict()
    return {name: found[name] for name in _JSON_ORDER if name in found}
