"""Public keys that were made elsewhere, in the forms that other programs write them in.

A file may hold the private half as well; it is not taken in, only the public half is.

Spec: TUF 1.0.34 #file-formats-root; go-tuf v0.5.2 persistedKeys; RFC 7468 for PEM.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tufkeep.decoding import Undecodable, decode_json
from tufkeep.errors import PersonNeeded
from tufkeep.keys.keyfile import parse_key_file
from tufkeep.keys.keyid import PublicForm, public_forms, spelled
from tufkeep.keys.passphrase import PassphraseRequest, PassphraseSource
from tufkeep.keys.private import ECDSA, ED25519, RSA, SCHEMES
from tufkeep.metadata.key_form import RSA_BITS

if TYPE_CHECKING:
    from securesystemslib.signer import Key

LIMIT_BYTES = 1 << 20


class NotAPublicKey(PersonNeeded):
    """A file holds no public key in a form that is known here."""

    exit_code = 43

    def __init__(self, name: str, reason: str):
        super().__init__(f"{name}: {reason}")
        self.name, self.reason = name, reason


class _Values(msgspec.Struct):
    public: str


class _Listed(msgspec.Struct):
    """A public key as metadata lists it, or as a program writes it to a file of its own."""

    keytype: str
    keyval: _Values
    scheme: str = ""
    keyid: str = ""
    keyid_hash_algorithms: list[str] | None = None


def read_public_keys(
    data: bytes, *, name: str, role: str, passphrases: PassphraseSource | None = None
) -> tuple[Key, ...]:
    """Return the public keys in a file.

    Args:
        name: of the file, for messages.
        role: that they are for.
        passphrases: asked when it is an encrypted key file, in which the public halves are sealed, too.

    Raises:
        NotAPublicKey: there is none.
        KeyFileRefused, WrongPassphrase, NoPassphrase: an encrypted key file does not open.
    """
    if len(data) > LIMIT_BYTES:
        raise NotAPublicKey(name, f"{len(data):,} bytes are too many for a public key")
    if data.lstrip().startswith(b"-----BEGIN "):
        return (_of_pem(data, name),)
    value = _json(data, name)
    if isinstance(value, dict) and "encrypted" in value:
        return _of_key_file(data, name, role, passphrases)
    listed = value if isinstance(value, list) else [value]
    if not listed:
        raise NotAPublicKey(name, "the list of keys is empty")
    return tuple(_of_listed(each, name) for each in listed)


def _json(data: bytes, name: str) -> Any:
    try:
        return decode_json(data, object)
    except Undecodable:
        raise NotAPublicKey(name, "is neither PEM nor JSON") from None


def _of_key_file(data: bytes, name: str, role: str, passphrases: PassphraseSource | None) -> tuple[Key, ...]:
    file = parse_key_file(data, name=name)
    asked = passphrases(PassphraseRequest(role=role, file=name)) if file.encrypted and passphrases else None
    keys = tuple(key.public_key for key in file.open(asked))
    if not keys:
        raise NotAPublicKey(name, "the key file is empty")
    return keys


def _of_listed(value: object, name: str) -> Key:
    try:
        listed = msgspec.convert(value, _Listed)
    except msgspec.ValidationError:
        raise NotAPublicKey(name, "the JSON is not a public key") from None
    scheme = listed.scheme or SCHEMES.get(listed.keytype, "")
    public = listed.keyval.public
    if scheme != SCHEMES.get(listed.keytype) or not _fits(listed.keytype, public):
        raise NotAPublicKey(name, f"not a public key of the kind {listed.keytype[:40]}/{scheme[:40]}")
    forms = public_forms(listed.keytype, scheme, public)
    if listed.keyid and listed.keyid not in forms:
        raise NotAPublicKey(name, f"keyid {listed.keyid[:16]} does not belong to this key")
    return _key(listed.keyid or _own_id(forms, listed), forms)


def _own_id(forms: dict[str, PublicForm], listed: _Listed) -> str:
    """Return the id by the very form that the file has: whoever made it will sign under that one."""
    hashed = listed.keyid_hash_algorithms is not None
    return next(
        keyid
        for keyid, form in forms.items()
        if form["keytype"] == listed.keytype and ("keyid_hash_algorithms" in form) == hashed
    )


def _of_pem(data: bytes, name: str) -> Key:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    if b"PRIVATE KEY" in data:
        raise NotAPublicKey(name, "is a private key: keep it private and give the public half")
    try:
        loaded = load_pem_public_key(data)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise NotAPublicKey(name, "the PEM contains no public key") from None
    kind = _kind(loaded)
    if kind is None:
        raise NotAPublicKey(name, "neither an ed25519, nor a P-256, nor an RSA key of 2048 bits or more")
    forms = public_forms(kind, SCHEMES[kind], _text(loaded))
    return _key(next(iter(forms)), forms)


def _key(keyid: str, forms: dict[str, PublicForm]) -> Key:
    from securesystemslib.signer import Key

    form = forms[keyid]
    return Key.from_dict(keyid, {**form, "keyval": dict(form["keyval"])})


def _kind(loaded: object) -> str | None:
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    if isinstance(loaded, Ed25519PublicKey):
        return ED25519
    if isinstance(loaded, EllipticCurvePublicKey):
        return ECDSA if isinstance(loaded.curve, SECP256R1) else None
    return RSA if isinstance(loaded, RSAPublicKey) and loaded.key_size in RSA_BITS else None


def _text(loaded: Any) -> str:
    """Return a loaded key as metadata spells it."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    if _kind(loaded) == ED25519:
        raw: bytes = loaded.public_bytes_raw()
        return raw.hex()
    pem: bytes = loaded.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode("ascii")


def _fits(keytype: str, public: str) -> bool:
    """Whether the text is a public key of that type, spelled as every program spells it."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        if keytype == ED25519:
            loaded: object = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public))
        else:
            loaded = load_pem_public_key(public.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    wanted = ECDSA if keytype == "ecdsa" else keytype
    return _kind(loaded) == wanted and _text(loaded) == spelled(public)
