"""The form of a public key: what its type demands.

The keyid that it is listed under may be any: no client in the field computes it.

Spec: TUF 1.0.34 #key-objects; go-tuf v0.5.2 data.PublicKey and verify.DB.AddKey.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from tufkeep.metadata.shape import Check, Members, Oddity, Path, list_of, map_of, text

_ED25519 = re.compile(r"[0-9a-f]{64}")
_POINT = re.compile(r"04[0-9a-f]{128}")  # SEC 1: a P-256 key as go-tuf of 2021 wrote it
_PEM = re.compile(r"-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+/=]+\n)+-----END PUBLIC KEY-----\n?")


def public_key(where: Path, value: Any) -> Iterator[Oddity]:
    """Look at a public key: exactly the form its type has, where every client knows the type."""
    kind = value.get("keytype") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in _TYPES:
        yield from _OTHER_KEY(where, value)
        return
    yield from _KEY(where, value)
    schemes, holds = _TYPES[kind]
    if isinstance(value.get("scheme"), str) and value["scheme"] not in schemes:
        yield Oddity((*where, "scheme"), f"is not {' or '.join(schemes)}, as of keys of type {kind}", tolerated=True)
    public = value["keyval"].get("public") if isinstance(value.get("keyval"), dict) else None
    if isinstance(public, str) and not holds(public):
        fact = f"is no public key of type {kind} as every client reads it"
        yield Oddity((*where, "keyval", "public"), fact, tolerated=True)


def _is_pem(public: str) -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        return bool(_PEM.fullmatch(public)) and bool(load_pem_public_key(public.encode()))
    except (ValueError, UnsupportedAlgorithm):
        return False


def _is_ed25519(public: str) -> bool:
    return _ED25519.fullmatch(public) is not None


def _is_point_or_pem(public: str) -> bool:
    return _POINT.fullmatch(public) is not None or _is_pem(public)


_TYPES: Final[
    Mapping[str, tuple[tuple[str, ...], Callable[[str], bool]]]
] = {  # schemes, and the form of the public half
    "ed25519": (("ed25519",), _is_ed25519),
    "rsa": (("rsassa-pss-sha256",), _is_pem),
    "ecdsa": (("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384"), _is_pem),
    "ecdsa-sha2-nistp256": (("ecdsa-sha2-nistp256",), _is_point_or_pem),
    "ecdsa-sha2-nistp384": (("ecdsa-sha2-nistp384",), _is_pem),
}
_MEMBERS: Final[Mapping[str, Check]] = {"keytype": text, "scheme": text}
_ALGORITHMS: Final[Mapping[str, Check]] = {"keyid_hash_algorithms": list_of(text)}
_KEY = Members({**_MEMBERS, "keyval": Members({"public": text}, others=text)}, _ALGORITHMS)
_OTHER_KEY = Members({**_MEMBERS, "keyval": Members({}, {"public": text}, others=text)}, _ALGORITHMS)
NEW_KEY = Members({**_MEMBERS, "keyval": Members({"public": text}, closed=True)}, _ALGORITHMS, closed=True)
KEYS = map_of(public_key)
