"""One private key as a key file lists it.

ed25519: the seed and the public half after it, in hex. P-256: SEC 1, RSA: PKCS#1, both PEM. The order of the members
differs between the two, and is kept.

Spec: go-tuf v0.5.2 pkg/keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tufkeep.errors import PersonNeeded
from tufkeep.keys.keyid import spelled
from tufkeep.keys.private import (
    ED25519,
    RSA,
    SCHEMES,
    KeyHalvesDiffer,
    PrivateKey,
    UnsupportedKey,
    from_seed,
    public_text,
)

if TYPE_CHECKING:
    from tufkeep.keys.private import Secret

_PEM_LIMIT = 16 << 10  # characters; RSA with 8192 bits takes 6,400, and OpenSSL's checks grow with the cube
_RSA_MIN_BITS = 2048  # what NIST and every verifier of TUF accept


class MalformedKey(PersonNeeded):
    """A key file lists something that is no private key."""

    exit_code = 43

    def __init__(self, reason: str):
        super().__init__(f"not a private key: {reason}")
        self.reason = reason


class _Halves(msgspec.Struct):
    public: str
    private: str

    def __repr__(self) -> str:
        return "<both halves of a key>"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        return []


class KeyEntry(msgspec.Struct):
    """The members of an entry that mean something; go-tuf ignores others too."""

    keytype: str
    keyval: _Halves
    scheme: str = ""


def read_entry(entry: KeyEntry) -> PrivateKey:
    """Return the private key of an entry.

    The public half is compared with the private one: a file that shows one key and signs with another
    would have people trust a key that nobody meant.

    Raises:
        UnsupportedKey: not one of go-tuf's three kinds.
        MalformedKey: the private half is not what its kind wants.
        KeyHalvesDiffer: the halves belong to different keys.
    """
    if entry.scheme not in ("", SCHEMES.get(entry.keytype)):
        raise UnsupportedKey(f"{entry.keytype}/{entry.scheme}")
    key = _read_ed25519(entry.keyval) if entry.keytype == ED25519 else _read_pem(entry.keytype, entry.keyval.private)
    if spelled(entry.keyval.public) != public_text(key.secret):
        raise KeyHalvesDiffer(key.keyid)
    return key


def write_entry(key: PrivateKey) -> dict[str, Any]:
    """Return the entry of a private key, its members in go-tuf's order."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    public = public_text(key.secret)
    if isinstance(key.secret, Ed25519PrivateKey):
        keyval = {"public": public, "private": key.secret.private_bytes_raw().hex() + public}
    else:
        pem = key.secret.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        keyval = {"private": pem.decode("ascii"), "public": public}
    return {
        "keytype": key.keytype,
        "scheme": key.scheme,
        "keyid_hash_algorithms": ["sha256", "sha512"],
        "keyval": keyval,
    }


def _read_ed25519(halves: _Halves) -> PrivateKey:
    raw = _unhex(halves.private)
    if raw is None or len(raw) != 64:
        raise MalformedKey("an ed25519 key is 128 hex digits, seed first")
    key = from_seed(raw[:32])
    if raw[32:].hex() != public_text(key.secret):
        raise KeyHalvesDiffer(key.keyid)
    return key


def _read_pem(keytype: str, pem: str) -> PrivateKey:
    if keytype not in SCHEMES:
        raise UnsupportedKey(keytype)
    if len(pem) > _PEM_LIMIT:
        raise MalformedKey(f"{len(pem):,} characters of PEM, where {_PEM_LIMIT:,} are plenty")
    if (secret := _load(keytype, pem)) is None:
        raise MalformedKey(f"the PEM contains no {keytype} key")
    return PrivateKey(keytype, secret)


def _load(keytype: str, pem: str) -> Secret | None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        secret = load_pem_private_key(pem.encode("utf-8"), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    if keytype == RSA:
        return secret if isinstance(secret, RSAPrivateKey) and secret.key_size >= _RSA_MIN_BITS else None
    return secret if isinstance(secret, EllipticCurvePrivateKey) and isinstance(secret.curve, SECP256R1) else None


def _unhex(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None
