"""The sealed half of a key file: a list of private keys behind a passphrase.

A passphrase becomes a key by scrypt, and the key seals the list in a NaCl secretbox. The parameters stand in the file,
where an attacker can write too: they are accepted only if some version of go-tuf writes them. Otherwise a doctored file
on a drive could ask for 16 GiB of memory, or for so little work that the passphrase is soon guessed.

Spec: go-tuf v0.5.2 encrypted.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from tufkeep.decoding import Undecodable, decode_json
from tufkeep.errors import PersonNeeded
from tufkeep.keys.passphrase import Passphrase

_T = TypeVar("_T")

_WRITTEN_COST = 32768  # the only one that v0.5.2 reads
_READ_COSTS = (32768, 65536, 131072)  # v0.6 and v0.7 write the second and accept all three
_R = 8
_P = 1
_KEY_BYTES = 32
_SALT_BYTES = 32
_NONCE_BYTES = 24
_TAG_BYTES = 16


class KeyFileRefused(PersonNeeded):
    """A key file cannot be used as it is."""

    exit_code = 43

    def __init__(self, name: str, reason: str):
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


class WrongPassphrase(PersonNeeded):
    """The passphrase does not open the key file, or somebody changed the file: the cipher cannot tell which."""

    exit_code = 41

    def __init__(self, name: str):
        super().__init__(f"{name}: the passphrase does not open it")
        self.name = name


class _Kdf(msgspec.Struct):
    name: str
    params: msgspec.Raw = msgspec.Raw(b"{}")
    salt: bytes = b""


class _Params(msgspec.Struct):
    N: int
    r: int
    p: int


class _Cipher(msgspec.Struct):
    name: str
    nonce: bytes = b""


class _Box(msgspec.Struct):
    kdf: _Kdf
    cipher: _Cipher
    ciphertext: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A list of private keys in a secretbox."""

    name: str  # of the file, for messages
    cost: int  # scrypt's N
    salt: bytes
    nonce: bytes
    ciphertext: bytes = field(repr=False)

    def open(self, passphrase: Passphrase) -> bytes:
        """Return the JSON of the list. Costs one scrypt for each spelling that is tried.

        Raises:
            WrongPassphrase: this is not the passphrase.
        """
        from nacl.exceptions import CryptoError
        from nacl.secret import SecretBox

        for spelling in passphrase.spellings():
            box = SecretBox(_derive(spelling, self.salt, self.cost))
            try:
                return box.decrypt(self.ciphertext, self.nonce)
            except CryptoError:
                continue
        raise WrongPassphrase(self.name)


def parse_sealed(data: msgspec.Raw, name: str) -> Sealed:
    """Return the sealed half of a key file.

    Raises:
        KeyFileRefused: not sealed as go-tuf seals.
    """
    box = decode_as(_Box, data, name)
    if box.kdf.name != "scrypt":
        raise KeyFileRefused(name, f"unknown key derivation {box.kdf.name[:40]!r}, expected 'scrypt'")
    if box.cipher.name != "nacl/secretbox":
        raise KeyFileRefused(name, f"unknown cipher {box.cipher.name[:40]!r}, expected 'nacl/secretbox'")
    params = decode_as(_Params, box.kdf.params, name)
    if params.N not in _READ_COSTS or (params.r, params.p) != (_R, _P):
        expected = f"N={' or '.join(map(str, _READ_COSTS))} r={_R} p={_P}"
        raise KeyFileRefused(name, f"scrypt with N={params.N} r={params.r} p={params.p}, expected {expected}")
    _expect_length(name, "salt", box.kdf.salt, _SALT_BYTES)
    _expect_length(name, "nonce", box.cipher.nonce, _NONCE_BYTES)
    if len(box.ciphertext) < _TAG_BYTES:
        raise KeyFileRefused(name, f"a ciphertext of {len(box.ciphertext)} bytes, which is cut short")
    return Sealed(name=name, cost=params.N, salt=box.kdf.salt, nonce=box.cipher.nonce, ciphertext=box.ciphertext)


def seal(plaintext: bytes, passphrase: Passphrase, *, randomness: Callable[[int], bytes]) -> dict[str, Any]:
    """Return the sealed half of a key file, to be written as JSON. Costs one scrypt.

    Salt and nonce are new every time, so two files with one passphrase have nothing in common.
    """
    from nacl.secret import SecretBox

    salt, nonce = randomness(_SALT_BYTES), randomness(_NONCE_BYTES)
    ciphertext = SecretBox(_derive(passphrase, salt, _WRITTEN_COST)).encrypt(plaintext, nonce).ciphertext
    return {
        "kdf": {"name": "scrypt", "params": {"N": _WRITTEN_COST, "r": _R, "p": _P}, "salt": _base64(salt)},
        "cipher": {"name": "nacl/secretbox", "nonce": _base64(nonce)},
        "ciphertext": _base64(ciphertext),
    }


def decode_as(kind: type[_T], data: bytes | msgspec.Raw, name: str) -> _T:
    """Return a part of a key file.

    Raises:
        KeyFileRefused: the JSON is none, or not of this kind.
    """
    try:
        return decode_json(data, kind)
    except Undecodable as error:
        raise KeyFileRefused(name, f"not a key file: {str(error)[:200].lower()}") from None


def _expect_length(name: str, what: str, found: bytes, length_bytes: int) -> None:
    if len(found) != length_bytes:
        raise KeyFileRefused(name, f"a {what} of {len(found)} bytes, expected {length_bytes}")


def _derive(passphrase: Passphrase, salt: bytes, cost: int) -> bytes:
    memory = 128 * _R * (cost + _P + 2)  # what OpenSSL counts; its own limit is below what N=32768 takes
    return hashlib.scrypt(passphrase.encode(), salt=salt, n=cost, r=_R, p=_P, maxmem=memory, dklen=_KEY_BYTES)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
