"""Numbers, days, dates: as Go has them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tufkeep.cli.base import hints
from tufkeep.cli.compat.go import GoError, days_after, format_time, integer, months_after
from tufkeep.cli.compat.tuf.committing import parse_date
from tufkeep.cli.compat.tuf.hints import HINTS
from tufkeep.cli.compat.tuf.session import default_expiry
from tufkeep.cli.compat.tuf.targets import normal
from tufkeep.errors import TufkeepError
from tufkeep.stores import ObjectMissing
from tufkeep.workspace.base import StaleStaged
from tufkeep.workspace.commit_artifacts import ArtifactMissing


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(("text", "value"), [("3", 3), ("+3", 3), ("-3", -3), ("007", 7)])
def test_a_number_is_read(text: str, value: int) -> None:
    assert integer(text) == value


@pytest.mark.parametrize("text", ["", "x", "1.5", "1_000", " 3", "0x10", "٣"])
def test_what_is_no_number_is_named(text: str) -> None:
    with pytest.raises(GoError) as caught:
        integer(text)
    assert str(caught.value) == f'strconv.Atoi: parsing "{text}": invalid syntax'


def test_a_number_beyond_64_bits_is_named() -> None:
    with pytest.raises(GoError, match="value out of range"):
        integer("9223372036854775808")


@pytest.mark.parametrize(
    ("now", "later"),
    [
        (at(2026, 11, 22, 22, 19, 58), at(2027, 2, 22, 22, 19, 58)),
        (at(2026, 11, 30), at(2027, 3, 2)),
        (at(2027, 11, 30), at(2028, 3, 1)),
        (at(2026, 1, 31), at(2026, 5, 1)),
    ],
)
def test_three_months_later_is_by_the_calendar(now: datetime, later: datetime) -> None:
    assert months_after(now, 3) == later


def test_a_year_later_than_a_leap_day_is_march() -> None:
    assert months_after(at(2028, 2, 29), 12) == at(2029, 3, 1)


def test_the_defaults_are_go_tufs() -> None:
    now = at(2026, 11, 22)
    assert [default_expiry(role, now) for role in ("root", "targets", "snapshot", "timestamp")] == [
        at(2027, 11, 22),
        at(2027, 2, 22),
        at(2026, 11, 29),
        at(2026, 11, 23),
    ]


def test_a_year_without_digits_is_refused() -> None:
    with pytest.raises(GoError, match="year outside of range"):
        days_after(at(2026, 1, 1), 3_000_000)


def test_a_time_is_spoken() -> None:
    assert format_time(at(2026, 11, 29, 22, 19, 58)) == "2026-11-29 22:19:58 +0000 UTC"


@pytest.mark.parametrize(
    "text",
    ["2027-01-31T12:00:00Z", "2027-01-31T13:00:00+01:00", "31 Jan 27 12:00 UTC", "Sun Jan 31 12:00:00 UTC 2027"],
)
def test_a_date_is_read_in_three_forms(text: str) -> None:
    assert parse_date(text) == at(2027, 1, 31, 12)


@pytest.mark.parametrize("text", ["", "tomorrow", "2027-01-31", "2027-13-31T12:00:00Z", "31 Foo 27 12:00 UTC"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(GoError, match="failed to parse --valid-at arg"):
        parse_date(text)


@pytest.mark.parametrize(
    ("typed", "path"), [("a", "a"), ("/a", "a"), ("./a//b/", "a/b"), ("../../a", "a"), ("a/../b", "b"), ("", "")]
)
def test_a_path_is_made_normal(typed: str, path: str) -> None:
    assert normal(typed) == path


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (ArtifactMissing("a b/c"), "put the file at staged/targets/a b/c, then: tuf add 'a b/c'"),
        (StaleStaged("root", staged=2, committed=2), "drop the staged change with tuf clean, then make it again"),
        (ObjectMissing("root.json"), "look at how it is written, and at where you are"),
    ],
)
def test_a_hint_is_in_the_words_of_the_program_that_was_called(error: TufkeepError, hint: str) -> None:
    assert hints.hint(error, HINTS) == hint
