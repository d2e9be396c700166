"""A clock that a caller brings gives aware times, or is refused with a sentence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from tufkeep.clock import in_utc, system_clock


def test_the_systems_clock_gives_whole_seconds_in_utc() -> None:
    now = system_clock()
    assert now.utcoffset() == timedelta(0)
    assert now.microsecond == 0


def test_a_time_in_another_zone_is_converted() -> None:
    local = datetime(2026, 3, 1, 13, 0, 0, 999, tzinfo=timezone(timedelta(hours=1)))
    assert in_utc(lambda: local)() == datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_a_time_without_a_zone_is_refused() -> None:
    clock = in_utc(lambda: datetime(2026, 3, 1))
    with pytest.raises(ValueError, match="has no time zone"):
        clock()
