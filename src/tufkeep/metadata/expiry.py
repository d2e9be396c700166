"""How long metadata holds before somebody must renew it.

Time comes in as a value: aware, in UTC.

Spec: TUF 1.0.34 #expires, #check-for-a-freeze-attack.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from tufkeep.errors import BadRequest

if TYPE_CHECKING:
    from tuf.api.metadata import Signed

    from tufkeep.metadata.document import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """How long new metadata of a role holds, and how long before its end somebody is told."""

    life: timedelta
    warn: timedelta


DEFAULT_VALIDITY: Mapping[str, Validity] = MappingProxyType(
    {
        "root": Validity(life=timedelta(days=365), warn=timedelta(days=60)),
        "targets": Validity(life=timedelta(days=365), warn=timedelta(days=30)),
        "snapshot": Validity(life=timedelta(days=90), warn=timedelta(days=30)),
        "timestamp": Validity(life=timedelta(days=14), warn=timedelta(days=5)),
    }
)


class ExpiryNotAhead(BadRequest):
    """New metadata would be refused from the moment it is published."""

    def __init__(self, expires: datetime, *, now: datetime):
        super().__init__(f"expiry {expires:%Y-%m-%d %H:%M:%S} is not after now, {now:%Y-%m-%d %H:%M:%S}")
        self.expires = expires


class ExpiryTooFar(BadRequest):
    """A time that no date of metadata can name."""

    def __init__(self, life: timedelta):
        super().__init__(f"{life.days:,} days from now is after the year 9999")
        self.life = life


CLOCKS_APART = timedelta(days=1)  # what two clocks may differ by before one is doubted: a time zone taken for another


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """When one version of a role's metadata ends."""

    role: str
    version: int
    expires: datetime
    warn: timedelta  # before `expires`
    life: timedelta  # that the policy gives a new version

    @property
    def due(self) -> datetime:
        """From here on it should be renewed."""
        return self.expires - self.warn

    def expired(self, now: datetime) -> bool:
        """Whether a client refuses it: it must end later than now, not at now."""
        return now >= self.expires

    def is_due(self, now: datetime) -> bool:
        """Whether its warning window has begun."""
        return now >= self.due

    def ends_late(self, now: datetime) -> bool:
        """Whether it ends later than a version that is made now would: it was made by a clock ahead, or on purpose."""
        return self.expires - now > self.life + CLOCKS_APART

    def late_sentence(self, now: datetime) -> str:
        """Return that fact in words."""
        days = f"{self.life.days:,} day{'' if self.life.days == 1 else 's'}"
        return (
            f"v{self.version} {distance(self.expires, now=now)}, on {self.expires:%Y-%m-%d}; the policy gives it {days}"
        )

    def ends_within(self, span: timedelta, *, now: datetime) -> bool:
        """Whether it is expired, or expires before that time from now is over."""
        return self.expires - now <= span

    def sentence(self, now: datetime) -> str:
        """Return the fact in words: `timestamp v7 expires in 12 days, on 2026-12-04`."""
        return f"{self.role} v{self.version} {distance(self.expires, now=now)}, on {self.expires:%Y-%m-%d}"


def validity_of(role: str, policy: Mapping[str, Validity] = DEFAULT_VALIDITY) -> Validity:
    """Return a role's windows; a delegated role has those of targets unless the policy names it."""
    return policy.get(role) or policy.get("targets") or DEFAULT_VALIDITY["targets"]


def expiry_of(document: Document[Signed], role: str, *, policy: Mapping[str, Validity] = DEFAULT_VALIDITY) -> Expiry:
    """Return when a document ends and how early its role wants to be warned."""
    validity = validity_of(role, policy)
    return Expiry(role=role, version=document.version, expires=document.expires, warn=validity.warn, life=validity.life)


def expires_after(life: timedelta, *, now: datetime) -> datetime:
    """Return the end of a life that begins now, in whole seconds: metadata has no others.

    Raises:
        ExpiryNotAhead: the life is not longer than nothing.
        ExpiryTooFar: it ends after the year 9999.
    """
    try:
        expires = (now.astimezone(UTC) + life).replace(microsecond=0)
    except OverflowError:
        raise ExpiryTooFar(life) from None
    if expires <= now:
        raise ExpiryNotAhead(expires, now=now)
    return expires


def due(expiries: Iterable[Expiry], *, now: datetime, within: timedelta | None = None) -> tuple[Expiry, ...]:
    """Return what should be renewed, the soonest end first.

    Args:
        within: what ends within this time; without it, what is in its own warning window.
    """
    chosen = (e for e in expiries if (e.is_due(now) if within is None else e.ends_within(within, now=now)))
    return tuple(sorted(chosen, key=lambda expiry: (expiry.expires, expiry.role)))


def distance(expires: datetime, *, now: datetime) -> str:
    """Return `expires in 12 days`, `expires in 3 hours` or `expired 2 days ago`."""
    span = expires - now
    if span <= timedelta(0):
        return f"expired {_span(-span)} ago"
    return f"expires in {_span(span)}"


def _span(span: timedelta) -> str:
    """Return the span in its largest whole unit; rounded down, so that nobody relies on more than there is."""
    for name, unit in (("day", timedelta(days=1)), ("hour", timedelta(hours=1)), ("minute", timedelta(minutes=1))):
        if span >= unit:
            count = span // unit
            return f"{count:,} {name}{'' if count == 1 else 's'}"
    return "less than a minute"
