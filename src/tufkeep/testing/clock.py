"""A clock that a test holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class FakeClock:
    """A `clock: Callable[[], datetime]` that stands still until it is told to move."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        self.set(start)

    def __call__(self) -> datetime:
        return self._now

    def __repr__(self) -> str:
        return f"FakeClock({self._now.isoformat()})"

    def set(self, now: datetime) -> None:
        """Put the clock to a time, earlier or later.

        Args:
            now: aware; anything below a second is cut off, as everywhere in TUF.
        """
        if now.tzinfo is None:
            raise ValueError("a clock needs a time zone")
        self._now = now.astimezone(UTC).replace(microsecond=0)

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> datetime:
        """Move the clock on and return its new time."""
        self.set(self._now + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds))
        return self._now
