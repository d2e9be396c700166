"""fleetctl updates rotate: another key for a role, in place of those in its key file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from tufkeep.cli.compat.fleetctl.desk import Desk
from tufkeep.cli.compat.go import GoError
from tufkeep.keys.passphrase import PassphraseRequest
from tufkeep.stores import ObjectMissing
from tufkeep.workspace import layout

if TYPE_CHECKING:
    from tufkeep.keys.passphrase import Passphrase
    from tufkeep.keys.private import PrivateKey

# Whose metadata a new key of a role makes necessary: its own, and what lists that. Only their keys are needed.
_REMADE: Final = {
    "root": (),
    "targets": ("targets", "snapshot", "timestamp"),
    "snapshot": ("snapshot", "timestamp"),
    "timestamp": ("timestamp",),
}


def run(desk: Desk, role: str) -> None:
    """Rotate the role's key; whatever stops it, keys/ and staged/ are as they were."""
    from tufkeep.keys.private import generate

    desk.require_repository()
    if role not in _REMADE:
        raise GoError(f"unknown role {role}", hint="use root, targets, snapshot or timestamp")
    others = [other for other in _REMADE[role] if other != role]
    with desk.workspace.exclusive("updates rotate"):
        desk.choose("root", *others)
        old, passphrase, key = _old_keys(desk, role), _passphrase(desk, role), generate()
        with _rolled_back(desk, role):
            desk.keyring.add_to(f"{role}.json", key, passphrase=passphrase)
            desk.keyring.take(role, key)
            _replace(desk, role, old, key)
            desk.commit()
    desk.say(f"Generated {role} key with ID: {key.keyid}")
    _tell_others(desk, role, key)


def _replace(desk: Desk, role: str, old: list[str], key: PrivateKey) -> None:
    """Stage the new root, with what the new key must sign."""
    with desk.edit("updates rotate", remake=_REMADE[role]) as edit:
        for keyid in old:
            edit.revoke_key(role, keyid)
        edit.add_key(role, key.public)
        edit.set_expiry("root", max(desk.ends("root"), desk.state.root.expires))


def _old_keys(desk: Desk, role: str) -> list[str]:
    """Return the keyids that go: of the keys in the role's file, those that root trusts."""
    try:
        keys = desk.open_file(role)
    except ObjectMissing:
        raise GoError(f"{role} key not found", hint=f"bring the key file to {desk.path / 'keys'}") from None
    listed = desk.signers(role)
    trusted = set(desk.state.root.signed.roles[role].keyids)
    return [
        keyid for keyid, public in listed.items() if keyid in trusted and any(key.belongs_to(public) for key in keys)
    ]


def _passphrase(desk: Desk, role: str) -> Passphrase | None:
    """Return the passphrase that the file has: the new key gets the same."""
    file = next(file for file in desk.keyring.files() if file.name == f"{role}.json")
    return desk.passphrases(PassphraseRequest(role=role, file=file.name)) if file.encrypted else None


@contextmanager
def _rolled_back(desk: Desk, role: str) -> Iterator[None]:
    """Put the key file and everything staged back as it was when the block fails.

    Unless the commit stands already: then whoever comes next finishes it.
    """
    store = desk.workspace.store
    names = [f"{layout.KEYS}{role}.json", layout.BASE]
    before = {name: store.read(name) for name in [*names, *_staged(desk)] if store.stat(name) is not None}
    try:
        yield
    except BaseException:
        if not desk.workspace.interrupted:
            desk.say("Rolling back changes.")
            for name in sorted({*names, *_staged(desk)} - before.keys()):
                store.delete(name)
            for name, data in before.items():
                if store.read(name) != data:
                    store.write(name, data, private=name.startswith(layout.KEYS))
        raise


def _staged(desk: Desk) -> list[str]:
    return [name for name in desk.workspace.staged_files() if not name.startswith(layout.STAGED_TARGETS)]


def _tell_others(desk: Desk, role: str, key: PrivateKey) -> None:
    others = [keyid for keyid in desk.state.root.signed.roles[role].keyids if keyid != key.keyid]
    if others:
        desk.warn(
            f"{role} trusts {len(others)} more key(s), which are not in keys/{role}.json: "
            + ", ".join(keyid[:8] for keyid in others),
            hint=f"tuf revoke-key {role} ID takes out the ones that must go",
        )
