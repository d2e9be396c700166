"""A backup is good when every key in it unlocks, then signs as root says, without anything being touched.

When each key was last seen to do so is remembered, for a backup that nobody has tried is a hope.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import Key

from tufkeep.arguments import typed
from tufkeep.errors import PersonNeeded, TufkeepError
from tufkeep.keys.keyring import Keyring
from tufkeep.keys.private import PrivateKey
from tufkeep.keys.signer import SignatureWrong
from tufkeep.workspace import Workspace
from tufkeep.workspace.key_checks import remember_checks
from tufkeep.workspace.known_keys import write_known_keys

_PAYLOAD: Final = b"tufkeep key check: signs nothing that any client would ever read"


class BackupFaulty(PersonNeeded):
    """A key file of a backup did not unlock, or did not sign."""

    exit_code = 43

    def __init__(self, faulty: tuple[CheckedFile, ...]):
        more = f" and {len(faulty) - 1} more" if len(faulty) > 1 else ""
        super().__init__(f"{faulty[0].name}{more}: {faulty[0].fault}")
        self.faulty = faulty


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedKey:
    """A key that unlocked and signed."""

    keyid: str
    roles: tuple[str, ...]  # that root trusts it for; empty for a key that root does not list


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """One key file of a backup."""

    name: str
    keys: tuple[CheckedKey, ...]
    fault: str  # why it is no good; empty when it is


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCheck:
    """What became of every key file in a folder, and of the keys that root lists."""

    files: tuple[CheckedFile, ...]
    absent: tuple[str, ...]  # keyids of root keys that are in none of the files

    @property
    def faulty(self) -> tuple[CheckedFile, ...]:
        return tuple(file for file in self.files if file.fault)


@typed
def check_keys(workspace: Workspace, ring: Keyring) -> KeyCheck:
    """Unlock every key file in a ring, let each key sign, and compare it with root.

    The date is remembered in the working directory, with which keys each file holds; the folder of the ring is only
    read.
    """
    root = workspace.state.root.signed
    files = tuple(_check(ring, info.name, root.keys, _roles(workspace)) for info in ring.files())
    seen = {key.keyid for file in files for key in file.keys}
    with workspace.exclusive("key check"):
        remember_checks(workspace.store, seen, workspace.clock())
        write_known_keys(workspace.store, ring)
    return KeyCheck(files=files, absent=tuple(keyid for keyid in root.roles["root"].keyids if keyid not in seen))


def _check(ring: Keyring, name: str, listed: dict[str, Key], roles: dict[str, tuple[str, ...]]) -> CheckedFile:
    try:
        keys = tuple(_sign(key, listed, roles) for key in ring.unlock(name))
    except TufkeepError as error:
        return CheckedFile(name=name, keys=(), fault=str(error).removeprefix(f"{name}: "))
    return CheckedFile(name=name, keys=keys, fault="" if keys else "holds no key")


def _sign(key: PrivateKey, listed: dict[str, Key], roles: dict[str, tuple[str, ...]]) -> CheckedKey:
    keyid = next((keyid for keyid in key.keyids if keyid in listed), None)
    keyid = keyid or next((keyid for keyid, public in listed.items() if key.belongs_to(public)), key.keyid)
    own = key.under(keyid, listed.get(keyid)) if keyid in listed else key
    try:
        own.public_key.verify_signature(own.sign(_PAYLOAD), _PAYLOAD)
    except UnverifiedSignatureError:
        raise SignatureWrong(keyid) from None
    return CheckedKey(keyid=keyid, roles=roles.get(keyid, ()))


def _roles(workspace: Workspace) -> dict[str, tuple[str, ...]]:
    root = workspace.state.root.signed
    return {
        keyid: tuple(role for role in ("root", "targets", "snapshot", "timestamp") if keyid in root.roles[role].keyids)
        for keyid in root.keys
    }
