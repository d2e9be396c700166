"""Which of two versions is the later one, as far as their numbers tell."""

from __future__ import annotations

import re

_VERSION = re.compile(
    r"v?(\d+(?:\.\d+)*)(?:[-.]?([a-zA-Z][0-9A-Za-z.-]*|[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+.*)?", re.ASCII
)
LONGEST_VERSION = 256  # characters; a longer one is no version, and would keep the pattern busy for minutes
_Key = tuple[tuple[int, ...], bool, tuple[tuple[bool, int, str], ...]]


def is_older(version: str, than: str) -> bool:
    """Whether a version is surely older than another: 1.9 than 1.10, 1.0-rc1 than 1.0.

    Versions that are no numbers cannot be compared; of two such nobody can say that one is older.

    Spec: Semantic Versioning 2.0.0 #spec-item-11, for any count of numbers.
    """
    mine, other = _key(version), _key(than)
    return mine is not None and other is not None and mine < other


def _key(version: str) -> _Key | None:
    match = _VERSION.fullmatch(version.strip()) if len(version) <= LONGEST_VERSION else None
    if match is None:
        return None
    numbers = [int(number) for number in match[1].split(".")]
    while numbers and numbers[-1] == 0:  # 1.0 is 1
        numbers.pop()
    suffix = match[2] or ""
    parts = tuple(_part(part) for part in re.findall(r"\d+|[A-Za-z]+", suffix))
    return tuple(numbers), not suffix, parts  # what has a suffix comes before what has none


def _part(part: str) -> tuple[bool, int, str]:
    return (False, int(part), "") if part.isdigit() else (True, 0, part)
