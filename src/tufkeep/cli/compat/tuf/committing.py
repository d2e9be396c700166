"""tuf snapshot, timestamp, commit, clean, status: from staged metadata to the repository."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from tuf.api.metadata import Snapshot, Timestamp

from tufkeep.cli.compat.go import GoError, format_time
from tufkeep.cli.compat.go_tuf import require_committable, require_verified
from tufkeep.cli.compat.tuf.session import TufSession
from tufkeep.workspace import NeverCommitted, NotARepository, layout

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_WITH_ZONE_NAME = (
    (re.compile(r"(\d\d \w{3} \d\d \d\d:\d\d) ([A-Z]{3,4})"), "%d %b %y %H:%M"),
    (re.compile(r"(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d) ([A-Z]{3,4}) (\d{4})"), "%a %b %d %H:%M:%S %Y"),
)


def snapshot(session: TufSession) -> None:
    """Make the next snapshot, of the targets as they are."""
    _remake(session, Snapshot(expires=session.expires("snapshot")), listed=("root", "targets"))


def timestamp(session: TufSession) -> None:
    """Make the next timestamp, of the snapshot as it is."""
    _remake(session, Timestamp(expires=session.expires("timestamp")), listed=("snapshot",))


def commit(session: TufSession) -> None:
    """Check as go-tuf does, prove that every client follows, then make the staged change the repository."""
    with session.workspace.exclusive("commit"):
        require_committable(session.state, now=session.now)
        plan = session.workspace.plan_commit(keep_unadded=True)
        session.workspace.commit(plan)
    session.print("Committed successfully")
    if plan.unadded:
        _warn_of_unadded(session, plan.unadded)
    session.warn_unread(plan.unread)


def clean(session: TufSession) -> None:
    """Discard the staged change, but not where nothing was ever committed."""
    try:
        session.workspace.clean()
    except (NeverCommitted, NotARepository):
        session.report("tuf: refusing to clean new repository")
        return
    session.print("Removed all staged metadata and target files")


def status(session: TufSession) -> None:
    """End without a word if a role's metadata is valid at a date."""
    at = parse_date(session.line.text("--valid-at"))
    if session.role not in layout.ROLES:
        raise GoError(f"invalid role: {session.role}")
    document = session.document(f"{session.role}.json")
    if document.expires <= at:
        raise GoError(f"role expired on: {format_time(document.expires)}")


def parse_date(text: str) -> datetime:
    """Read a date in one of go-tuf's three forms.

    Raises:
        GoError: it is in none of them.
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


def _remake(session: TufSession, model: Snapshot | Timestamp, *, listed: tuple[str, ...]) -> None:
    for role in listed:
        require_verified(session.state, role, now=session.now)
    with session.edit(model.type) as edit:
        session.choose_or_warn(model.type)
        edit.models[model.type] = model  # the edit sets its version and what it lists
    session.print(f"Staged {model.type}.json metadata with expiration date: {format_time(model.expires)}")


def _warn_of_unadded(session: TufSession, paths: tuple[str, ...]) -> None:
    """Name the files that were not added: go-tuf deletes them."""
    more = f" and {len(paths) - 1:,} more" if len(paths) > 1 else ""
    session.warn(
        f"staged/targets/{paths[0]}{more} was never added, so it is not published; it stays where it is",
        hint=f"tuf add {paths[0]}, then tuf snapshot, tuf timestamp and tuf commit; tuf clean deletes what is staged",
    )


def _in_zone(naive: datetime, zone: str) -> datetime:
    """Use the time zone of this machine if it has this name; Go reads any other name as UTC."""
    local = naive.astimezone()
    return local if local.tzname() == zone else naive.replace(tzinfo=UTC)
