"""The clock that a test holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tufkeep.testing.clock import FakeClock


def test_it_stands_still_until_it_is_told_to_move() -> None:
    clock = FakeClock()
    assert clock() == clock() == datetime(2026, 1, 1, tzinfo=UTC)
    assert clock.advance(days=2, hours=1, minutes=1, seconds=1) == clock() == datetime(2026, 1, 3, 1, 1, 1, tzinfo=UTC)
    clock.set(datetime(2020, 1, 1, tzinfo=UTC))
    assert clock().year == 2020


def test_its_time_is_utc_in_whole_seconds() -> None:
    clock = FakeClock(datetime(2026, 1, 1, 1, microsecond=5, tzinfo=timezone(timedelta(hours=1))))
    assert clock().isoformat() == "2026-01-01T00:00:00+00:00"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        FakeClock().set(datetime(2026, 1, 1))
