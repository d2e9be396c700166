"""How values are shown: as lines of text for people, as a JSON document for programs.

A command registers what the defaults show badly, beside itself:

    @show.text.register
    def _(plan: CommitPlan) -> Lines: ...

The defaults know values made of fields, and no other object: what has not been thought of is not printed by accident.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import singledispatch
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from tufkeep.errors import TufkeepError

if TYPE_CHECKING:
    from tufkeep.metadata.review import Sentence

Tone: TypeAlias = Literal["plain", "title", "good", "warning", "bad", "quiet"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text, with the tone that a terminal gives a colour."""

    text: str
    tone: Tone = "plain"
    details: Collection[str] = ()  # what the line shortens or counts, for those who ask for all of it


Lines: TypeAlias = Iterable[Line | str]


def folded(lines: Lines) -> Iterator[Line]:
    """Yield lines without their details, which are counted at the end."""
    left_out = 0
    for line in map(_toned, lines):
        left_out += len(line.details)
        yield line
    if left_out:
        more = f"{left_out:,} more line{'' if left_out == 1 else 's'}"
        yield Line(f"with -v, {more}: each place that differs, with both values", "quiet")


def unfolded(lines: Lines) -> Iterator[Line]:
    """Yield lines, each with its details below it."""
    for line in map(_toned, lines):
        yield line
        yield from (Line(f"    {detail}", "quiet") for detail in line.details)


def reviewed_whole(sentences: Iterable[Sentence]) -> Iterator[Line]:
    """Yield the sentences with all their details, as somebody reads them who is about to sign."""
    for line in unfolded(reviewed(sentences)):
        yield Line(line.text, line.tone)


def _toned(line: Line | str) -> Line:
    return line if isinstance(line, Line) else Line(line)


def reviewed(sentences: Iterable[Sentence]) -> Iterator[Line]:
    """Yield the sentences of a review as lines."""
    for each in sentences:
        yield Line(each.marked, "warning" if each.warning else "plain", each.details)


@singledispatch
def text(value: object) -> Lines:
    """Return the lines that a person reads."""
    return _indented(document(value), "")


@singledispatch
def document(value: object) -> Any:
    """Return the value in JSON's types.

    Raises:
        TypeError: nobody has said how such a value is shown.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: document(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"no way to show a {type(value).__name__}")


@document.register(type(None))
@document.register(bool)
@document.register(int)
@document.register(str)
def _itself(value: object) -> object:
    return value


@document.register(datetime)
def _time(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@document.register(date)
def _date(value: date) -> str:
    return value.isoformat()


@document.register(timedelta)
def _seconds(value: timedelta) -> int:
    return int(value.total_seconds())


@document.register(TufkeepError)
def _error(value: TufkeepError) -> str:
    return str(value)


@document.register(Enum)
def _enum(value: Enum) -> Any:
    return document(value.value)


@document.register(PurePath)
def _path(value: PurePath) -> str:
    return str(value)


@document.register(Mapping)
def _mapping(value: Mapping[object, object]) -> dict[str, Any]:
    return {str(document(key)): document(held) for key, held in value.items()}


@document.register(Sequence)
def _sequence(value: Sequence[object]) -> list[Any]:
    return [document(held) for held in value]


@document.register(Set)
def _set(value: Set[object]) -> list[Any]:
    return sorted(document(held) for held in value)


@document.register(bytes)
def _bytes(value: bytes) -> str:
    raise TypeError("bytes are not shown: say what they are")


def _indented(value: Any, indent: str) -> Iterable[Line]:
    if isinstance(value, dict):
        for name, held in value.items():
            yield from _field(name.replace("_", " "), held, indent)
    elif isinstance(value, list):
        for held in value:
            yield from _item(held, indent)
    else:
        yield Line(indent + _word(value))


def _field(name: str, held: Any, indent: str) -> Iterable[Line]:
    if not isinstance(held, dict | list):
        yield Line(f"{indent}{name}: {_word(held)}")
    elif held:
        yield Line(f"{indent}{name}:")
        yield from _indented(held, indent + "  ")
    else:
        yield Line(f"{indent}{name}: none")


def _item(held: Any, indent: str) -> Iterable[Line]:
    first = "- "
    for line in _indented(held, ""):
        yield Line(indent + first + line.text)
        first = "  "


def _word(value: object) -> str:
    return {None: "none", True: "yes", False: "no"}[value] if value is None or isinstance(value, bool) else str(value)


def columns(rows: Iterable[Sequence[object]], *, gap: str = "  ") -> list[str]:
    """Return the rows as lines with their columns aligned; numbers to the right."""
    table = [list(row) for row in rows]
    widths = [max(len(str(cell)) for cell in column) for column in zip(*table, strict=True)]
    return [gap.join(_cell(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]


def signatures(count: int, threshold: int, *, by: str = "") -> str:
    """Return `1 of 2 signatures`, or `3 signatures (2 needed)` where there are more than it takes.

    Args:
        by: whose, where that needs saying: `root v3`.
    """
    whose = f"by {by}" if by else "signatures"
    return f"{count} {whose} ({threshold} needed)" if count > threshold else f"{count} of {threshold} {whose}"


def _cell(cell: object, width: int) -> str:
    return f"{cell:>{width}}" if isinstance(cell, int) else f"{cell!s:<{width}}"


def printable(line: str) -> str:
    """Return the line without the power to move a cursor, to hide or to reorder what stands around it.

    Target paths, role names and error texts come from repositories that may be hostile.
    """
    if line.isprintable():
        return line
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in line
    )
