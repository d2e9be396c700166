"""What clients out there could not read of metadata that the specification allows.

go-tuf v0.5.2 is the client inside many agents that can't be replaced at once: one key of a type it
does not know, and it refuses the whole root.

Spec: go-tuf v0.5.2 client; go-tuf v2.4.2 where it says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tuf.api.metadata import Root, Snapshot, Targets, Timestamp

from tufkeep.metadata.targets import HASH_ALGORITHMS

if TYPE_CHECKING:
    from securesystemslib.signer import Key
    from tuf.api.metadata import Delegations, Signed

    from tufkeep.metadata.document import Document

_KEYTYPES = ("ed25519", "ecdsa-sha2-nistp256", "rsa")
_MOST_EXACT = 2**53  # its numbers go through a float when it verifies
_LONGEST = {"root": 512_000, "timestamp": 16_384}  # bytes that it downloads at most
_MOST_ROLES = 32  # that it looks into for one target, targets included
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
    found = [*_old(_file_faults(document)), *_old(_number_faults(model))]
    if isinstance(model, Root):
        found += _old(_key_faults(model.keys.values()))
    elif isinstance(model, (Snapshot, Timestamp)):
        found += _old(_hash_faults(entry.hashes or {} for entry in _meta(model)))
    elif isinstance(model, Targets):
        entries = model.to_dict()["targets"]
        found += _old(_hash_faults(_hashes(entry) for entry in entries.values()))
        found += _old(_path_faults(entries))
        found += _delegation_faults(model.delegations) if model.delegations else ()
    doubled = Counter(signature.keyid for signature in document.signatures)
    found += [(_GO_TUF_NEW, f"two signatures of key {k[:8]}: refused") for k, n in doubled.items() if n > 1]
    return tuple(Compat(role=role, client=client, fact=fact) for client, fact in found)


def _old(faults: Iterable[str]) -> list[tuple[str, str]]:
    return [(_GO_TUF_OLD, fault) for fault in faults]


def _file_faults(document: Document[Signed]) -> Iterator[str]:
    most = _LONGEST.get(document.role_type)
    if most is not None and len(document.data) > most:
        yield f"{len(document.data):,} bytes, and agents download {most:,} at most"


def _key_faults(keys: Iterable[Key]) -> Iterator[str]:
    for key in keys:
        if key.keytype not in _KEYTYPES:
            yield f"key {key.keyid[:8]} has type {key.keytype}, and agents refuse all of it, even if the key is unused"


def _meta(model: Snapshot | Timestamp) -> Iterable[Any]:
    return [model.snapshot_meta] if isinstance(model, Timestamp) else model.meta.values()


def _hashes(entry: Any) -> Mapping[str, str]:
    hashes = entry.get("hashes") if isinstance(entry, dict) else None
    return hashes if isinstance(hashes, dict) else {}


def _hash_faults(hashes: Iterable[Mapping[str, str]]) -> Iterator[str]:
    known = set(HASH_ALGORITHMS)
    foreign = Counter(name for each in hashes if not each.keys() <= known for name in each.keys() - known)
    for algorithm, count in sorted(foreign.items()):
        yield f"{count:,} hashes of algorithm {algorithm}, and agents refuse what has one"


def _path_faults(paths: Iterable[str]) -> Iterator[str]:
    unreachable = [path for path in paths if any(character in path for character in "#?%")]
    if unreachable:
        yield f"{len(unreachable):,} target paths with #, ? or %, which agents can't fetch: {min(unreachable)!r}"


def _number_faults(model: Signed) -> Iterator[str]:
    huge = next(_huge_numbers(model.to_dict()), None)
    if huge is not None:
        yield f"the number {str(huge)[:40]} is above 2^53, and agents find the signature wrong"


def _huge_numbers(value: Any) -> Iterator[int]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, int) and abs(item) > _MOST_EXACT:
            yield item


def _delegation_faults(delegations: Delegations) -> Iterator[tuple[str, str]]:
    roles = delegations.roles or {}
    yield from _old(_key_faults(delegations.keys.values()))
    if delegations.succinct_roles is not None:
        yield _GO_TUF_OLD, "succinct roles: agents don't see the targets in them"
    if any(role.path_hash_prefixes is not None for role in roles.values()):
        yield _GO_TUF_NEW, "path_hash_prefixes: it never finds a target in such a role"
    if len(roles) >= _MOST_ROLES:
        yield _GO_TUF_OLD, f"{len(roles):,} delegated roles: agents look into {_MOST_ROLES - 1} at most"
    for name in roles:
        if "/" in name:
            yield _GO_TUF_OLD, f"role name {name!r} holds a slash: agents ask for the wrong file"
