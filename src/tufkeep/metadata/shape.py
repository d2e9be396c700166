"""Of which values and members a JSON object is made, and where another one departs from that.

A check yields the places of a value that are in another form. Spellings of member names are compared as Go's
encoding/json does: without regard to case, with U+017F (long s) as s and U+212A (Kelvin sign) as k.

Spec: Go encoding/json foldName.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from tufkeep.metadata.shown import shown

LARGEST: Final = 2**53  # go-tuf v0.5.2 passes numbers through a float when it verifies a signature
_FOLDED = str.maketrans({"\u017f": "s", "\u212a": "k"} | {chr(code): chr(code + 32) for code in range(65, 91)})

Path = tuple[str, ...]
Check = Callable[[Path, Any], Iterator["Oddity"]]


@dataclass(frozen=True, slots=True)
class Oddity:
    """One place of a document that two clients read differently."""

    where: Path  # the members that lead there, from the envelope on
    fact: str
    tolerated: bool = False  # our client reads it, as python-tuf does, or because it was written so once
    member: str = ""  # the member of that place that another one is taken for
    unknown: bool = False  # a member without a meaning: every client passes it over, and every reader should see it

    def sentence(self) -> str:
        return f"{'.'.join(map(shown, self.where)) or 'the file'}: {self.fact}"


def fold(name: str) -> str:
    """Return a member name as Go's encoding/json compares it."""
    return name.translate(_FOLDED)


def free(where: Path, value: Any) -> Iterator[Oddity]:
    """Look at anything, as custom data is."""
    return iter(())


class Members:
    """An object whose members have a meaning: each in exactly one spelling."""

    def __init__(
        self,
        needed: Mapping[str, Check],
        optional: Mapping[str, Check] = MappingProxyType({}),
        *,
        closed: bool = False,
        others: Check = free,
    ):
        """Describe an object.

        Args:
            closed: nothing else may be beside these members.
            others: the check of any other member.
        """
        self._needed, self._closed, self._others = frozenset(needed), closed, others
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
                yield Oddity(where, fact, member=name)
            elif self._closed:
                yield Oddity(where, f"member {name!a} has no meaning there")
            elif (twin := folded.setdefault(fold(name), name)) != name:
                yield Oddity(where, f"members {twin!a} and {name!a} are one member to clients in Go", tolerated=True)
            else:
                yield Oddity((*where, name), "has no meaning", tolerated=True, unknown=True)
                yield from self._others((*where, name), member)
        for name in sorted(self._needed - value.keys()):
            yield Oddity(where, f"{name!r} is missing")


def map_of(check: Check, named: Check | None = None) -> Check:
    """Return the check of an object whose member names are data.

    Args:
        named: one more check, of a member together with its name, which is the last step of the way to it.
    """

    def look(where: Path, value: Any) -> Iterator[Oddity]:
        if not isinstance(value, dict):
            yield Oddity(where, "is not an object")
            return
        for name, member in value.items():
            yield from check((*where, name), member)
            if named is not None:
                yield from named((*where, name), member)

    return look


def list_of(check: Check) -> Check:
    """Return the check of a list."""

    def look(where: Path, value: Any) -> Iterator[Oddity]:
        if not isinstance(value, list):
            yield Oddity(where, "is not a list")
            return
        for number, member in enumerate(value):
            yield from check((*where, str(number)), member)

    return look


def matches(pattern: re.Pattern[str], fact: str, *, tolerated: bool = False) -> Check:
    """Return the check of a text in one form."""

    def look(where: Path, value: Any) -> Iterator[Oddity]:
        if not isinstance(value, str) or pattern.fullmatch(value) is None:
            yield Oddity(where, fact, tolerated and isinstance(value, str))

    return look


def whole(least: int) -> Check:
    """Return the check of a number that every client takes exactly; others take larger ones, too."""

    def look(where: Path, value: Any) -> Iterator[Oddity]:
        if type(value) is not int or not least <= value <= LARGEST:
            larger = type(value) is int and value > LARGEST
            yield Oddity(where, f"is not a whole number from {least} to 2^53", larger)

    return look


def or_null(check: Check, *, tolerated: bool = False) -> Check:
    """Return the check of a member that must be left out where there is none; null is refused by some clients."""

    def look(where: Path, value: Any) -> Iterator[Oddity]:
        if value is None:
            yield Oddity(where, "is null, and should be left out", tolerated)
        else:
            yield from check(where, value)

    return look


def text(where: Path, value: Any) -> Iterator[Oddity]:
    """Look at a text of any kind."""
    if not isinstance(value, str):
        yield Oddity(where, "is not a text")


def boolean(where: Path, value: Any) -> Iterator[Oddity]:
    """Look at what is true or false."""
    if not isinstance(value, bool):
        yield Oddity(where, "is not a boolean")
