"""Private keys in text: PEM of every kind, key files, JWK, PuTTY, age, minisign and what is wrapped in base64.

Text may be UTF-8, UTF-16 or UTF-32: without its NUL bytes, each of them is the same text. Names and values of JSON may
be quoted once more, as in a string that holds JSON. A program may hold the line that begins a key, and a manual may
show one that is cut off: only a body behind it makes it a key.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator
from typing import Final

from tufkeep.keys.material.binary import DER, binary_form

WINDOW_BYTES: Final = 32 << 10  # what is looked at on both sides of a word that gives a key away
PEM: Final = "a private key in text form (PEM)"
SEALED_FILE: Final = "a private key in an encrypted key file"
OPEN: Final = "a private key that is not encrypted"

# In a program or packed data, only these words are looked for: each costs a tenth of a hash.
_QUICK = (
    b"PRIVATE KEY",
    b"P\0R\0I\0V\0A\0T\0E",
    b"P\0\0\0R\0\0\0I\0\0\0V",
    b"secretbox",
    b"AGE-SECRET-KEY-",
    b"PuTTY-User-Key-File-",
    b'"private"',
)
_CONTROL = bytes(set(range(1, 32)) - set(b"\t\n\r\f\x1b"))
_SAMPLED = 61  # one byte of so many
_SMALL_BYTES = 64 << 10

_GAP = re.compile(rb"(?:\\+[nrt]|[\s\"'\\,;#>|*]|(?<=\s)\+(?=\s))+")
_LABEL_END = re.compile(rb"PRIVATE KEY(?: BLOCK)?(?:-----| ----)")
_HEADERS = re.compile(rb"(?:[A-Za-z][A-Za-z0-9-]*: [^\n\\]{1,200}(?:\\+[nrt]|[\s\"'#>|*,;])+)+")
_BODY = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_BEGIN = re.compile(rb"---- ?BEGIN [A-Z0-9 ]{0,60}$")
_BODY_CHARACTERS = 60  # an ed25519 key in PKCS#8 has 64

_SEALED = re.compile(rb'ciphertext\\*"\s*:\s*\\*"[A-Za-z0-9+/]{20}')
_KDF = re.compile(rb'kdf\\*"\s*:')
_AGE = re.compile(rb"AGE-SECRET-KEY-(?:PQ-)?1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{50}")
_PUTTY = re.compile(rb"PuTTY-User-Key-File-\d:.{1,8192}?Private-Lines: \d", re.DOTALL)
_OLD_SEALED = re.compile(rb"[0-9a-f]{32}@@@@\d{1,9}@@@@[0-9a-f]{32,128}@@@@[0-9a-f]{32}@@@@[0-9a-f]{64}")
_GPG = re.compile(rb"\A(?:Key: )?\((?:21:protected-|11:|protected-)?private-key\s*\(")
_MEMBER = re.compile(
    rb'"(?:private(?:_?key)?|secret(?:_?key)?|seed)\\*"\s*:\s*\\*"'
    rb"(?:[0-9a-f]{64}|[0-9a-f]{128}|[A-Za-z0-9+/_-]{43}=?|[A-Za-z0-9+/_-]{86}(?:==)?)\\*\"",
    re.IGNORECASE,
)
_JWK = re.compile(rb'"(?:d|k|priv)\\*"\s*:\s*\\*"[A-Za-z0-9_-]{22,}')
_KTY = re.compile(rb'"kty\\*"\s*:\s*\\*"(?:RSA|EC|OKP|oct|AKP)\b')

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_CLASSES = bytes(0x41 if each in _BASE64 else 0x6E if each in b"\r\n \t" else 0 for each in range(256))
_LONG = b"A" * 40  # the base64 of anything that holds a key is longer than this, on one line
_RUN = re.compile(rb"A{40,}(?:n{1,40}A+)*")
_HEX = re.compile(rb"[0-9a-f]+\Z|[0-9A-F]+\Z")
_WRAPPED_LIMIT_BYTES = 4 << 20

Unwrap = Callable[[bytes], str | None]  # looks into what was wrapped


def text_form(data: bytes, *, unwrap: Unwrap) -> str | None:
    """Return in what form the bytes hold a private key, None where they hold none.

    Args:
        data: a piece of a file; what it holds within a window's length of its ends may need the next piece to be seen.
        unwrap: is asked about what stands in it as base64.
    """
    if len(data) <= _SMALL_BYTES or _is_text(data):
        return _text(data, unwrap)
    looked = 0
    for at in _hits(data):
        if at >= looked:
            looked = at + WINDOW_BYTES
            if form := _text(data[max(0, at - WINDOW_BYTES) : looked + WINDOW_BYTES], None):
                return form
    return None


def _is_text(data: bytes) -> bool:
    """Whether a piece of a file is text: of programs and packed data a tenth and more are control characters."""
    sample = data[::_SAMPLED]
    return (len(sample) - len(sample.translate(None, _CONTROL))) * 40 < len(sample)


def _hits(data: bytes) -> list[int]:
    return sorted(at for word in _QUICK for at in _places(data, word))


def _places(data: bytes, word: bytes) -> Iterator[int]:
    at = data.find(word)
    while at >= 0:
        yield at
        at = data.find(word, at + len(word))


def _text(data: bytes, unwrap: Unwrap | None) -> str | None:
    if b"\0" in data:
        data = data.translate(None, b"\0")
    for rule in (_pem, _key_file, _named, _json):
        if form := rule(data):
            return form
    return _wrapped(data, unwrap) if unwrap is not None else None


def _pem(data: bytes) -> str | None:
    for at in _places(data, b"PRIVATE KEY"):
        end = _LABEL_END.match(data, at)
        if end is not None and _BEGIN.search(data, max(0, at - 80), at) and _has_body(data[end.end() : at + 16384]):
            return PEM
    return None


def _has_body(behind: bytes) -> bool:
    """Whether base64 follows on the line that begins a key, as much of it as the shortest key has."""
    gap = _GAP.match(behind)
    at = gap.end() if gap else 0
    broken = gap is not None and (b"\n" in gap[0] or b"\\n" in gap[0])
    if headers := _HEADERS.match(behind, at):
        at = headers.end()
    body = b""
    while len(body) < _BODY_CHARACTERS * 2 and (part := _BODY.match(behind, at)):
        body, at = body + part[0], part.end()
        if (gap := _GAP.match(behind, at)) is not None:
            at = gap.end()
    return len(body) >= _BODY_CHARACTERS and (broken or binary_form(_decoded(body)) is not None)


def _key_file(data: bytes) -> str | None:
    for at in _places(data, b"secretbox"):
        around = data[max(0, at - WINDOW_BYTES) : at + WINDOW_BYTES]
        if _SEALED.search(around) and _KDF.search(around):
            return SEALED_FILE
    if any(_OLD_SEALED.search(data, max(0, at - 40), at + 512) for at in _places(data, b"@@@@")):
        return SEALED_FILE
    return None


def _named(data: bytes) -> str | None:
    if b"AGE-SECRET-KEY-" in data and _AGE.search(data):
        return "an age secret key"
    if b"PuTTY-User-Key-File-" in data and _PUTTY.search(data):
        return "a PuTTY private key"
    return "a GnuPG private key" if b"private-key" in data[:64] and _GPG.match(data) else None


def _json(data: bytes) -> str | None:
    """Look for members that are named like a secret and hold what may be one, by the first letters of their names."""
    for letters in (b'"priv', b'"Priv', b'"PRIV', b'"secret', b'"Secret', b'"seed', b'"d\\"', b'"d"', b'"k\\"', b'"k"'):
        for at in _places(data, letters):
            if _MEMBER.match(data, at) or (_JWK.match(data, at) and _KTY.search(data, max(0, at - 8192), at + 8192)):
                return OPEN
    return None


def _wrapped(data: bytes, unwrap: Unwrap) -> str | None:
    data = data.replace(b"\\n", b"\n ")  # lines in a string of JSON or of a program
    classes = data.translate(_CLASSES)
    at = classes.find(_LONG)
    while at >= 0:
        found = _RUN.match(classes, at)
        assert found is not None
        run = data[at : min(found.end(), at + _WRAPPED_LIMIT_BYTES)].translate(None, b"\r\n \t")
        if not _HEX.match(run):  # a hash, most of all
            for skipped in range(4) if at == 0 else (0,):  # it may have begun in the piece before
                decoded = _decoded(run[skipped:])
                if form := binary_form(decoded) or unwrap(decoded):
                    return form if form != DER else "a private key in binary form (DER), as base64"
        at = classes.find(_LONG, found.end())
    return None


def _decoded(run: bytes) -> bytes:
    run = run.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
    whole = run[: len(run) - (len(run) % 4 == 1)]
    try:
        return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))
    except binascii.Error:
        return b""
