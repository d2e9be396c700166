"""The form of every metadata object: which members have a meaning, and which values every client reads.

Each check yields the places of a value that are in another form. Spellings of member names are compared as Go's
encoding/json does: without regard to case, with U+017F (long s) as s and U+212A (Kelvin sign) as k.

Spec: TUF 1.0.34 #document-formats; go-tuf v0.5.2 data/types.go; Go encoding/json foldName.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from tufkeep.metadata.shown import shown

LARGEST: Final = 2**53  # go-tuf v0.5.2 passes numbers through a float when it verifies a signature
_DATE = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])(:[0-5][0-9]){2}Z")
_HEX = re.compile(r"(?:[0-9a-f]{2})*")
_ED25519 = re.compile(r"[0-9a-f]{64}")
_POINT = re.compile(r"04[0-9a-f]{128}")  # SEC 1: a P-256 key as go-tuf of 2021 wrote it
_PEM = re.compile(r"-----BEGIN PUBLIC KEY-----\n([A-Za-z0-9+/=]+\n)+-----END PUBLIC KEY-----\n?")
_PUBLIC = ("ed25519", "rsa", "ecdsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384")
_SPEC_VERSION = re.compile(r"1\.[0-9]{1,5}(\.[0-9]{1,5})?")
_FOLDED = str.maketrans({"\u017f": "s", "\u212a": "k"} | {chr(code): chr(code + 32) for code in range(65, 91)})

Path = tuple[str, ...]
Check = Callable[[Path, Any], Iterator["Oddity"]]


@dataclass(frozen=True, slots=True)
class Oddity:
    """One place of a document that two clients read differently."""

    where: Path  # the members that lead there, from the envelope on
    fact: str
    two_meanings: bool = False  # clients read it, each in another way; else some refuse it
    member: str = ""  # the member of that place that another one is taken for

    def sentence(self) -> str:
        return f"{'.'.join(map(shown, self.where)) or 'the file'}: {self.fact}"


def fold(name: str) -> str:
    """Return a member name as Go's encoding/json compares it."""
    return name.translate(_FOLDED)


class _Members:
    """An object whose members have a meaning: each in exactly one spelling."""

    def __init__(
        self, needed: Mapping[str, Check], optional: Mapping[str, Check] = MappingProxyType({}), *, closed: bool = False
    ):
        """Describe an object.

        Args:
            closed: nothing else may be beside these members.
        """
        self._needed, self._closed = frozenset(needed), closed
        self._checks = {**needed, **optional}
        self._by_fold = {fold(name): name for name in self._checks}

    def __call__(self, where: Path, value: Any) -> Iterator[Oddity]:
        if not isinstance(value, dict):
            yield Oddity(where, "is not an object")
            return
        folded: dict[str, str] = {}
        for name, member in value.items():
            if name in self._checks:
                yield from self._checks[name]((*where, name), member)
            elif (like := self._by_fold.get(fold(name))) is not None:
                fact = f"member {name!a} is read as {like!r} by clients in Go, and ignored by others"
                yield Oddity(where, fact, two_meanings=True, member=name)
            elif self._closed:
                yield Oddity(where, f"member {name!a} has no meaning there")
            elif (twin := folded.setdefault(fold(name), name)) != name:
                yield Oddity(where, f"members {twin!a} and {name!a} are one member to clients in Go")
        for name in sorted(self._needed - value.keys()):
            yield Oddity(where, f"{name!r} is missing")


def _map(check: Check, name_fault: Callable[[str], str | None] = lambda name: None) -> Check:
    """Return the check of an object whose member names are data."""

    def look(where: Path, value: Any) -> Iterator[Oddity]:
        if not isinstance(value, dict):
            yield Oddity(where, "is not an object")
            return
        for name, member in value.items():
            if (fault := name_fault(name)) is not None:
                yield Oddity((*where, name), fault)
            yield from check((*where, name), member)

    return look


def _list(check: Check) -> Check:
    def look(where: Path, value: Any) -> Iterator[Oddity]:
        if not isinstance(value, list):
            yield Oddity(where, "is not a list")
            return
        for number, member in enumerate(value):
            yield from check((*where, str(number)), member)

    return look


def _is(holds: Callable[[Any], bool], fact: str) -> Check:
    def look(where: Path, value: Any) -> Iterator[Oddity]:
        if not holds(value):
            yield Oddity(where, fact)

    return look


def _free(where: Path, value: Any) -> Iterator[Oddity]:
    """Anything, as custom data is."""
    return iter(())


def _matches(pattern: re.Pattern[str], fact: str) -> Check:
    return _is(lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None, fact)


def _whole(least: int) -> Check:
    return _is(
        lambda value: type(value) is int and least <= value <= LARGEST, f"is not a whole number from {least} to 2^53"
    )


