"""The difference between two states of a repository's metadata, as facts.

Everything that differs is found first, place by place (`change`). The facts take what they speak of, and what is left
then becomes a `MemberChanged`: so nothing that differs stays unsaid, whatever the facts know of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tuf.api.metadata import Root, Snapshot, Targets

from tufkeep.metadata.filenames import role_of
from tufkeep.metadata.forms import unknown_members
from tufkeep.metadata.quorum import quorums
from tufkeep.metadata.review.change import ABSENT, Change, Place, Untold, Value, by_name, changes, same
from tufkeep.metadata.review.compare_keys import root_facts
from tufkeep.metadata.review.compare_targets import changed_entries, delegation_facts, entry_facts
from tufkeep.metadata.review.fact import Fact
from tufkeep.metadata.review.key_facts import Signatures
from tufkeep.metadata.review.role_facts import (
    AlreadyExpired,
    ExpiryChanged,
    ListedChanged,
    MemberChanged,
    RoleNew,
    Unlisted,
    VersionChanged,
)

if TYPE_CHECKING:
    from datetime import datetime

    from tuf.api.metadata import Signed

    from tufkeep.metadata.document import Document

_ORDER = {"root": 0, "targets": 1, "snapshot": 3, "timestamp": 4}  # delegated roles are at 2
_OF_EVERY_ROLE = ("_type", "spec_version", "version", "expires", "consistent_snapshot")


def review(
    before: Mapping[str, Document[Any]], after: Mapping[str, Document[Any]], *, now: datetime, several: bool = False
) -> tuple[Fact, ...]:
    """Return what a staged change does, role by role, and who has signed it.

    Args:
        before: the committed metadata by role name.
        after: the staged metadata; a role that is not in it stays as it is.
        several: what lies between may be several commits, as between two pushes: no version was left out.
    """
    changed = {role: after[role] for role in sorted(after, key=_position) if _changes(before.get(role), after[role])}
    found = [fact for role, new in changed.items() for fact in _role_facts(role, before.get(role), new, now=now)]
    if several:
        found = [fact.passed if isinstance(fact, VersionChanged) else fact for fact in found]
    signatures = (Signatures(role=q.role, quorum=q) for q in quorums(before, after, changed))
    return (*found, *signatures)


def _position(role: str) -> tuple[int, str]:
    return _ORDER.get(role, 2), role


def _changes(before: Document[Any] | None, after: Document[Any]) -> bool:
    return before is None or not before.same_payload(after)


def _role_facts(role: str, before: Document[Any] | None, after: Document[Any], *, now: datetime) -> Iterator[Fact]:
    """Return what the new version of one role's metadata changes.

    Args:
        before: None where the role had no metadata.
    """
    new: Signed = after.signed
    old: Signed = before.signed if before else _nothing_of(new)
    was, becomes = before.value if before else {}, after.value
    if new.is_expired(now):
        yield AlreadyExpired(role=role, expires=new.expires)
    if isinstance(new, Targets):
        entries, others = _entries(was), _entries(becomes)
        differ = changed_entries(entries, others)
        was, becomes = _with_entries(was, differ), _with_entries(becomes, differ)
        untold = Untold(changes(_with_entries(was, ()), _with_entries(becomes, ())))
        yield from entry_facts(role, entries, others, differ)
    else:
        untold = Untold(changes(was, becomes))
    if isinstance(old, Root) and isinstance(new, Root):
        yield from root_facts(old, new, untold)
    elif isinstance(old, Targets) and isinstance(new, Targets):
        yield from delegation_facts(role, old, new, untold)
    else:
        yield from _listed_facts(role, was.get("meta"), becomes.get("meta"), untold)
    yield from _common_facts(role, old if before else None, new, untold)
    yield from _member_facts(role, was, becomes, untold)


def _common_facts(role: str, old: Signed | None, new: Signed, untold: Untold) -> Iterator[Fact]:
    """Return what changes of the members that every role has."""
    if old is None:
        found = (change for member in _OF_EVERY_ROLE for change in untold.take(member))
        empty = untold.take_empty()
        yield RoleNew(role=role, version=new.version, expires=new.expires, changes=(*empty, *found))
        return
    if old.expires != new.expires:
        yield ExpiryChanged(role=role, before=old.expires, after=new.expires, changes=untold.take("expires"))
    yield VersionChanged(role=role, before=old.version, after=new.version, changes=untold.take("version"))


def _member_facts(role: str, was: Any, becomes: Any, untold: Untold) -> Iterator[Fact]:
    """Return each place that has no meaning and is another one now, then what no other fact took."""
    unknown = {_named(path, value) for value in (was, becomes) for path in unknown_members(value)}
    found = [Change(place, _at(was, place), _at(becomes, place)) for place in sorted(unknown)]
    new = [change for change in found if change.after is not ABSENT and not same(change.before, change.after)]
    for change in new:
        untold.take(*change.place)
        yield MemberChanged(role=role, unknown=True, changes=(change,))
    for change in untold.rest():
        strange = any(change.place[: len(place)] == place for place in unknown)
        yield MemberChanged(role=role, unknown=strange, changes=(change,))


def _named(path: Place, signed: Any) -> Place:
    """Return a place with a delegated role's name in place of its number."""
    if path[:2] != ("delegations", "roles") or len(path) < 3:
        return path
    roles = signed["delegations"]["roles"]
    return (*path[:2], roles[int(path[2])]["name"], *path[3:]) if by_name(roles) is not None else path


def _at(value: Any, place: Place) -> Value:
    for number, step in enumerate(place):
        if number == 2 and isinstance(value, list):
            value = by_name(value) or {}
        if not isinstance(value, dict) or step not in value:
            return ABSENT
        value = value[step]
    return value


def _entries(signed: Any) -> Mapping[str, Any]:
    found = signed.get("targets")
    return found if isinstance(found, dict) else {}


def _with_entries(signed: Any, paths: tuple[str, ...]) -> dict[str, Any]:
    """Return the signed part with these target entries alone."""
    entries = _entries(signed)
    if "targets" not in signed:
        return dict(signed)
    return {**signed, "targets": {path: entries[path] for path in paths if path in entries}}


def _nothing_of(new: Signed) -> Signed:
    """Return a role without content, so that a first version is told like any other."""
    if isinstance(new, Root):
        return Root(expires=new.expires, consistent_snapshot=new.consistent_snapshot)
    return Targets(expires=new.expires) if isinstance(new, Targets) else Snapshot(expires=new.expires, meta={})


def _listed_facts(role: str, was: Any, becomes: Any, untold: Untold) -> Iterator[Fact]:
    old, new = (each if isinstance(each, dict) else {} for each in (was, becomes))
    for file, entry in new.items():
        name, known = role_of(file), old.get(file)
        version, before = _version(entry), _version(known)
        if version is not None and (before != version or _contradicts(known, entry)):
            yield ListedChanged(role=role, name=name, before=before, after=version, changes=untold.take("meta", file))
    for file in old:
        if file not in new:
            yield Unlisted(role=role, name=role_of(file), changes=untold.take("meta", file))


def _version(entry: Any) -> int | None:
    version = entry.get("version") if isinstance(entry, dict) else None
    return version if type(version) is int else None


def _contradicts(known: Any, entry: Any) -> bool:
    """Whether the two speak of other bytes."""
    lengths = [each.get("length") for each in (known, entry)]
    old, new = (each.get("hashes") or {} for each in (known, entry))
    hashes = any(old[name] != new[name] for name in old.keys() & new.keys())
    return hashes or (None not in lengths and lengths[0] != lengths[1])
