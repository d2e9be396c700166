"""A private key that signs without giving itself away.

What Python cannot promise: text and bytes are immutable, so a passphrase, a derived key or the text of a key file stays
in memory until the allocator gives the place to something else, and may reach swap or a core dump. What is done about
it: such values live in as few places and for as short as possible, the key itself rests inside OpenSSL, which wipes it,
and nothing here can be printed, copied or pickled. Root keys belong on a machine without swap that is switched off
afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from tufkeep.errors import PersonNeeded
from tufkeep.keys.keyid import public_forms

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from securesystemslib.signer import Key, Signature

    Secret: TypeAlias = Ed25519PrivateKey | EllipticCurvePrivateKey | RSAPrivateKey

ED25519 = "ed25519"
ECDSA = "ecdsa-sha2-nistp256"
RSA = "rsa"
# The scheme of each key type that go-tuf knows; "ecdsa" is what v0.7 and python-tuf call the P-256 type.
SCHEMES = {ED25519: "ed25519", ECDSA: "ecdsa-sha2-nistp256", "ecdsa": "ecdsa-sha2-nistp256", RSA: "rsassa-pss-sha256"}

RSA_BITS = 3072


class UnsupportedKey(PersonNeeded):
    """A kind of key that neither go-tuf v0.5.2 nor we can sign with."""

    exit_code = 43

    def __init__(self, kind: str):
        super().__init__(f"cannot sign with a key of the kind {kind[:60]!r}")
        self.kind = kind
        self.works = f"{ED25519}, {ECDSA}, {RSA}"


class KeyHalvesDiffer(PersonNeeded):
    """A public key is not the one that belongs to the private key beside it."""

    exit_code = 43

    def __init__(self, keyid: str):
        super().__init__(f"key {keyid[:8]}: the public half does not belong to the private half")
        self.keyid = keyid


class PrivateKey:
    """One private key, under one of the ids that its public half goes by.

    Args:
        keytype: one of SCHEMES.
        secret: a private key of the `cryptography` library, of that type.
    """

    __slots__ = ("_forms", "_public", "_secret", "keyid", "keytype", "scheme")

    def __init__(self, keytype: str, secret: Secret):
        self.keytype = keytype
        self.scheme = SCHEMES[keytype]
        self._secret = secret
        self._forms = public_forms(keytype, self.scheme, public_text(secret))
        self._public: Key | None = None
        self.keyid = next(iter(self._forms))

    @property
    def keyids(self) -> tuple[str, ...]:
        """Every id that the public half goes by, go-tuf's first."""
        return tuple(self._forms)

    @property
    def public_key(self) -> Key:
        """The public half as metadata lists it under `keyid`."""
        from securesystemslib.signer import Key

        if self._public is None:
            form = self._forms[self.keyid]
            self._public = Key.from_dict(self.keyid, {**form, "keyval": dict(form["keyval"])})
        return self._public

    @property
    def secret(self) -> Secret:
        """The key itself, for whoever writes it into a key file."""
        return self._secret

    def under(self, keyid: str, public: Key | None = None) -> PrivateKey:
        """Return the same key, signing under another id.

        Args:
            public: the key as metadata lists it, when the id is none of `keyids`: ids are opaque.

        Raises:
            KeyHalvesDiffer: the id belongs to another key.
        """
        if public is None and keyid not in self._forms:
            raise KeyHalvesDiffer(keyid)
        if public is not None and not self.belongs_to(public):
            raise KeyHalvesDiffer(keyid)
        other = PrivateKey.__new__(PrivateKey)
        other.keytype, other.scheme, other._secret, other._forms = self.keytype, self.scheme, self._secret, self._forms
        other.keyid, other._public = keyid, public
        return other

    def belongs_to(self, public: Key) -> bool:
        """Return whether this is the private half of a key, under whatever id."""
        return not self._forms.keys().isdisjoint(forms_of(public))

    def sign(self, payload: bytes) -> Signature:
        """Return a signature that go-tuf and python-tuf verify.

        Spec: go-tuf v0.5.2 pkg/keys.
        """
        from securesystemslib.signer import Signature

        return Signature(self.keyid, _sign(self._secret, payload).hex())

    def __repr__(self) -> str:
        return f"<PrivateKey {self.keyid}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a private key is not copied or pickled")


def generate(keytype: str = ED25519, *, rsa_bits: int = RSA_BITS) -> PrivateKey:
    """Return a new private key, drawn by OpenSSL from the system's randomness.

    Args:
        keytype: a key type, or the scheme that names one.

    Raises:
        UnsupportedKey: no such type.
    """
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if keytype == ED25519:
        return PrivateKey(ED25519, ed25519.Ed25519PrivateKey.generate())
    if keytype == ECDSA:
        return PrivateKey(ECDSA, ec.generate_private_key(ec.SECP256R1()))
    if keytype in (RSA, SCHEMES[RSA]):
        return PrivateKey(RSA, rsa.generate_private_key(public_exponent=65537, key_size=rsa_bits))
    raise UnsupportedKey(keytype)


def from_seed(seed: bytes) -> PrivateKey:
    """Return the ed25519 key of a 32-byte seed."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return PrivateKey(ED25519, Ed25519PrivateKey.from_private_bytes(seed))


def forms_of(public: Key) -> dict[str, Any]:
    """Return the ids that a key from metadata goes by; none when it has no public half as we know them."""
    text = public.keyval.get("public")
    return public_forms(public.keytype, public.scheme, text) if isinstance(text, str) else {}


def public_text(secret: Secret) -> str:
    """Return the public half as metadata spells it: hex for ed25519, else PEM."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    if isinstance(secret, Ed25519PrivateKey):
        return secret.public_key().public_bytes_raw().hex()
    return secret.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def _sign(secret: Secret, payload: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding
    from cryptography.hazmat.primitives.hashes import SHA256

    if isinstance(secret, ed25519.Ed25519PrivateKey):
        return secret.sign(payload)
    if isinstance(secret, ec.EllipticCurvePrivateKey):
        return secret.sign(payload, ec.ECDSA(SHA256()))
    # go-tuf salts with as much as fits and verifies any length; some verifiers take the digest's length only
    return secret.sign(payload, padding.PSS(padding.MGF1(SHA256()), padding.PSS.DIGEST_LENGTH), SHA256())
