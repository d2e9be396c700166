"""What clients out there could not read of metadata that the specification allows.

go-tuf v0.5.2 is the client inside many agents that can't be replaced at once: one key of a type it
does not know, and it refuses the whole root.

Spec: go-tuf v0.5.2 client; go-tuf v2.4.2 where it says so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tuf.api.metadata import Root, Snapshot, Targets, Timestamp

from tufkeep.metadata.filenames import HASH_ALGORITHMS, metapath
from tufkeep.metadata.shown import shown
from tufkeep.metadata.target_map import LazyTargets

if TYPE_CHECKING:
    from securesystemslib.signer import Key
    from tuf.api.metadata import Delegations, Signed

    from tufkeep.metadata.document import Document

_KEYTYPES = ("ed25519", "ecdsa-sha2-nistp256", "rsa")
_MOST_EXACT = 2**53  # its numbers go through a float when it verifies
_LONGEST = {"root": 512_000, "timestamp": 16_384}  # bytes that it downloads at most
MOST_ROLES = 32  # that it looks into for one target, targets included
_ALGORITHMS = frozenset(HASH_ALGORITHMS)
_UNFETCHABLE = re.compile("[#?%]")
_HUGE = "a number above 2^53, and agents find the signature wrong"
_FOREIGN_HASH = "a hash of an algorithm that agents don't know, so they refuse it"
_GO_TUF_OLD, _GO_TUF_NEW = "go-tuf v0.5.2", "go-tuf v2.4.2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compat:
    """Something in one role's metadata that some client does not take."""

    role: str
    client: str
    fact: str

    def sentence(self) -> str:
        return f"{self.role}: {self.fact} ({self.client})"


def compat(role: str, document: Document[Signed]) -> tuple[Compat, ...]:
    """Return what go-tuf's clients would not read of a document."""
    model = document.signed
    found = [*_old(_file_faults(document)), *_new(_signature_faults(document))]
    if isinstance(model, Root):
        found += _old(_key_faults(model.keys.values()))
    elif isinstance(model, Targets):
        found += [*_old(_target_faults(model)), *_delegation_faults(model.delegations)]
    elif isinstance(model, (Snapshot, Timestamp)):
        found += _old(_listed_faults(model))
    return tuple(Compat(role=role, client=client, fact=fact) for client, fact in found)


def _old(faults: Iterable[str]) -> list[tuple[str, str]]:
    return [(_GO_TUF_OLD, fault) for fault in faults]


def _new(faults: Iterable[str]) -> list[tuple[str, str]]:
    return [(_GO_TUF_NEW, fault) for fault in faults]


def _file_faults(document: Document[Signed]) -> Iterator[str]:
    most = _LONGEST.get(document.role_type)
    if most is not None and len(document.data) > most:
        yield f"has {len(document.data):,} bytes, and agents take {most:,}"
    model = document.signed
    others = {name: value for name, value in model.to_dict().items() if name != "targets"}
    if _has_huge_number(others):
        yield f"has {_HUGE}"


def _signature_faults(document: Document[Signed]) -> Iterator[str]:
    for keyid, times in Counter(signature.keyid for signature in document.signatures).items():
        if times > 1:
            yield f"has two signatures of key {keyid[:8]}, and is refused"


def _key_faults(keys: Iterable[Key]) -> Iterator[str]:
    for key in keys:
        if key.keytype not in _KEYTYPES:
            yield f"key {key.keyid[:8]} is of type {shown(key.keytype)}, and agents refuse the whole file, used or not"


def _listed_faults(model: Snapshot | Timestamp) -> Iterator[str]:
    entries = {metapath("snapshot"): model.snapshot_meta} if isinstance(model, Timestamp) else model.meta
    for name, entry in entries.items():
        if not (entry.hashes or {}).keys() <= _ALGORITHMS:
            yield f"{shown(name)} has {_FOREIGN_HASH}"


def _target_faults(model: Targets) -> Iterator[str]:
    """Yield one fault for each kind, with the first target as the example."""
    found: dict[str, list[str]] = {}
    entries = model.raw_targets if isinstance(model, LazyTargets) else model.to_dict()["targets"]
    for path, entry in entries.items():
        for fault in _entry_faults(path, entry):
            found.setdefault(fault, []).append(path)
    for fault, paths in found.items():
        more = f" and {len(paths) - 1:,} more" if len(paths) > 1 else ""
        yield f"target {shown(paths[0])}{more}: {fault}"


def _entry_faults(path: str, entry: Any) -> Iterator[str]:
    if _UNFETCHABLE.search(path):
        yield "contains #, ? or %, so agents can't fetch it"
    if not isinstance(entry, dict):
        return
    hashes = entry.get("hashes")
    if isinstance(hashes, dict) and not hashes.keys() <= _ALGORITHMS:
        yield f"has {_FOREIGN_HASH}"
    if _has_huge_number(entry):
        yield f"has {_HUGE}"


def _has_huge_number(value: Any) -> bool:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, int) and not -_MOST_EXACT <= item <= _MOST_EXACT:
            return True
    return False


def _delegation_faults(delegations: Delegations | None) -> Iterator[tuple[str, str]]:
    if delegations is None:
        return
    roles = delegations.roles or {}
    yield from _old(_key_faults(delegations.keys.values()))
    if delegations.succinct_roles is not None:
        yield _GO_TUF_OLD, "delegates to succinct roles, and agents never look into them"
    if any(role.path_hash_prefixes is not None for role in roles.values()):
        yield _GO_TUF_NEW, "delegates by path_hash_prefixes, and it never finds a target there"
    if len(roles) >= MOST_ROLES:
        yield _GO_TUF_OLD, f"delegates to {len(roles):,} roles, and agents look into {MOST_ROLES - 1}"
    for name in roles:
        if "/" in name:
            fact = "has a / in its name, and agents look elsewhere for it where names have versions"
            yield _GO_TUF_OLD, f"role {shown(name)} {fact}"
        if _UNFETCHABLE.search(name):
            yield _GO_TUF_OLD, f"role {shown(name)} has #, ? or % in its name, so agents can't fetch it"
