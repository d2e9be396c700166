"""Agents built on go-tuf v0.5.2 can read all of it.

Spec: go-tuf v0.5.2 client.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tuf.api.metadata import Delegations, Root, Targets

from tufkeep.metadata.target_map import LazyTargets
from tufkeep.metadata.targets import HASH_ALGORITHMS
from tufkeep.watch.examined import Examined
from tufkeep.watch.finding import Check, Fault
from tufkeep.workspace import layout

_KEYTYPES = frozenset(("ed25519", "ecdsa-sha2-nistp256", "rsa"))
_ROOT_LIMIT_BYTES, _TIMESTAMP_LIMIT_BYTES = 512_000, 16_384
_LARGEST_INTEGER = 1 << 53  # it reads numbers as floats, and a larger one comes out as another one
_MOST_ROLES = 32  # targets roles that it looks through for one target, targets included


def look(examined: Examined) -> Iterator[Fault]:
    """Name what makes such an agent stop, or miss a target, though the specification allows it."""
    faults = (*_root_faults(examined), *_role_faults(examined))
    yield from (Fault(subject=name, fact=fact, warning=True) for name, fact in faults)


def _root_faults(examined: Examined) -> Iterator[tuple[str, str]]:
    for version, root in examined.roots.items():
        name = layout.committed("root", version)
        if len(root.data) > _ROOT_LIMIT_BYTES:
            yield name, f"has {len(root.data):,} bytes; agents on go-tuf take {_ROOT_LIMIT_BYTES:,}"
        yield from ((name, fact) for fact in _key_faults(root.signed))
    timestamp = examined.timestamp
    if timestamp is not None and len(timestamp.data) > _TIMESTAMP_LIMIT_BYTES:
        fact = f"has {len(timestamp.data):,} bytes; agents on go-tuf take {_TIMESTAMP_LIMIT_BYTES:,}"
        yield layout.committed("timestamp"), fact


def _key_faults(holder: Root | Delegations) -> Iterator[str]:
    for keyid, key in holder.keys.items():
        if key.keytype not in _KEYTYPES:
            yield f"key {keyid[:8]} is of type {key.keytype}; agents on go-tuf refuse the whole file"


def _role_faults(examined: Examined) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for each in examined.targets_roles:
        if each.document is not None and each.role not in seen:
            seen.add(each.role)
            yield from ((each.name, fact) for fact in _delegation_faults(each.document.signed))
            yield from ((each.name, fact) for fact in _target_faults(each.document.signed))
    if len(seen) > _MOST_ROLES:
        yield layout.committed("targets"), f"{len(seen):,} targets roles; agents on go-tuf look into {_MOST_ROLES}"


def _delegation_faults(model: Targets) -> Iterator[str]:
    delegations = model.delegations
    if delegations is None:
        return
    yield from _key_faults(delegations)
    if delegations.succinct_roles is not None:
        yield "delegates to succinct roles; agents on go-tuf never look into them"
    for role in (delegations.roles or {}).values():
        if role.paths and role.path_hash_prefixes:
            yield f"role {role.name} has paths as well as hash prefixes; agents on go-tuf refuse the whole file"
        if "/" in role.name:
            yield f"role {role.name} has a / in its name; agents on go-tuf look for it elsewhere"


def _target_faults(model: Targets) -> Iterator[str]:
    """Yield one fault for each kind, with the first target as the example."""
    found: dict[str, tuple[str, int]] = {}
    entries = model.raw_targets if isinstance(model, LazyTargets) else {}
    for path, entry in entries.items():
        for fault in _entry_faults(path, entry):
            first, times = found.get(fault, (path, 0))
            found[fault] = first, times + 1
    for fault, (first, times) in found.items():
        more = f" and {times - 1:,} more" if times > 1 else ""
        yield f"target {first}{more}: {fault}"


def _entry_faults(path: str, entry: Any) -> Iterator[str]:
    if any(letter in path for letter in "#?%"):
        yield "holds #, ? or %, so agents on go-tuf can't fetch it"
    if isinstance(entry, Mapping):
        hashes = entry.get("hashes")
        if isinstance(hashes, Mapping) and not hashes.keys() <= set(HASH_ALGORITHMS):
            yield "has a hash that agents on go-tuf do not know, so they refuse it"
        if "custom" in entry and _has_large_integer(entry["custom"]):
            yield "has a number above 2^53 in its custom data; agents on go-tuf refuse the whole file"


def _has_large_integer(value: object) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_large_integer, value.values()))
    if isinstance(value, list):
        return any(map(_has_large_integer, value))
    return isinstance(value, int) and abs(value) > _LARGEST_INTEGER


CHECK = Check(
    id="go-tuf-clients",
    sentence="agents built on go-tuf v0.5.2 can read all of it",
    hint="change it before such agents meet it; other agents are not stopped by it",
    look=look,
)
