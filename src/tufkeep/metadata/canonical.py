"""Canonical JSON: the one byte string that a value is signed as.

OLPC canonical JSON sorts members by code point, writes no white space and escapes
only ``\\`` and ``"`` in strings. orjson writes the same, except that it escapes
control characters too, which one pass undoes, and that it would write a float.
What orjson cannot write (an integer beyond 64 bits) goes to the standard library.

Spec: TUF 1.0.34 #metaformat; OLPC canonical JSON.
"""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import orjson

from tufkeep.errors import BadRequest, TrustRefused

# An escape as orjson writes it; the two that canonical JSON keeps are matched so
# that the `n` of an escaped backslash before an `n` is not taken for a newline.
_ESCAPE = re.compile(rb'\\(?:["\\]|[bfnrt]|u00[01][0-9a-f])')
_SHORT = {b"\\b": b"\b", b"\\f": b"\f", b"\\n": b"\n", b"\\r": b"\r", b"\\t": b"\t"}
_OPTIONS = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)
_COLLECTOR_MATTERS = 1 << 20  # bytes; below, building objects is quicker than the two calls


class NotCanonical(BadRequest):
    """A value that canonical JSON has no form for, such as a fraction."""

    def __init__(self, what: str):
        super().__init__(f"canonical JSON has no form for {what}")
        self.what = what


class MalformedMetadata(TrustRefused):
    """Bytes that are not TUF metadata."""

    exit_code = 22

    def __init__(self, reason: str, *, role: str | None = None):
        super().__init__(f"{role or 'metadata'}: {reason}")
        self.reason = reason
        self.role = role


def encode_canonical(value: object) -> bytes:
    """Return the canonical JSON of a value, in UTF-8.

    Raises:
        NotCanonical: the value holds a float, a lone surrogate, a member name that
            is not text, or a type that JSON does not know.
    """
    refuse_uncanonical(value)
    return encode_decoded(value)


def encode_decoded(value: object) -> bytes:
    """Return the canonical JSON of a value that `decode` returned, or that was checked like one.

    Leaves out the walk that `encode_canonical` makes: over a hundred thousand targets it costs
    more than all the rest, and what `decode` returned holds no float.
    """
    return canonical_of(encode_json(value))


def encode_json(value: object) -> bytes:
    """Return a checked value as a file holds it: canonical, but with control characters escaped.

    Canonical JSON writes the line ends of a PEM as they are, and no JSON parser would read that.
    """
    try:
        return orjson.dumps(value, option=_OPTIONS)
    except TypeError:
        return _encode_slowly(value)


def canonical_of(encoded: bytes) -> bytes:
    """Return the canonical JSON of what `encode_json` returned."""
    return _ESCAPE.sub(_unescape, encoded) if b"\\" in encoded else encoded


def refuse_uncanonical(value: object) -> None:
    """Walk a value and refuse what canonical JSON has no form for.

    Raises:
        NotCanonical: see `encode_canonical`.
    """
    waiting, seen = [value], set[int]()  # a value that contains itself would never end; encoding it says so
    while waiting:
        item = waiting.pop()
        if isinstance(item, (dict, list, tuple)):
            if id(item) in seen:
                continue
            seen.add(id(item))
        if isinstance(item, dict):
            for name in item:
                if not isinstance(name, str):
                    raise NotCanonical(f"a member name of type {type(name).__name__}")
            waiting.extend(item.values())
        elif isinstance(item, (list, tuple)):
            waiting.extend(item)
        elif item is not None and not isinstance(item, (str, int)):
            raise NotCanonical(
                f"the {type(item).__name__} {item!r}" if isinstance(item, float) else type(item).__name__
            )


def decode(data: bytes | msgspec.Raw) -> Any:
    """Return the value of strict JSON without fractions.

    The last of several members of one name counts, as for every other client of TUF.

    Raises:
        MalformedMetadata: not JSON, not UTF-8, a number with fraction or exponent, or
            nested deeper than the interpreter goes.
    """
    try:
        with collector_paused(len(memoryview(data))):
            return _DECODER.decode(data)
    except _JSON_ERRORS as error:
        raise MalformedMetadata(json_fault(error)) from None


@contextmanager
def collector_paused(length_bytes: int) -> Iterator[None]:
    """Build many objects without the garbage collector walking them: it is half of the time."""
    pause = length_bytes > _COLLECTOR_MATTERS and gc.isenabled()
    if pause:
        gc.disable()
    try:
        yield
    finally:
        if pause:
            gc.enable()


def json_fault(error: Exception) -> str:
    """Return what is wrong with the bytes that a decoder refused, in a few words."""
    if isinstance(error, RecursionError):
        return "nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    return str(error).removeprefix("JSON is malformed: ") or "not JSON"


def _refuse_float(text: str) -> Any:
    raise ValueError(f"the number {text[:40]} is not an integer")


_DECODER = msgspec.json.Decoder(float_hook=_refuse_float)
_JSON_ERRORS = (msgspec.MsgspecError, ValueError, RecursionError)  # ValueError: UTF-8, over-long integers


def _unescape(match: re.Match[bytes]) -> bytes:
    escape = match[0]
    if escape[1] in b'"\\':
        return escape
    return _SHORT.get(escape) or bytes([int(escape[2:], 16)])


def _encode_slowly(value: object) -> bytes:
    """Write what orjson does not: integers beyond 64 bits, subclasses, deep nesting."""
    try:
        text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise NotCanonical("half of a surrogate pair") from None
    except RecursionError:
        raise NotCanonical("a value nested this deeply") from None
    except (TypeError, ValueError) as error:  # an integer that Python does not write, for one
        raise NotCanonical(str(error)[:100]) from None
