"""The form of a public key: what its type demands.

The keyid that it is listed under may be any: no client in the field computes it.

Spec: TUF 1.0.34 #key-objects; go-tuf v0.5.2 data.PublicKey and verify.DB.AddKey.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from tufkeep.metadata.shape import Check, Members, Oddity, Path, list_of, map_of, text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

_ED25519 = re.compile(r"[0-9a-f]{64}")
_CURVES = {"ecdsa-sha2-nistp256": "secp256r1", "ecdsa-sha2-nistp384": "secp384r1"}  # scheme -> curve
RSA_BITS: Final = range(2048, 8193)  # what every verifier of TUF takes


def public_key(where: Path, value: Any) -> Iterator[Oddity]:
    """Look at a public key: exactly the form its type has, where every client knows the type."""
    kind = value.get("keytype") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in _TYPES:
        yield from _OTHER_KEY(where, value)
        return
    yield from _KEY(where, value)
    schemes, holds = _TYPES[kind]
    scheme = value.get("scheme")
    if isinstance(scheme, str) and scheme not in schemes:
        yield Oddity((*where, "scheme"), f"is not {' or '.join(schemes)}, as of keys of type {kind}", tolerated=True)
    public = value["keyval"].get("public") if isinstance(value.get("keyval"), dict) else None
    if isinstance(public, str) and isinstance(scheme, str) and not holds(public, scheme):
        fact = f"is no public key of type {kind} as every client reads it"
        yield Oddity((*where, "keyval", "public"), fact, tolerated=True)


def _is_rsa(public: str, scheme: str) -> bool:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    key = _of_pem(public)
    return isinstance(key, RSAPublicKey) and key.key_size in RSA_BITS


def _is_on_curve(public: str, scheme: str) -> bool:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

    key = _of_pem(public)
    return isinstance(key, EllipticCurvePublicKey) and key.curve.name == _CURVES.get(scheme, key.curve.name)


def _of_pem(public: str) -> PublicKeyTypes | None:
    """Return the key of a PEM in the one form that every client reads, None for any other text.

    OpenSSL reads forms that Go does not: points that are compressed, curves by their parameters, keys for RSA-PSS
    alone. go-tuf v0.5.2 refuses a root with such a key, used or not.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

    try:
        key = load_pem_public_key(public.encode())
        same = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if public in (same, same.removesuffix("\n")) else None


def _is_ed25519(public: str, scheme: str) -> bool:
    return _ED25519.fullmatch(public) is not None


_TYPES: Final[
    Mapping[str, tuple[tuple[str, ...], Callable[[str, str], bool]]]
] = {  # schemes, and the form of the public half
    "ed25519": (("ed25519",), _is_ed25519),
    "rsa": (("rsassa-pss-sha256",), _is_rsa),
    "ecdsa": (("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384"), _is_on_curve),
    "ecdsa-sha2-nistp256": (("ecdsa-sha2-nistp256",), _is_on_curve),
    "ecdsa-sha2-nistp384": (("ecdsa-sha2-nistp384",), _is_on_curve),
}
_MEMBERS: Final[Mapping[str, Check]] = {"keytype": text, "scheme": text}
_ALGORITHMS: Final[Mapping[str, Check]] = {"keyid_hash_algorithms": list_of(text)}
_KEY = Members({**_MEMBERS, "keyval": Members({"public": text}, others=text)}, _ALGORITHMS)
_OTHER_KEY = Members({**_MEMBERS, "keyval": Members({}, {"public": text}, others=text)}, _ALGORITHMS)
NEW_KEY = Members({**_MEMBERS, "keyval": Members({"public": text}, closed=True)}, _ALGORITHMS, closed=True)
KEYS = map_of(public_key)
