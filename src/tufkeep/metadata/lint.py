"""What the clients in the field would not read of one document that the specification allows.

Spec: the table in `metadata/clients`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from tuf.api.metadata import Root, Snapshot, Targets, Timestamp

from tufkeep.metadata import clients
from tufkeep.metadata.clients import Reading, Trait, concerned
from tufkeep.metadata.filenames import HASH_ALGORITHMS, metapath
from tufkeep.metadata.misread import Misread, UnreadableByClients, can_not_ask, found
from tufkeep.metadata.shape import LARGEST
from tufkeep.metadata.shown import shown
from tufkeep.metadata.target_map import LazyTargets

if TYPE_CHECKING:
    from securesystemslib.signer import Key
    from tuf.api.metadata import Delegations, MetaFile, Signed

    from tufkeep.metadata.document import Document

_ALGORITHMS = frozenset(HASH_ALGORITHMS)
_NOTHING: Mapping[str, Any] = {}
EARLY = 0.8  # of a limit: from there on it is a warning that the limit is near


def require_readable(
    role: str,
    document: Document[Signed],
    before: Document[Signed] | None,
    *,
    declared: Sequence[str],
    listed: MetaFile | None = None,
) -> None:
    """Refuse a document that a declared client would refuse as a whole.

    Args:
        before: the version that is committed or published; what it has already stays, for its owner to repair.
        listed: as of `lint`.

    Raises:
        UnreadableByClients: it is one, and `before` is not.
    """
    stopping = [each for each in lint(role, document, declared=declared, listed=listed, but=before) if each.whole_file]
    if not stopping:
        return
    known = {(each.trait.id, each.subject) for each in _known(role, before, declared)}
    for each in stopping:
        if (each.trait.id, each.subject) not in known:
            raise UnreadableByClients(each)


def _known(role: str, before: Document[Signed] | None, declared: Sequence[str]) -> Iterator[Misread]:
    return lint(role, before, declared=declared) if before is not None else iter(())


def lint(
    role: str,
    document: Document[Signed],
    *,
    declared: Sequence[str],
    listed: MetaFile | None = None,
    consistent: bool = True,
    but: Document[Any] | None = None,
) -> Iterator[Misread]:
    """Yield what declared clients, or ours, would not read of a document.

    Args:
        declared: names of `clients.CLIENTS`.
        listed: how timestamp or snapshot list it; None where that is not known.
        consistent: whether names have versions and hashes in front.
        but: another version, whose target entries need no look.
    """
    model = document.signed
    yield from _sizes(role, document, declared, listed)
    if _has_huge_number({name: value for name, value in model.to_dict().items() if name != "targets"}):
        yield from found(clients.BIG_NUMBER, declared, role, "has a number above 2^53")
    if isinstance(model, Root):
        yield from _keys(clients.KEY_TYPE, role, model.keys.values(), declared)
    elif isinstance(model, Targets):
        yield from _targets(role, _entries(model), _entries(but.signed) if but is not None else _NOTHING, declared)
        yield from _delegations(role, model.delegations, declared, consistent)
    elif isinstance(model, (Snapshot, Timestamp)):
        yield from _listed(role, model, declared)


def near_limits(
    role: str, document: Document[Signed], *, declared: Sequence[str], listed: MetaFile | None = None
) -> Iterator[str]:
    """Yield a sentence for each limit that a document comes near to."""
    length = len(document.data)
    for trait in _size_traits(document.role_type, listed):
        limits = [reading.most for _, reading in concerned(trait, declared) if reading.most is not None]
        if limits and EARLY * min(limits) < length <= min(limits):
            yield f"{role}: has {length:,} bytes, and clients take {min(limits):,} at most"


def _size_traits(kind: str, listed: MetaFile | None) -> Iterator[Trait]:
    if kind == "root":
        yield clients.ROOT_SIZE
    elif kind == "timestamp":
        yield clients.TIMESTAMP_SIZE
    else:
        if listed is not None and listed.length is None:
            yield clients.SNAPSHOT_SIZE if kind == "snapshot" else clients.TARGETS_SIZE
        yield clients.LISTED_SIZE


def _sizes(
    role: str, document: Document[Signed], declared: Sequence[str], listed: MetaFile | None
) -> Iterator[Misread]:
    length = len(document.data)
    for trait in _size_traits(document.role_type, listed):
        for most in sorted({reading.most or 0 for _, reading in concerned(trait, declared)}):
            if length > most:
                fact = f"has {length:,} bytes, above the {most:,} that are read"
                yield from found(trait, declared, role, fact, when=partial(_takes_just, most))


def _keys(trait: Trait, role: str, keys: Iterable[Key], declared: Sequence[str]) -> Iterator[Misread]:
    for key in keys:
        subject, fact = f"{role} key {key.keyid[:8]}", f"is of type {shown(key.keytype)}, used or not"
        yield from found(trait, declared, subject, fact, when=partial(_does_not_know, key.keytype))


def _listed(role: str, model: Snapshot | Timestamp, declared: Sequence[str]) -> Iterator[Misread]:
    entries = {metapath("snapshot"): model.snapshot_meta} if isinstance(model, Timestamp) else model.meta
    for name, entry in entries.items():
        if not (entry.hashes or {}).keys() <= _ALGORITHMS:
            fact = "is listed with a hash of another algorithm than sha256 and sha512"
            yield from found(clients.LISTED_HASH, declared, f"{role} entry {shown(name)}", fact)


def _entries(model: Targets) -> Mapping[str, Any]:
    entries: Mapping[str, Any] = model.raw_targets if isinstance(model, LazyTargets) else model.to_dict()["targets"]
    return entries


def _targets(
    role: str, entries: Mapping[str, Any], same: Mapping[str, Any], declared: Sequence[str]
) -> Iterator[Misread]:
    for path, entry in entries.items():
        if (old := same.get(path)) is entry or old == entry or not isinstance(entry, dict):
            continue
        hashes, subject = entry.get("hashes"), f"target {shown(path)}"
        if isinstance(hashes, dict) and not hashes.keys() <= _ALGORITHMS:
            fact = "has a hash of another algorithm than sha256 and sha512"
            yield from found(clients.TARGET_HASH, declared, subject, fact)
        if isinstance(hashes, dict) and "sha256" not in hashes:
            yield from found(clients.NO_SHA256, declared, subject, "has no sha256")
        if _has_huge_number(entry):
            yield from found(clients.BIG_CUSTOM, declared, subject, "has a number above 2^53")


def _takes_just(most: int, reading: Reading) -> bool:
    return reading.most == most


def _does_not_know(kind: str, reading: Reading) -> bool:
    return kind not in reading.known


def _has_huge_number(value: Any) -> bool:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, int) and not -LARGEST <= item <= LARGEST:
            return True
    return False


def _delegations(
    role: str, delegations: Delegations | None, declared: Sequence[str], consistent: bool
) -> Iterator[Misread]:
    if delegations is None:
        return
    yield from _keys(clients.DELEGATED_KEY_TYPE, role, delegations.keys.values(), declared)
    if delegations.succinct_roles is not None:
        yield from found(clients.SUCCINCT, declared, role, "delegates to succinct roles")
    for name, below in (delegations.roles or {}).items():
        subject = f"role {shown(name)}"
        if below.path_hash_prefixes is not None:
            yield from found(clients.HASH_PREFIXES, declared, subject, "is delegated to by path_hash_prefixes")
        fact, when = "has #, ? or % in its name", partial(can_not_ask, name)
        yield from found(clients.ROLE_NAME, declared, subject, fact, when=when)
        if consistent:
            yield from found(clients.ROLE_FOLDER, declared, subject, "has a / in its name", when=when)
