"""tuf status: whether a role's metadata is expired at a date."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from tufkeep.cli.compat.go import GoError, spoken_time
from tufkeep.cli.compat.tuf.desk import Desk
from tufkeep.workspace import layout

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_WITH_ZONE_NAME = (
    (re.compile(r"(\d\d \w{3} \d\d \d\d:\d\d) ([A-Z]{3,4})"), "%d %b %y %H:%M"),
    (re.compile(r"(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d) ([A-Z]{3,4}) (\d{4})"), "%a %b %d %H:%M:%S %Y"),
)


def run(desk: Desk) -> None:
    """Say nothing if it is valid then."""
    at = parse_date(desk.line.text("--valid-at"))
    if desk.role not in layout.ROLES:
        raise GoError(f"invalid role: {desk.role}")
    document = desk.document(f"{desk.role}.json")
    if document.expires <= at:
        raise GoError(f"role expired on: {spoken_time(document.expires)}")


def parse_date(text: str) -> datetime:
    """Read a date in one of go-tuf's three forms.

    Raises:
        GoError: it is in none.
    """
    try:
        if _RFC3339.fullmatch(text):
            return datetime.fromisoformat(text)
        for form, reading in _WITH_ZONE_NAME:
            if match := form.fullmatch(text):
                when, zone, *year = match.groups()
                return _in_zone(datetime.strptime(" ".join([when, *year]), reading), zone)
    except ValueError:
        pass
    raise GoError("failed to parse --valid-at arg")


def _in_zone(naive: datetime, zone: str) -> datetime:
    """Take the zone of this machine by its name; any other name means UTC, as it does to Go."""
    local = naive.astimezone()
    return local if local.tzname() == zone else naive.replace(tzinfo=UTC)
