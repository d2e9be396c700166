"""Key files: one or more private keys, sealed with a passphrase or in the open, byte for byte as go-tuf v0.5.2.

Spec: go-tuf v0.5.2 persistedKeys.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import msgspec

from tufkeep.errors import TufkeepError
from tufkeep.keys.entry import KeyEntry, read_entry, write_entry
from tufkeep.keys.passphrase import EmptyPassphrase, NoPassphrase, Passphrase, PassphraseNotText
from tufkeep.keys.private import PrivateKey
from tufkeep.keys.sealed import KeyFileRefused, Sealed, decode_as, parse_sealed, seal

LIMIT_BYTES = 1 << 20  # 400 RSA keys; go-tuf takes half of this for a single key


class _FileOnDisk(msgspec.Struct):
    encrypted: bool
    data: msgspec.Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFile:
    """A key file as it lies on the drive: either sealed, or with its keys in the open."""

    name: str  # for messages
    sealed: Sealed | None
    plain: tuple[PrivateKey, ...] = ()

    @property
    def encrypted(self) -> bool:
        return self.sealed is not None

    def open(self, passphrase: Passphrase | None) -> tuple[PrivateKey, ...]:
        """Return the private keys in the file, in its order. Costs one scrypt if it is encrypted.

        Raises:
            NoPassphrase: the file is encrypted and there is no passphrase.
            WrongPassphrase: the passphrase does not open the file.
            KeyFileRefused: what was sealed are no private keys.
        """
        if self.sealed is None:
            return self.plain
        if passphrase is None:
            raise NoPassphrase(self.name)
        return _read_list(self.sealed.open(passphrase), self.name)


def parse_key_file(data: bytes, *, name: str = "key file") -> KeyFile:
    """Return a key file as read; an encrypted one is still sealed.

    Raises:
        KeyFileRefused: not a key file, or not sealed as go-tuf seals.
    """
    if len(data) > LIMIT_BYTES:
        raise KeyFileRefused(name, f"{len(data):,} bytes, where a key file has at most {LIMIT_BYTES:,}")
    file = decode_as(_FileOnDisk, data, name)
    if file.encrypted:
        return KeyFile(name=name, sealed=parse_sealed(file.data, name))
    return KeyFile(name=name, sealed=None, plain=_read_list(file.data, name))


def seal_key_file(
    keys: Iterable[PrivateKey],
    passphrase: Passphrase | None,
    *,
    name: str = "key file",
    randomness: Callable[[int], bytes] = os.urandom,
) -> bytes:
    """Return the bytes of a key file, as go-tuf v0.5.2 writes them. Costs one scrypt if there is a passphrase.

    Args:
        passphrase: None writes the keys in the open, for whoever asked for that in so many words.
        randomness: returns as many bytes as it is asked for; salt and nonce come from it.

    Raises:
        EmptyPassphrase: go-tuf would take it for a passphrase like any other.
        PassphraseNotText: it can't be typed again elsewhere.
    """
    entries = [write_entry(key) for key in keys]
    if passphrase is None:
        return _indented({"encrypted": False, "data": entries}) + b"\n"
    if passphrase.empty:
        raise EmptyPassphrase(name)
    if passphrase.fault is not None:
        raise PassphraseNotText(name, passphrase.fault)
    sealed = seal(_indented(entries), passphrase, randomness=randomness)
    return _indented({"encrypted": True, "data": sealed}) + b"\n"


def _read_list(data: bytes | msgspec.Raw, name: str) -> tuple[PrivateKey, ...]:
    try:
        return tuple(map(read_entry, decode_as(list[KeyEntry], data, name)))
    except TufkeepError as error:
        reason = error.reason if isinstance(error, KeyFileRefused) else str(error)
    del data  # what is raised here holds this frame, and may end in a report that shows locals
    raise KeyFileRefused(name, reason)


def _indented(value: object) -> bytes:
    return json.dumps(value, indent="\t").encode("ascii")  # what Go's MarshalIndent("", "\t") gives
