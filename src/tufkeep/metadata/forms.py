"""The form of every metadata object: which members have a meaning, and which values every client reads.

Spec: TUF 1.0.34 #document-formats; go-tuf v0.5.2 data/types.go; tuf-js 5 and its minimatch.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from tufkeep.metadata.filenames import HASH_ALGORITHMS, metapath, path_fault, role_fault, role_of
from tufkeep.metadata.key_form import KEYS
from tufkeep.metadata.shape import (
    Check,
    Members,
    Oddity,
    Path,
    boolean,
    free,
    list_of,
    map_of,
    matches,
    or_null,
    text,
    whole,
)
from tufkeep.metadata.shown import shown

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_OLD_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})")
_HEX = re.compile(r"(?:[0-9a-f]{2})*")
_SPEC_VERSION = re.compile(r"1\.[0-9]{1,5}(\.[0-9]{1,5})?")
_NUMBER = re.compile(r"[0-9]+")
_MORE_THAN_A_PATTERN = re.compile(r"[\[\]{}()\\]|(?:^|/)[!#]")
_EVERY_OBJECT_HAS = re.compile(  # in JavaScript
    "__proto__|constructor|hasOwnProperty|isPrototypeOf|propertyIsEnumerable|toLocaleString|toString|valueOf"
    "|__(?:define|lookup)(?:Getter|Setter)__"
)
_NOT_IN_JAVASCRIPT = "is a name that clients in JavaScript take for something else"


def _date(where: Path, value: Any) -> Iterator[Oddity]:
    """Look at a date, which is one of the calendar; go-tuf of 2021 wrote some with fractions or an offset."""
    date = value if isinstance(value, str) else ""
    if not (_DATE.fullmatch(date) and _in_calendar(date)):
        yield Oddity(where, "is not a date as 2026-01-31T12:00:00Z", _OLD_DATE.fullmatch(date) is not None)


def _in_calendar(date: str) -> bool:
    try:
        datetime.fromisoformat(date)
    except ValueError:
        return False
    return True


def _hash(where: Path, value: Any) -> Iterator[Oddity]:
    """Look at a hash with its algorithm; which client knows which other ones is in `metadata/clients`."""
    if where[-1] in HASH_ALGORITHMS and isinstance(value, str) and len(value) != 2 * hashlib.new(where[-1]).digest_size:
        yield Oddity(where, f"is not as long as a {where[-1]}", tolerated=True)


_each_hash = map_of(matches(_HEX, "is not lower-case hex"), _hash)


def _hashes(where: Path, value: Any) -> Iterator[Oddity]:
    yield from _each_hash(where, value)
    if value == {}:
        yield Oddity(where, "has no hash")


def _pattern(where: Path, value: Any) -> Iterator[Oddity]:
    """Look at a pattern of paths, in which * and ? alone mean the same to every client.

    To tuf-js, braces and groups have a meaning, and ! or # at the front of a segment; brackets and backslashes mean
    something else to each.
    """
    yield from text(where, value)
    if isinstance(value, str) and _MORE_THAN_A_PATTERN.search(value):
        yield Oddity(where, f"pattern {shown(value)} stands for other paths to some clients", tolerated=True)


def _role_name(where: Path, value: Any) -> Iterator[Oddity]:
    """Look at the name of a delegated role: tuf-js makes it the member of an object, and sorts numbers to the front."""
    yield from text(where, value)
    if isinstance(value, str) and (_EVERY_OBJECT_HAS.fullmatch(value) or _NUMBER.fullmatch(value)):
        yield Oddity(where, _NOT_IN_JAVASCRIPT, tolerated=True)


def _target_path(where: Path, value: Any) -> Iterator[Oddity]:
    if fault := path_fault(where[-1]):
        yield Oddity(where, f"is a path that {fault}", tolerated=True)
    elif _EVERY_OBJECT_HAS.fullmatch(where[-1]):
        yield Oddity(where, _NOT_IN_JAVASCRIPT, tolerated=True)


def _in_snapshot(where: Path, value: Any) -> Iterator[Oddity]:
    if where[-1] != metapath(role_of(where[-1])) or role_fault(role_of(where[-1])):
        yield Oddity(where, "is the name of no metadata file", tolerated=True)


def _in_timestamp(where: Path, value: Any) -> Iterator[Oddity]:
    if where[-1] != metapath("snapshot"):
        yield Oddity(where, "is listed by a timestamp, which lists the snapshot alone")


_ROLE_MEMBERS: Final[Mapping[str, Check]] = {"keyids": list_of(text), "threshold": whole(1)}
_PATTERNS: Final[Mapping[str, Check]] = {
    "paths": or_null(list_of(_pattern), tolerated=True),
    "path_hash_prefixes": or_null(list_of(text), tolerated=True),
}
_DELEGATED = Members({**_ROLE_MEMBERS, "name": _role_name, "terminating": boolean}, _PATTERNS)
_SUCCINCT = Members({**_ROLE_MEMBERS, "bit_length": whole(1), "name_prefix": text})
_DELEGATIONS = Members({"keys": KEYS}, {"roles": list_of(_DELEGATED), "succinct_roles": _SUCCINCT})
_LISTED = Members(
    {"version": whole(1)}, {"length": whole(1), "hashes": _hashes, "custom": or_null(free, tolerated=True)}
)
ENTRY_MEMBERS = {"length", "hashes", "custom"}
TARGET_ENTRY = Members({"length": whole(0), "hashes": _hashes}, {"custom": or_null(free, tolerated=True)})
_COMMON: Final[Mapping[str, Check]] = {
    "_type": text,
    "spec_version": matches(_SPEC_VERSION, "is no version of the specification that every client reads"),
    "version": whole(1),
    "expires": _date,
}
_CUSTOM: Final[Mapping[str, Check]] = {"custom": or_null(free, tolerated=True)}
_SIGNED: Final[Mapping[str, Check]] = {
    "root": Members(
        {**_COMMON, "keys": KEYS, "roles": map_of(Members(_ROLE_MEMBERS))},
        {**_CUSTOM, "consistent_snapshot": or_null(boolean)},
    ),
    "timestamp": Members({**_COMMON, "meta": map_of(_LISTED, _in_timestamp)}, _CUSTOM),
    "snapshot": Members({**_COMMON, "meta": map_of(_LISTED, _in_snapshot)}, _CUSTOM),
    "targets": Members(
        {**_COMMON, "targets": map_of(TARGET_ENTRY, _target_path)},
        {**_CUSTOM, "delegations": or_null(_DELEGATIONS)},
    ),
}


def unknown_members(signed: Any) -> Iterator[Path]:
    """Yield the places of a signed part that have no meaning, those that a client may take for another one included."""
    for oddity in _signed((), signed):
        if oddity.unknown:
            yield oddity.where
        elif oddity.member:
            yield (*oddity.where, oddity.member)


def _signed(where: Path, value: Any) -> Iterator[Oddity]:
    kind = value.get("_type") if isinstance(value, dict) else None
    check = _SIGNED.get(kind) if isinstance(kind, str) else None
    if check is None:
        yield Oddity((*where, "_type"), "is none of root, timestamp, snapshot, targets")
        return
    yield from check(where, value)
    if kind == "root":
        yield from _keyids(where, value, value.get("roles"))
    elif kind == "targets" and isinstance(delegations := value.get("delegations"), dict):
        succinct = delegations.get("succinct_roles")
        yield from _keyids(where, delegations, delegations.get("roles") or [succinct])


def _keyids(where: Path, holder: Mapping[str, Any], roles: Any) -> Iterator[Oddity]:
    """Look whether each role lists keys that are there, and each once: go-tuf v2 refuses the file else."""
    keys = holder.get("keys")
    for role in roles.values() if isinstance(roles, dict) else roles if isinstance(roles, list) else ():
        keyids = role.get("keyids") if isinstance(role, dict) else None
        listed = Counter(each for each in keyids if isinstance(each, str)) if isinstance(keyids, list) else Counter()
        for keyid, times in listed.items():
            if times > 1:
                yield Oddity(where, f"lists key {shown(keyid[:8])} twice for one role")
            if not isinstance(keys, dict) or keyid not in keys:
                yield Oddity(where, f"lists key {shown(keyid[:8])} for a role, and not among its keys", tolerated=True)


def _signer(where: Path, value: Any) -> Iterator[Oddity]:
    """Look at the keyid of a signature: tuf-js makes it the member of an object, and finds that it is there already."""
    yield from text(where, value)
    if isinstance(value, str) and _EVERY_OBJECT_HAS.fullmatch(value):
        yield Oddity(where, _NOT_IN_JAVASCRIPT, tolerated=True)


_SIGNATURE = Members({"keyid": _signer, "sig": matches(_HEX, "is not lower-case hex", tolerated=True)})
ENVELOPE = Members({"signatures": list_of(_SIGNATURE), "signed": _signed})
