"""The time: what a clock is, the system's own, and a check of the one that a caller brings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]  # aware, UTC, whole seconds


def system_clock() -> datetime:
    """Return the time in whole seconds, as TUF writes it: the one place that reads the machine's clock."""
    return datetime.now(UTC).replace(microsecond=0)


def in_utc(clock: Clock) -> Clock:
    """Return a clock that gives the time of another in UTC and in whole seconds.

    A time without a zone means one moment here and another one elsewhere, so metadata would expire at the wrong time.
    The clock that is returned raises ValueError for it.
    """

    def now() -> datetime:
        time = clock()
        if not isinstance(time, datetime):
            raise TypeError(f"a clock returns a datetime, and this one returned {type(time).__name__}")
        if time.utcoffset() is None:
            raise ValueError(f"the clock returned {time.isoformat()}, which has no time zone: return an aware datetime")
        return time.astimezone(UTC).replace(microsecond=0)

    return now
