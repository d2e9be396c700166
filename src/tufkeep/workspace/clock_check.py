"""Whether the clock can be right, as far as a directory can say: looked at before anything is signed or committed.

A clock that is behind makes metadata that ends too early, or that agents refuse at once. One that is ahead makes
metadata that goes on being accepted long after it should have ended, whoever keeps agents from seeing a newer one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tufkeep.errors import PersonNeeded
from tufkeep.metadata.expiry import CLOCKS_APART, Validity, validity_of
from tufkeep.workspace import layout
from tufkeep.workspace.policy import Policy
from tufkeep.workspace.record import Record, RecordBroken
from tufkeep.workspace.state import State

# Where a clock without a battery begins is long before: 1970, 1980, 2000.
_FIRST_VERSION = datetime(2025, 1, 1, tzinfo=UTC)


class ClockDoubted(PersonNeeded):
    """The clock is far from the time at which something was last signed here, and nobody has said that it is right."""

    exit_code = 46

    def __init__(self, now: datetime, fact: str):
        super().__init__(f"the clock says {now:%Y-%m-%d %H:%M} UTC, {fact}")


@dataclass(frozen=True, slots=True, kw_only=True)
class LastSigned:
    """When something was last signed in a working directory."""

    when: datetime
    certain: bool  # the record says so; else worked out from an end of validity


def last_signed(record: Record, state: State, policy: Policy) -> LastSigned | None:
    """Return when something was last signed in a working directory.

    The record knows. Without one it follows from when the metadata ends, as far as it was given the time that the
    policy gives it.
    """
    try:
        entry = record.last()
        if entry is not None:
            return LastSigned(when=datetime.fromisoformat(entry.when).astimezone(UTC), certain=True)
    except (RecordBroken, ValueError, OverflowError):
        pass
    starts = list(_starts(state, policy))
    return LastSigned(when=max(starts), certain=False) if starts else None


def _starts(state: State, policy: Policy) -> Iterator[datetime]:
    for role in layout.ROLES:
        document = state.current(role)
        if document is not None:
            yield document.expires - validity_of(role, policy.validity).life


def require_likely(now: datetime, *, last: LastSigned | None, validities: Iterable[Validity]) -> None:
    """Accept a clock that is not before the last signature, and not so long after it that all of it has expired.

    A day before is accepted, as two machines with one directory disagree, and costs a day of validity. What is only
    worked out from an end of validity stops nobody: `expire` may have set it.

    Args:
        validities: those of the policy; after the longest of them nothing that was signed then is in force any more.

    Raises:
        ClockDoubted: a person must look.
    """
    if now < _FIRST_VERSION:
        raise ClockDoubted(now, "before this program was written")
    if last is None or not last.certain:
        return
    if last.when - now > CLOCKS_APART:
        raise ClockDoubted(now, f"before the last signature here, of {last.when:%Y-%m-%d %H:%M}")
    longest = max(each.life for each in validities)
    if now - last.when > longest:
        raise ClockDoubted(
            now, f"more than {longest.days:,} days after the last signature here, of {last.when:%Y-%m-%d}"
        )
