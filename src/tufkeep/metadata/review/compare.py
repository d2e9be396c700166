"""The difference between two states of a repository's metadata, as facts.

Nothing that differs stays unsaid: what no other fact speaks of becomes an `OtherChange`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tuf.api.metadata import Root, Snapshot, Targets, Timestamp

from tufkeep.metadata.filenames import metapath, role_of
from tufkeep.metadata.quorum import Quorum, RoleNotDelegated, quorum, root_quorums
from tufkeep.metadata.review.compare_keys import root_facts
from tufkeep.metadata.review.compare_targets import targets_facts
from tufkeep.metadata.review.fact import Fact
from tufkeep.metadata.review.key_facts import Signatures
from tufkeep.metadata.review.role_facts import (
    AlreadyExpired,
    ExpiryChanged,
    ListedChanged,
    OtherChange,
    RoleNew,
    Unlisted,
    VersionChanged,
)

if TYPE_CHECKING:
    from tuf.api.metadata import MetaFile, Signed

    from tufkeep.metadata.document import Document

_ORDER = {"root": 0, "targets": 1, "snapshot": 3, "timestamp": 4}  # delegated roles stand at 2


def review(
    before: Mapping[str, Document[Any]], after: Mapping[str, Document[Any]], *, now: datetime
) -> tuple[Fact, ...]:
    """Return what a staged change does, role by role, and who has signed it.

    Args:
        before: the committed metadata by role name.
        after: the staged metadata; a role that is not in it stays as it is.
    """
    changed = {role: after[role] for role in sorted(after, key=_place) if _changes(before.get(role), after[role])}
    found = [fact for role, new in changed.items() for fact in _role_changes(role, before.get(role), new, now=now)]
    signatures = (Signatures(role=q.role, quorum=q) for q in _quorums(before, {**before, **after}, changed))
    return (*found, *signatures)


def _role_changes(role: str, before: Document[Any] | None, after: Document[Any], *, now: datetime) -> tuple[Fact, ...]:
    """Return what the new version of one role's metadata changes.

    Args:
        before: None where the role had no metadata.
    """
    if not _changes(before, after):
        return ()
    new: Signed = after.signed
    old: Signed = before.signed if before else _nothing_of(new)
    found = [AlreadyExpired(role=role, expires=new.expires)] if new.is_expired(now) else []
    return (*found, *_content_facts(role, old, new), *_life_facts(role, old if before else None, new))


def _place(role: str) -> tuple[int, str]:
    return _ORDER.get(role, 2), role


def _changes(before: Document[Any] | None, after: Document[Any]) -> bool:
    return before is None or not before.same_payload(after)


def _content_facts(role: str, old: Signed, new: Signed) -> Iterator[Fact]:
    if isinstance(old, Root) and isinstance(new, Root):
        yield from root_facts(old, new)
    elif isinstance(old, Targets) and isinstance(new, Targets):
        yield from targets_facts(role, old, new)
    else:
        yield from _listed_facts(role, _listed(old), _listed(new))


def _life_facts(role: str, old: Signed | None, new: Signed) -> Iterator[Fact]:
    """Return what changes of the members that every role has."""
    if old is None:
        yield RoleNew(role=role, version=new.version, expires=new.expires)
        return
    if old.expires != new.expires:
        yield ExpiryChanged(role=role, before=old.expires, after=new.expires)
    yield VersionChanged(role=role, before=old.version, after=new.version)
    was = {**old.unrecognized_fields, "spec_version": old.spec_version}
    becomes = {**new.unrecognized_fields, "spec_version": new.spec_version}
    for member in sorted(was.keys() | becomes.keys()):
        if was.get(member, _ABSENT) != becomes.get(member, _ABSENT):
            yield OtherChange(role=role, member=member)


_ABSENT = object()


def _nothing_of(new: Signed) -> Signed:
    """Return a role without content, so that a first version is told like any other."""
    if isinstance(new, Root):
        return Root(expires=new.expires, consistent_snapshot=new.consistent_snapshot)
    return Targets(expires=new.expires) if isinstance(new, Targets) else Snapshot(expires=new.expires, meta={})


def _listed(model: Signed) -> Mapping[str, MetaFile]:
    if isinstance(model, Timestamp):
        return {metapath("snapshot"): model.snapshot_meta}
    return model.meta if isinstance(model, Snapshot) else {}


def _listed_facts(role: str, old: Mapping[str, MetaFile], new: Mapping[str, MetaFile]) -> Iterator[Fact]:
    for file, entry in new.items():
        name, known = role_of(file), old.get(file)
        if known is None or known.version != entry.version or _contradicts(known, entry):
            yield ListedChanged(role=role, name=name, before=known.version if known else None, after=entry.version)
        elif known != entry:
            yield OtherChange(role=role, member=f"entry of {name}")
    for file in old:
        if file not in new:
            yield Unlisted(role=role, name=role_of(file))


def _contradicts(known: MetaFile, entry: MetaFile) -> bool:
    """Whether the two speak of other bytes."""
    old, new = known.hashes or {}, entry.hashes or {}
    lengths = None not in (known.length, entry.length) and known.length != entry.length
    return lengths or any(old[name] != new[name] for name in old.keys() & new.keys())


def _quorums(
    before: Mapping[str, Document[Any]], merged: Mapping[str, Document[Any]], changed: Mapping[str, Document[Any]]
) -> Iterator[Quorum]:
    for role, document in changed.items():
        if role == "root":
            yield from root_quorums(document, before["root"].signed if "root" in before else None)
        else:
            found = (_quorum(document, role, delegator) for delegator in _delegators(merged, role))
            yield from [each for each in found if each is not None][:1]


def _delegators(merged: Mapping[str, Document[Any]], role: str) -> Iterator[Root | Targets]:
    if role in _ORDER:
        yield from (merged["root"].signed,) if "root" in merged else ()
    else:
        yield from (document.signed for name, document in merged.items() if document.role_type == "targets")


def _quorum(document: Document[Any], role: str, delegator: Root | Targets) -> Quorum | None:
    try:
        return quorum(document, role, delegator)
    except RoleNotDelegated:
        return None
