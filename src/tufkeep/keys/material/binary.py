"""Private keys in binary form, at the beginning of some bytes: DER, key stores, OpenSSH, OpenPGP, minisign, signify.

DER has no magic number, so each form is read as far as its structure goes: a certificate, a signature or a hash begins
alike and is none of them.

Spec: RFC 5208, 5915, 8017 (keys), RFC 7292 (PKCS#12), RFC 9580 (OpenPGP), OpenJDK JavaKeyStore (JKS).
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

DER: Final = "a private key in binary form (DER)"
STORE: Final = "a private key in a key store"
SEALED_STORE: Final = "is a PKCS#12 store whose contents are encrypted"

_SEQUENCE, _INTEGER, _OCTETS, _OID = 0x30, 0x02, 0x04, 0x06
_PBES = (b"\x2a\x86\x48\x86\xf7\x0d\x01\x05", b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01")  # PKCS#5, and PKCS#12's own
_PKCS12 = re.compile(
    rb"\x30(?:[\x00-\x80]|\x81.|\x82..|\x83...|\x84....)\x02\x01\x03\x30"
    rb"(?:[\x00-\x80]|\x81.|\x82..|\x83...|\x84....)\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07[\x01\x02]",
    re.DOTALL,
)
_KEY_BAGS = (b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x01", b"\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x02")
_ENCRYPTED_DATA = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x06"
_JAVA_STORES = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")
_SECRET_PACKETS = {5: "an OpenPGP private key", 7: "an OpenPGP private key"}
_PGP_ALGORITHMS = frozenset({1, 2, 3, 16, 17, 18, 19, 22, 25, 26, 27, 28})
_PGP_TIMES = range(0x2B000000, 0x80000000)  # 1992 to 2038
_MAGIC = (  # with the lengths that such a file has, its line end included
    (b"openssh-key-v1\0", range(100, 1 << 30), "an OpenSSH private key"),
    (b"EdSc", range(158, 161), "a minisign secret key"),
    (b"Ed\0\0B2", range(158, 161), "a minisign secret key"),
    (b"EdBK", range(104, 107), "a signify secret key"),
)


class _Value(NamedTuple):
    tag: int
    start: int
    end: int

    @property
    def length(self) -> int:
        return self.end - self.start


def binary_form(data: bytes) -> str | None:
    """Return in what form the bytes begin with a private key, None where they do not.

    Args:
        data: all of a file, or its first megabyte.
    """
    if data[:1] == b"\x30":
        return DER if _is_der_key(data) else STORE if _is_pkcs12(data) and _has_key_bag(data) else None
    if data.startswith(_JAVA_STORES):
        return STORE if _java_store_has_key(data) else None
    if len(data) == 64 and _is_seed_and_public(data):
        return "a raw ed25519 private key"
    for magic, lengths, form in _MAGIC:
        if data.startswith(magic) and len(data) in lengths:
            return form
    return _pgp_form(data)


def is_sealed_store(data: bytes) -> bool:
    """Whether this is a PKCS#12 store that may hold a key where nobody can see it."""
    return _is_pkcs12(data) and not _has_key_bag(data) and _ENCRYPTED_DATA in data


def _is_der_key(data: bytes) -> bool:
    outer = _value(data, 0)
    if outer is None or outer.length < 30:
        return False
    parts = list(_parts(data, outer, limit=4))
    tags = [part.tag for part in parts]
    if tags[:2] == [_SEQUENCE, _OCTETS]:  # encrypted PKCS#8; a DigestInfo has another algorithm
        return _algorithm(data, parts[0]).startswith(_PBES) and parts[1].length >= 16
    return _is_plain_key(data, parts, tags)


def _is_plain_key(data: bytes, parts: list[_Value], tags: list[int]) -> bool:
    if tags[:1] != [_INTEGER] or parts[0].length != 1 or data[parts[0].start] > 1:
        return False
    if tags[1:3] == [_SEQUENCE, _OCTETS]:  # PKCS#8
        return bool(_algorithm(data, parts[1])) and parts[2].length >= 16
    if tags[1:2] == [_OCTETS]:  # SEC 1
        return data[parts[0].start] == 1 and 16 <= parts[1].length <= 72 and tags[2:3] in ([], [0xA0], [0xA1])
    if tags[1:4] != [_INTEGER] * 3:  # PKCS#1: n, e, d; DSA: p, q, g
        return False
    modulus, second, third = parts[1:4]
    short = second.length <= 8 and third.length >= 24
    return modulus.length >= 48 and (short or 20 <= second.length <= 33 <= third.length)


def _algorithm(data: bytes, part: _Value) -> bytes:
    """Return the object identifier that a sequence begins with."""
    found = _value(data, part.start)
    return data[found.start : found.end] if found is not None and found.tag == _OID and found.end <= part.end else b""


def _parts(data: bytes, outer: _Value, *, limit: int) -> list[_Value]:
    found: list[_Value] = []
    at = outer.start
    while at < outer.end and len(found) < limit and (value := _value(data, at)) is not None:
        if value.end > outer.end:
            return []
        found.append(value)
        at = value.end
    return found


def _value(data: bytes, at: int) -> _Value | None:
    """Return one value of DER; its end may lie behind that of the bytes at hand."""
    if at + 2 > len(data):
        return None
    length, start = data[at + 1], at + 2
    if length >= 0x80:
        count = length & 0x7F
        if not 1 <= count <= 4 or start + count > len(data):
            return None
        length, start = int.from_bytes(data[start : start + count]), start + count
    return _Value(data[at], start, start + length)


def _is_pkcs12(data: bytes) -> bool:
    return _PKCS12.match(data) is not None


def _has_key_bag(data: bytes) -> bool:
    return any(bag in data for bag in _KEY_BAGS)


def _java_store_has_key(data: bytes) -> bool:
    """Whether a Java key store has more than certificates, which every Java installation has in such a store."""
    count, at = int.from_bytes(data[8:12]), 12
    for _ in range(count):
        if data[at : at + 4] != b"\0\0\0\2":  # a trusted certificate; 1 is a key, 3 a sealed one
            return at + 4 <= len(data)
        at += 6 + int.from_bytes(data[at + 4 : at + 6]) + 8  # the alias and the date
        at += 2 + int.from_bytes(data[at : at + 2])  # the kind of certificate
        at += 4 + int.from_bytes(data[at : at + 4])
    return False


def _is_seed_and_public(data: bytes) -> bool:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(data[:32]).public_key().public_bytes_raw() == data[32:]


def _pgp_form(data: bytes) -> str | None:
    """Read the header of an OpenPGP packet and the beginning of a secret key."""
    if len(data) < 48 or not data[0] & 0x80:
        return None
    if data[0] & 0x40:
        tag, first = data[0] & 0x3F, data[1]
        length, start = (first, 2) if first < 192 else (((first - 192) << 8) + data[2] + 192, 3)
    else:
        tag, size = (data[0] >> 2) & 0x0F, data[0] & 3
        if size > 1:
            return None
        length, start = int.from_bytes(data[1 : 2 + size]), 2 + size
    body = data[start : start + 6]
    fits = length >= 40 and body[0] in (3, 4, 6) and int.from_bytes(body[1:5]) in _PGP_TIMES
    return _SECRET_PACKETS.get(tag) if fits and body[5] in _PGP_ALGORITHMS and start + length <= len(data) else None
