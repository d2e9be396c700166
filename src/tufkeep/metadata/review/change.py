"""A change: one place of a document, with the value that it had and the value that it gets.

The changes of two documents are all that differs between them: carried out on the first, they make the second. Every
fact of a review speaks of some of them, and what no fact speaks of is told as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Literal

from tufkeep.metadata.canonical import encode_json

Place = tuple[str, ...]  # the members that lead there, from the signed part on; a delegated role by its name


class _Absent(Enum):
    ABSENT = "absent"


ABSENT: Final = _Absent.ABSENT
Value = Any | Literal[_Absent.ABSENT]

_DEEPEST: Final = 60  # objects in objects; what differs further down is one change
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_ROLES: Final = ("delegations", "roles")
_ENTERED: Final[dict[Place, type]] = {  # what is in them is told one by one, though they come or go as a whole
    ("keys",): dict,
    ("roles",): dict,
    ("meta",): dict,
    ("targets",): dict,
    ("delegations",): dict,
    ("delegations", "keys"): dict,
    _ROLES: list,
}


@dataclass(frozen=True, slots=True)
class Change:
    """One place of a document whose value is another one, is new or is gone."""

    place: Place
    before: Value
    after: Value

    @property
    def sentence(self) -> str:
        """The place and both values, whole. Other places or values make another sentence."""
        return f"{place_text(self.place)}{self.becoming}"

    @property
    def becoming(self) -> str:
        """Both values, whole."""
        if self.before is ABSENT:
            return f" is new: {value_text(self.after)}"
        if self.after is ABSENT:
            return f" is gone: {value_text(self.before)}"
        return f": {value_text(self.before)} becomes {value_text(self.after)}"

    def as_json(self) -> dict[str, Any]:
        """Return the change as values that JSON has; a value that was not there has no member."""
        values = {"before": self.before, "after": self.after}
        return {"place": list(self.place), **{name: value for name, value in values.items() if value is not ABSENT}}

    @staticmethod
    def of_json(found: Mapping[str, Any]) -> Change:
        """Return the change that `as_json` wrote, or somebody who imitates it."""
        place = found.get("place")
        steps = tuple(map(str, place)) if isinstance(place, list) else ()
        return Change(steps, found.get("before", ABSENT), found.get("after", ABSENT))


def place_text(place: Place) -> str:
    """Return `roles.root.threshold`; a name with anything but ASCII letters and digits in quotes, escaped."""
    return ".".join(step if _PLAIN.fullmatch(step) else json.dumps(step) for step in place) or "the document"


def value_text(value: Any) -> str:
    """Return a value as JSON in ASCII, so that no letter looks like another one."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def same(one: Value, other: Value) -> bool:
    """Whether two values are signed as the same bytes; Python alone takes 1 for true."""
    if one is other:
        return True
    if ABSENT in (one, other) or one != other:
        return False
    return encode_json(one) == encode_json(other)


def changes(was: Value, becomes: Value, place: Place = ()) -> Iterator[Change]:
    """Yield what differs between two values, member by member.

    Lists are compared as a whole, but for the delegated roles, which have names.
    """
    if _is_entered(place):
        yield from _entered(was, becomes, place)
    elif same(was, becomes):
        return
    elif isinstance(was, dict) and isinstance(becomes, dict) and len(place) < _DEEPEST:
        yield from _members(was, becomes, place)
    else:
        yield Change(place, was, becomes)


def _is_entered(place: Place) -> bool:
    return place in _ENTERED or (len(place) == 2 and place[0] == "roles")


def _entered(was: Value, becomes: Value, place: Place) -> Iterator[Change]:
    kind = _ENTERED.get(place, dict)
    inside: Callable[[Any, Any, Place], Iterator[Change]] = _members if kind is dict else _named
    if isinstance(was, kind) and isinstance(becomes, kind):
        yield from inside(was, becomes, place)
    elif isinstance(becomes, kind):
        yield Change(place, was, kind())
        yield from inside(kind(), becomes, place)
    elif isinstance(was, kind):
        yield from inside(was, kind(), place)
        yield Change(place, kind(), becomes)
    elif not same(was, becomes):
        yield Change(place, was, becomes)


def _members(was: dict[str, Any], becomes: dict[str, Any], place: Place) -> Iterator[Change]:
    for name in {**was, **becomes}:
        yield from changes(was.get(name, ABSENT), becomes.get(name, ABSENT), (*place, name))


def _named(was: list[Any], becomes: list[Any], place: Place) -> Iterator[Change]:
    """Compare the delegated roles by name; another order than the new ones at the end is told as both lists."""
    old, new = by_name(was), by_name(becomes)
    if old is None or new is None:
        if not same(was, becomes):
            yield Change(place, was, becomes)
        return
    yield from _members(old, new, place)
    if [*(name for name in old if name in new), *(name for name in new if name not in old)] != list(new):
        yield Change(place, was, becomes)


def by_name(roles: object) -> dict[str, dict[str, Any]] | None:
    """Return the delegated roles of a list by name; None where they have no names, or two have the same."""
    if not isinstance(roles, list):
        return None
    found = {role["name"]: role for role in roles if isinstance(role, dict) and isinstance(role.get("name"), str)}
    return found if len(found) == len(roles) else None


class Untold:
    """The changes of a document that no fact has told yet."""

    def __init__(self, found: Iterable[Change]):
        self._near: dict[Place, list[Change]] = {}  # by the first two steps: a snapshot lists thousands of roles
        for change in found:
            self._near.setdefault(change.place[:2], []).append(change)

    def take(self, *place: str) -> tuple[Change, ...]:
        """Return the changes at a place and below it, which are told then."""
        groups = [place[:2]] if len(place) > 1 else [near for near in self._near if near[:1] == place]
        taken: list[Change] = []
        for near in groups:
            here = self._near.pop(near, [])
            taken += (change for change in here if change.place[: len(place)] == place)
            if rest := [change for change in here if change.place[: len(place)] != place]:
                self._near[near] = rest
        return tuple(taken)

    def rest(self) -> tuple[Change, ...]:
        """Return what is left, which is told then."""
        taken = tuple(change for here in self._near.values() for change in here)
        self._near.clear()
        return taken

    def take_empty(self) -> tuple[Change, ...]:
        """Return the changes that say no more than that an empty object is new, which are told then."""
        taken = tuple(each for here in self._near.values() for each in here if _is_empty(each))
        self._near = {near: [each for each in here if not _is_empty(each)] for near, here in self._near.items()}
        return taken


def _is_empty(change: Change) -> bool:
    return change.before in (ABSENT, None) and change.after in ({}, []) and _is_entered(change.place)
