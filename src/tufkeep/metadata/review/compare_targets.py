"""What a new version of a targets role changes about its paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tuf.api.metadata import DelegatedRole, SuccinctRoles

from tufkeep.metadata.canonical import encode_json
from tufkeep.metadata.quorum import distinct_public_keys
from tufkeep.metadata.review.change import ABSENT, Change, Place, Untold, changes, same
from tufkeep.metadata.review.compare_keys import RoleAt, role_key_facts, threshold_facts
from tufkeep.metadata.review.delegation_facts import (
    DelegationAdded,
    DelegationChanged,
    DelegationRemoved,
    EveryPathDelegated,
    covers_every_path,
)
from tufkeep.metadata.review.fact import Fact
from tufkeep.metadata.review.key_facts import ThresholdChanged
from tufkeep.metadata.review.target_facts import TargetAdded, TargetEntryChanged, TargetRemoved, TargetReplaced
from tufkeep.metadata.shown import shown_exactly

if TYPE_CHECKING:
    from securesystemslib.signer import Key
    from tuf.api.metadata import Role, Targets

_PATHS_PART = ("paths", "path_hash_prefixes", "terminating", "bit_length", "name_prefix")


def changed_entries(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the target paths whose entries differ, those of the new version first.

    The entries are compared as parsed JSON: building an object for each of a hundred thousand would take seconds.
    """
    differ = [path for path, entry in new.items() if (known := old.get(path, ABSENT)) is not entry and known != entry]
    alike = [path for path in new if path in old and old[path] is not new[path] and old[path] == new[path]]
    if encode_json([old[path] for path in alike]) != encode_json([new[path] for path in alike]):
        differ += [path for path in alike if not same(old[path], new[path])]  # 1 in place of true
    return (*differ, *(path for path in old if path not in new))


def entry_facts(role: str, old: Mapping[str, Any], new: Mapping[str, Any], paths: tuple[str, ...]) -> Iterator[Fact]:
    """Return what a new version changes about its target entries.

    Args:
        paths: the `changed_entries`.
    """
    for path in paths:
        known, entry, place = old.get(path, ABSENT), new.get(path, ABSENT), ("targets", path)
        if known is ABSENT:
            yield TargetAdded(
                role=role,
                path=path,
                length_bytes=_length(entry),
                version=_custom_version(entry),
                custom=_custom(entry),
                changes=(Change(place, ABSENT, entry),),
            )
        elif entry is ABSENT:
            gone = (Change(place, known, ABSENT),)
            yield TargetRemoved(role=role, path=path, length_bytes=_length(known), changes=gone)
        else:
            yield _changed_entry(role, path, known, entry)


def _changed_entry(role: str, path: str, known: Any, entry: Any) -> Fact:
    differs = tuple(changes(known, entry, ("targets", path)))
    if _same_bytes(known, entry):
        return TargetEntryChanged(role=role, path=path, changes=differs)
    return TargetReplaced(
        role=role,
        path=path,
        length_before_bytes=_length(known),
        length_bytes=_length(entry),
        version_before=_custom_version(known),
        version=_custom_version(entry),
        changes=differs,
    )


def _same_bytes(known: Any, entry: Any) -> bool:
    """Whether both name one hash that is equal and none that differs."""
    old, new = (each.get("hashes") if isinstance(each, dict) else None for each in (known, entry))
    if not isinstance(old, dict) or not isinstance(new, dict) or _length(known) != _length(entry):
        return False
    common = old.keys() & new.keys()
    return bool(common) and all(old[name] == new[name] for name in common)


def _length(entry: Any) -> int:
    length = entry.get("length") if isinstance(entry, dict) else None
    return length if isinstance(length, int) else 0


def _custom(entry: Any) -> Any:
    return entry.get("custom", ABSENT) if isinstance(entry, dict) else ABSENT


def _custom_version(entry: Any) -> str | None:
    custom = _custom(entry)
    version = custom.get("version") if isinstance(custom, dict) else None
    return version if isinstance(version, str) else None


