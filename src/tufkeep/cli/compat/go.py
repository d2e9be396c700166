"""How Go formats times, parses numbers and adds days, and the error with its words."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from tufkeep.errors import BadRequest

_INTEGER = re.compile(r"[+-]?[0-9]+")
_LARGEST = 2**63 - 1


class GoError(BadRequest):
    """An error in the original's own words, for scripts that look for them, with our hint."""

    def __init__(self, sentence: str, *, hint: str | None = None):
        super().__init__(sentence)
        self.hint = hint


def quoted(text: str) -> str:
    """Return text as Go's %q writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'


def integer(text: str) -> int:
    """Read a number.

    Raises:
        GoError: it is no number, or beyond 64 bits.
    """
    if not _INTEGER.fullmatch(text):
        raise GoError(f"strconv.Atoi: parsing {quoted(text)}: invalid syntax")
    value = int(text)
    if not -_LARGEST - 1 <= value <= _LARGEST:
        raise GoError(f"strconv.Atoi: parsing {quoted(text)}: value out of range")
    return value


def format_time(moment: datetime) -> str:
    """Return `2026-11-29 22:19:58 +0000 UTC`."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} +0000 UTC"


def days_after(now: datetime, days: int) -> datetime:
    """Return the time so many days later.

    Raises:
        GoError: the year has more than four digits, which RFC 3339 cannot write.
    """
    try:
        return now + timedelta(days=days)
    except OverflowError:
        raise GoError(
            "json: error calling MarshalJSON for type time.Time: Time.MarshalJSON: year outside of range [0,9999]"
        ) from None


def months_after(now: datetime, months: int) -> datetime:
    """Return the time so many calendar months later; three months after 30 November is 2 March."""
    year, month = divmod(now.month - 1 + months, 12)
    return now.replace(year=now.year + year, month=month + 1, day=1) + timedelta(days=now.day - 1)
