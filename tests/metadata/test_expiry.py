"""How long metadata holds, and what is due when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.metadata.making import NOW, targets_model
from tufkeep.metadata.document import Document
from tufkeep.metadata.expiry import (
    DEFAULT_VALIDITY,
    Expiry,
    ExpiryNotAhead,
    Validity,
    distance,
    due,
    expires_after,
    expiry_of,
    validity_of,
)

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


def ends(role: str, expires: datetime, warn: timedelta = 5 * DAY) -> Expiry:
    return Expiry(role=role, version=1, expires=expires, warn=warn, life=timedelta(days=30))


@pytest.mark.parametrize(
    ("role", "life", "warn"), [("root", 365, 60), ("targets", 365, 30), ("snapshot", 90, 30), ("timestamp", 14, 5)]
)
def test_the_defaults_are_the_documented_ones(role: str, life: int, warn: int) -> None:
    assert DEFAULT_VALIDITY[role] == Validity(life=life * DAY, warn=warn * DAY)


def test_a_delegated_role_lives_like_targets_unless_the_policy_names_it() -> None:
    own = Validity(life=3 * DAY, warn=DAY)
    assert validity_of("team") == DEFAULT_VALIDITY["targets"]
    assert validity_of("team", {"targets": own}) == own
    assert validity_of("team", {"team": own, "targets": DEFAULT_VALIDITY["root"]}) == own
    assert validity_of("team", {}) == DEFAULT_VALIDITY["targets"]


def test_metadata_is_expired_from_the_very_second_of_its_expiry_as_python_tuf_has_it() -> None:
    model = targets_model(expires=NOW)
    expiry = expiry_of(Document.of(model), "targets")
    for now, expired in ((NOW - SECOND, False), (NOW, True), (NOW + SECOND, True)):
        assert expiry.expired(now) is expired
        assert model.is_expired(now) is expired


def test_the_warning_window_begins_at_its_first_second() -> None:
    expiry = ends("timestamp", NOW + 5 * DAY)
    assert expiry.due == NOW
    assert expiry.is_due(NOW)
    assert not expiry.is_due(NOW - SECOND)


def test_what_is_due_comes_with_the_soonest_end_first() -> None:
    listed = [
        ends("root", NOW + 9 * DAY),
        ends("timestamp", NOW + 4 * DAY),
        ends("snapshot", NOW - DAY),
        ends("targets", NOW + 4 * DAY),
    ]
    assert [e.role for e in due(listed, now=NOW)] == ["snapshot", "targets", "timestamp"]
    assert [e.role for e in due(listed, now=NOW, within=10 * DAY)] == ["snapshot", "targets", "timestamp", "root"]
    assert [e.role for e in due(listed, now=NOW, within=DAY)] == ["snapshot"]
    assert [e.role for e in due(listed, now=NOW, within=9 * DAY)] == ["snapshot", "targets", "timestamp", "root"]
    assert [e.role for e in due(listed, now=NOW, within=9 * DAY - SECOND)] == ["snapshot", "targets", "timestamp"]
    assert [e.role for e in due(listed, now=NOW - 3 * DAY)] == ["snapshot"]


@given(
    st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=36500)),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),
)
def test_a_life_ends_in_whole_seconds_in_utc_and_not_in_the_past(life: timedelta, moment: datetime) -> None:
    now = moment.replace(microsecond=0, tzinfo=UTC)
    expires = expires_after(life, now=now)
    assert expires.microsecond == 0
    assert expires.utcoffset() == timedelta(0)
    assert now < expires <= now + life
    assert life - (expires - now) < SECOND
    targets_model(expires=expires)


@pytest.mark.parametrize("life", [timedelta(0), -DAY, timedelta(microseconds=1)])
def test_a_life_that_is_over_at_once_is_refused(life: timedelta) -> None:
    with pytest.raises(ExpiryNotAhead, match="is not after now"):
        expires_after(life, now=NOW)


def test_a_life_begins_at_the_same_moment_in_every_zone() -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=9)))
    assert expires_after(DAY, now=elsewhere) == NOW + DAY
    assert expires_after(DAY, now=elsewhere).tzinfo is UTC


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (12 * DAY, "expires in 12 days"),
        (DAY, "expires in 1 day"),
        (timedelta(minutes=60), "expires in 1 hour"),
        (timedelta(seconds=60), "expires in 1 minute"),
        (2 * DAY - SECOND, "expires in 1 day"),
        (DAY - SECOND, "expires in 23 hours"),
        (timedelta(minutes=61), "expires in 1 hour"),
        (59 * SECOND, "expires in less than a minute"),
        (2000 * DAY, "expires in 2,000 days"),
        (timedelta(0), "expired less than a minute ago"),
        (-2 * DAY, "expired 2 days ago"),
        (-timedelta(hours=3), "expired 3 hours ago"),
    ],
)  # fmt: skip
def test_a_distance_is_told_in_its_largest_whole_unit(span: timedelta, text: str) -> None:
    assert distance(NOW + span, now=NOW) == text


def test_the_fact_is_one_sentence() -> None:
    assert ends("timestamp", NOW + 12 * DAY).sentence(NOW) == "timestamp v1 expires in 12 days, on 2026-12-04"