def delegation_facts(role: str, old: Targets, new: Targets, untold: Untold) -> Iterator[Fact]:
    """Return what a new version changes about the roles that it delegates to."""
    was, becomes = _delegated(old), _delegated(new)
    for name, delegated in becomes.items():
        known, at = was.get(name), _at(name, delegated)
        if type(known) is not type(delegated):
            yield from _added(role, at, delegated, untold)
        else:
            yield from _changed(role, at, known, delegated, untold)
        if covers_every_path(_patterns(delegated)) and not (known and covers_every_path(_patterns(known))):
            yield EveryPathDelegated(role=role, name=name)
        yield from role_key_facts(at, (known, _keys(old)), (delegated, _keys(new)), untold)
        yield from _threshold(at, (known, old), (delegated, new), untold)
    for name, known in was.items():
        if type(known) is not type(becomes.get(name)):
            yield DelegationRemoved(
                role=role, name=name, covers=_covers(known), changes=untold.take(*_at(name, known).role)
            )


def _added(role: str, at: RoleAt, delegated: Role, untold: Untold) -> Iterator[Fact]:
    yield DelegationAdded(
        role=role,
        name=at.name,
        covers=_covers(delegated),
        terminating=_terminating(delegated),
        changes=(*untold.take_empty(), *untold.take(*at.role)),
    )


def _changed(role: str, at: RoleAt, known: Role | None, delegated: Role, untold: Untold) -> Iterator[Fact]:
    found = tuple(change for member in _PATHS_PART for change in untold.take(*at.role, member))
    if found:
        before = _covers(known) if known else ()
        yield DelegationChanged(
            role=role,
            name=at.name,
            before=before,
            covers=_covers(delegated),
            terminating_before=_terminating(known),
            terminating=_terminating(delegated),
            changes=found,
        )


def _threshold(
    at: RoleAt, before: tuple[Role | None, Targets], after: tuple[Role, Targets], untold: Untold
) -> Iterator[Fact]:
    """Return how many keys must sign; the bins of one role are too many to be asked for by name."""
    (known, old), (delegated, new) = before, after
    if isinstance(known, DelegatedRole) and isinstance(delegated, DelegatedRole):
        yield from threshold_facts(at, old, new, untold)
        return
    alike = type(known) is type(delegated)
    was = (known.threshold, len(known.keyids)) if known and alike else (0, 0)
    keys = distinct_public_keys(new, at.name) if isinstance(delegated, DelegatedRole) else len(delegated.keyids)
    becomes = (delegated.threshold, keys)
    if was != becomes:
        yield ThresholdChanged(
            role=at.name,
            threshold_before=was[0],
            keys_before=was[1],
            threshold=becomes[0],
            keys=becomes[1],
            changes=untold.take(*at.role, "threshold"),
        )


def _at(name: str, delegated: Role) -> RoleAt:
    place: Place = ("succinct_roles",) if isinstance(delegated, SuccinctRoles) else ("roles", name)
    return RoleAt(name, ("delegations", *place), ("delegations", "keys"))


def _delegated(model: Targets) -> dict[str, Role]:
    """Return the delegated roles by name, where it is text; the bins of succinct roles as one."""
    delegations = model.delegations
    if delegations is None:
        return {}
    if delegations.succinct_roles is not None:
        return {f"{delegations.succinct_roles.name_prefix}-*": delegations.succinct_roles}
    return {name: role for name, role in (delegations.roles or {}).items() if isinstance(name, str)}


def _keys(model: Targets) -> Mapping[str, Key]:
    return model.delegations.keys if model.delegations else {}


def _terminating(delegated: Role | None) -> bool:
    return bool(getattr(delegated, "terminating", False))


def _patterns(delegated: Role) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return path patterns and hash prefixes; together the bins of succinct roles have every prefix."""
    if isinstance(delegated, SuccinctRoles):
        return (), ("",)
    paths, prefixes = getattr(delegated, "paths", None), getattr(delegated, "path_hash_prefixes", None)
    return _texts(paths), _texts(prefixes)


def _texts(found: object) -> tuple[str, ...]:
    return tuple(each for each in found if isinstance(each, str)) if isinstance(found, list) else ()


def _covers(delegated: Role) -> tuple[str, ...]:
    """Return what a role may sign for, in words."""
    if isinstance(delegated, SuccinctRoles):
        return (f"every path by its hash in {2**delegated.bit_length:,} bins",)
    paths, prefixes = _patterns(delegated)
    return (*map(shown_exactly, paths), *(f"hash {shown_exactly(prefix)}" for prefix in prefixes))
