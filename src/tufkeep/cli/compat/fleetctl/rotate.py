"""fleetctl updates rotate: a new key for a role, in place of those in its key file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from tufkeep.cli.compat.fleetctl.session import KeyNotFound, UpdatesSession
from tufkeep.cli.compat.go import GoError
from tufkeep.keys.passphrase import PassphraseRequest
from tufkeep.stores import ObjectMissing
from tufkeep.workspace import layout

if TYPE_CHECKING:
    from tufkeep.keys.passphrase import Passphrase
    from tufkeep.keys.private import PrivateKey

# What must be made anew when a role has a new key: its own metadata, and what lists that. Only their keys are needed.
_REMADE: Final = {
    "root": (),
    "targets": ("targets", "snapshot", "timestamp"),
    "snapshot": ("snapshot", "timestamp"),
    "timestamp": ("timestamp",),
}


def rotate(session: UpdatesSession) -> None:
    """Replace the key of one role; when that fails, keys/ and staged/ are as before."""
    from tufkeep.keys.private import generate

    if len(session.line.words) != 1:
        raise GoError("role must be provided", hint="such as: fleetctl updates rotate targets")
    (role,) = session.line.words
    session.require_repository()
    if role not in _REMADE:
        raise GoError(f"unknown role {role}", hint="use root, targets, snapshot or timestamp")
    others = [other for other in _REMADE[role] if other != role]
    with session.workspace.exclusive("updates rotate"):
        session.choose("root", *others)
        old, passphrase, key = _old_keys(session, role), _passphrase(session, role), generate()
        with _rolled_back(session, role):
            session.keyring.add_to(f"{role}.json", key, passphrase=passphrase)
            session.keyring.include(role, key)
            _replace(session, role, old, key)
            session.commit()
    session.print(f"Generated {role} key with ID: {key.keyid}")
    _warn_of_others(session, role, key)


def _replace(session: UpdatesSession, role: str, old: list[str], key: PrivateKey) -> None:
    """Stage the new root, with what the new key must sign."""
    with session.edit("updates rotate", remake=_REMADE[role]) as edit:
        for keyid in old:
            edit.revoke_key(role, keyid)
        edit.add_key(role, key.public_key)
        edit.set_expiry("root", max(session.expires("root"), session.state.root.expires))


def _old_keys(session: UpdatesSession, role: str) -> list[str]:
    """Return the keyids to revoke: of the keys in the role's file, those that root trusts."""
    try:
        keys = session.keyring.open_file(f"{role}.json", role=role)
    except ObjectMissing:
        raise KeyNotFound(role, session.directory / "keys") from None
    listed = session.state.signers(role)
    trusted = set(session.state.root.signed.roles[role].keyids)
    return [
        keyid for keyid, public in listed.items() if keyid in trusted and any(key.belongs_to(public) for key in keys)
    ]


def _passphrase(session: UpdatesSession, role: str) -> Passphrase | None:
    """Return the passphrase of the file: the new key gets the same."""
    file = next(file for file in session.keyring.files() if file.name == f"{role}.json")
    return session.passphrases(PassphraseRequest(role=role, file=file.name)) if file.encrypted else None


@contextmanager
def _rolled_back(session: UpdatesSession, role: str) -> Iterator[None]:
    """Restore the key file and everything staged when the block fails.

    But not after the commit point: then the next command finishes the commit.
    """
    store = session.workspace.store
    names = [f"{layout.KEYS}{role}.json", layout.BASE]
    before = {name: store.read(name) for name in [*names, *_staged(session)] if store.stat(name) is not None}
    try:
        yield
    except BaseException:
        if not session.workspace.interrupted:
            session.print("Rolling back changes.")
            for name in sorted({*names, *_staged(session)} - before.keys()):
                store.delete(name)
            for name, data in before.items():
                if store.read(name) != data:
                    store.write(name, data, private=name.startswith(layout.KEYS))
        raise


def _staged(session: UpdatesSession) -> list[str]:
    return [name for name in session.workspace.staged_files() if not name.startswith(layout.STAGED_TARGETS)]


def _warn_of_others(session: UpdatesSession, role: str, key: PrivateKey) -> None:
    others = [keyid for keyid in session.state.root.signed.roles[role].keyids if keyid != key.keyid]
    if others:
        session.warn(
            f"{role} trusts {len(others)} more key(s), which are not in keys/{role}.json: "
            + ", ".join(keyid[:8] for keyid in others),
            hint=f"tuf revoke-key {role} ID takes out the ones that must go",
        )