def _either(check: Check, *others: object) -> Check:
    """Return a check that also takes some constants."""

    def look(where: Path, value: Any) -> Iterator[Oddity]:
        if not any(value is other for other in others):
            yield from check(where, value)

    return look


_text = _is(lambda value: isinstance(value, str), "is not a text")
_boolean = _is(lambda value: isinstance(value, bool), "is not a boolean")
_hashes = _map(_matches(_HEX, "is not lower-case hex"))


def public_key(where: Path, value: Any) -> Iterator[Oddity]:
    """Look at a public key: exactly the form its type has, where every client knows the type."""
    kind = value.get("keytype") if isinstance(value, dict) else None
    yield from (_KEY if kind in _PUBLIC else _OTHER_KEY)(where, value)


def _is_pem(value: Any) -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        return isinstance(value, str) and bool(_PEM.fullmatch(value)) and bool(load_pem_public_key(value.encode()))
    except (ValueError, UnsupportedAlgorithm):
        return False


def _public(where: Path, value: Any) -> Iterator[Oddity]:
    """Look at the public half, which is of one of two forms."""
    if not (isinstance(value, str) and (_ED25519.fullmatch(value) or _POINT.fullmatch(value) or _is_pem(value))):
        yield Oddity(where, "is no public key as every client reads it: lower-case hex, or PEM")


_KEY_MEMBERS: Final[Mapping[str, Check]] = {"keytype": _text, "scheme": _text}
_ALGORITHMS: Final[Mapping[str, Check]] = {"keyid_hash_algorithms": _list(_text)}
_KEY = _Members({**_KEY_MEMBERS, "keyval": _Members({"public": _public})}, _ALGORITHMS)
NEW_KEY = _Members({**_KEY_MEMBERS, "keyval": _Members({"public": _public}, closed=True)}, _ALGORITHMS, closed=True)
_OTHER_KEY = _Members({**_KEY_MEMBERS, "keyval": _Members({}, {"public": _text})}, _ALGORITHMS)
_ROLE_MEMBERS: Final[Mapping[str, Check]] = {"keyids": _list(_text), "threshold": _whole(1)}
_ROLE = _Members(_ROLE_MEMBERS)
_PATTERNS: Final[Mapping[str, Check]] = {
    "paths": _either(_list(_text), None),
    "path_hash_prefixes": _either(_list(_text), None),
}
_DELEGATED = _Members({**_ROLE_MEMBERS, "name": _text, "terminating": _boolean}, _PATTERNS)
_SUCCINCT = _Members({**_ROLE_MEMBERS, "bit_length": _whole(1), "name_prefix": _text})
_DELEGATIONS = _Members({"keys": _map(public_key)}, {"roles": _list(_DELEGATED), "succinct_roles": _SUCCINCT})
_LISTED = _Members({"version": _whole(1)}, {"length": _whole(0), "hashes": _hashes, "custom": _free})
ENTRY_MEMBERS = {"length", "hashes", "custom"}
TARGET_ENTRY = _Members({"length": _whole(0), "hashes": _hashes}, {"custom": _free})
_COMMON: Final[Mapping[str, Check]] = {
    "_type": _text,
    "spec_version": _matches(_SPEC_VERSION, "is no version of the specification that every client reads"),
    "version": _whole(1),
    "expires": _matches(_DATE, "is not a date as 2026-01-31T12:00:00Z"),
}
_CUSTOM: Final[Mapping[str, Check]] = {"custom": _free}
_SIGNED: Final[Mapping[str, Check]] = {
    "root": _Members(
        {**_COMMON, "keys": _map(public_key), "roles": _map(_ROLE)},
        {**_CUSTOM, "consistent_snapshot": _either(_boolean, None)},
    ),
    "timestamp": _Members({**_COMMON, "meta": _map(_LISTED)}, _CUSTOM),
    "snapshot": _Members({**_COMMON, "meta": _map(_LISTED)}, _CUSTOM),
    "targets": _Members(
        {**_COMMON, "targets": _map(TARGET_ENTRY)}, {**_CUSTOM, "delegations": _either(_DELEGATIONS, None)}
    ),
}


def _signed(where: Path, value: Any) -> Iterator[Oddity]:
    kind = value.get("_type") if isinstance(value, dict) else None
    check = _SIGNED.get(kind) if isinstance(kind, str) else None
    if check is None:
        yield Oddity((*where, "_type"), "is none of root, timestamp, snapshot, targets")
    else:
        yield from check(where, value)


_SIGNATURE = _Members({"keyid": _text, "sig": _matches(_HEX, "is not lower-case hex")})
ENVELOPE = _Members({"signatures": _list(_SIGNATURE), "signed": _signed})
