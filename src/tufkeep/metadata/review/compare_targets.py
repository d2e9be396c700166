"""What a new version of a targets role changes about its paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tuf.api.metadata import DelegatedRole, SuccinctRoles

from tufkeep.metadata.review.compare_keys import key_detail_facts, role_key_facts, threshold_facts
from tufkeep.metadata.review.fact import Fact
from tufkeep.metadata.review.key_facts import ThresholdChanged
from tufkeep.metadata.review.role_facts import OtherChange
from tufkeep.metadata.review.target_facts import (
    DelegationAdded,
    DelegationChanged,
    DelegationRemoved,
    TargetAdded,
    TargetEntryChanged,
    TargetRemoved,
    TargetReplaced,
)
from tufkeep.metadata.target_map import LazyTargets

if TYPE_CHECKING:
    from securesystemslib.signer import Key
    from tuf.api.metadata import Role, Targets


def targets_facts(role: str, old: Targets, new: Targets) -> Iterator[Fact]:
    """Return what a new version of a targets role changes beyond version and expiry."""
    yield from _entries(role, _raw(old), _raw(new))
    yield from _delegations(role, old, new)


def _raw(model: Targets) -> Mapping[str, Any]:
    if isinstance(model, LazyTargets):
        return model.raw_targets
    return {path: target.to_dict() for path, target in model.targets.items()}


def _entries(role: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Fact]:
    """Compare the entries as parsed JSON: building an object for each of a hundred thousand would take seconds."""
    for path, entry in new.items():
        known = old.get(path)
        if known is entry:
            continue
        if known is None:
            yield TargetAdded(role=role, path=path, length_bytes=_length(entry), version=_custom_version(entry))
        elif known != entry:
            yield _changed_entry(role, path, known, entry)
    for path, known in old.items():
        if path not in new:
            yield TargetRemoved(role=role, path=path, length_bytes=_length(known))


def _changed_entry(role: str, path: str, known: Any, entry: Any) -> Fact:
    if _same_bytes(known, entry):
        return TargetEntryChanged(role=role, path=path)
    return TargetReplaced(
        role=role,
        path=path,
        length_before_bytes=_length(known),
        length_bytes=_length(entry),
        version_before=_custom_version(known),
        version=_custom_version(entry),
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


def _custom_version(entry: Any) -> str | None:
    custom = entry.get("custom") if isinstance(entry, dict) else None
    version = custom.get("version") if isinstance(custom, dict) else None
    return version if isinstance(version, str) else None


def _delegations(role: str, old: Targets, new: Targets) -> Iterator[Fact]:
    was, becomes = _delegated(old), _delegated(new)
    old_keys, new_keys = _keys(old), _keys(new)
    for name, delegated in becomes.items():
        known = was.get(name)
        if known is None:
            yield DelegationAdded(role=role, name=name, covers=_covers(delegated))
        elif _paths_part(known) != _paths_part(delegated):
            yield DelegationChanged(role=role, name=name)
        yield from role_key_facts(name, known, old_keys, delegated, new_keys)
        if isinstance(known, SuccinctRoles) and isinstance(delegated, SuccinctRoles):
            yield from _bins_threshold(name, known, delegated)
        elif isinstance(known, DelegatedRole) and isinstance(delegated, DelegatedRole):
            yield from threshold_facts(name, old, new)
    for name in was:
        if name not in becomes:
            yield DelegationRemoved(role=role, name=name)
    if was.keys() == becomes.keys() and list(was) != list(becomes):
        yield OtherChange(role=role, member="order of delegations")
    yield from key_detail_facts(role, old_keys, new_keys, [*was.values(), *becomes.values()])
    if _extra(old) != _extra(new):
        yield OtherChange(role=role, member="delegations")


def _bins_threshold(name: str, known: SuccinctRoles, bins: SuccinctRoles) -> Iterator[Fact]:
    """Return how many keys must sign each bin; bins are too many to be asked for by name."""
    was, becomes = (known.threshold, len(known.keyids)), (bins.threshold, len(bins.keyids))
    if was != becomes:
        yield ThresholdChanged(
            role=name, threshold_before=was[0], keys_before=was[1], threshold=becomes[0], keys=becomes[1]
        )


def _delegated(model: Targets) -> dict[str, Role]:
    """Return the delegated roles by name; the bins of succinct roles as one."""
    delegations = model.delegations
    if delegations is None:
        return {}
    if delegations.succinct_roles is not None:
        return {f"{delegations.succinct_roles.name_prefix}-*": delegations.succinct_roles}
    return dict(delegations.roles or {})


def _keys(model: Targets) -> Mapping[str, Key]:
    return model.delegations.keys if model.delegations else {}


def _extra(model: Targets) -> dict[str, Any]:
    return model.delegations.unrecognized_fields if model.delegations else {}


def _covers(delegated: Role) -> tuple[str, ...]:
    if isinstance(delegated, SuccinctRoles):
        return ("every path, by its hash,",)
    paths = getattr(delegated, "paths", None)
    prefixes = getattr(delegated, "path_hash_prefixes", None)
    return tuple(paths or (f"hash {prefix}" for prefix in prefixes or ()))


def _paths_part(delegated: Role) -> dict[str, Any]:
    said_elsewhere = ("keyids", "threshold", *delegated.unrecognized_fields)
    return {name: value for name, value in delegated.to_dict().items() if name not in said_elsewhere}
