"""Every target is there under every name that a client may ask for, with the signed bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import BinaryIO

from tuf.api.metadata import TargetFile

from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.targets import is_safe, stored_paths
from tufkeep.stores import Entry, Store, StoreFault
from tufkeep.stores.hashing import hash_file
from tufkeep.watch.examined import Examined, TargetsRole
from tufkeep.watch.finding import Check, Fault
from tufkeep.workspace import layout

_WORKERS = 4  # hashing frees the interpreter; more would only compete for the disk
_AT_ONCE = 1024  # files under way, so that a million targets need no more memory than these
_SMALL_BYTES = 256 << 10
_LONG_BYTES = 64 << 20  # from here on two threads for one file pay, for it may be the only one


@dataclass(frozen=True, slots=True, kw_only=True)
class _Served:
    """One name that clients may ask for, with what they expect behind it."""

    name: str
    target: TargetFile


def look(examined: Examined) -> Iterator[Fault]:
    """Read every artifact of every targets role, in bounded memory, several at a time."""
    waiting = _served(examined)
    with ThreadPoolExecutor(_WORKERS) as workers:
        while group := list(islice(waiting, _AT_ONCE)):
            found = workers.map(lambda each: each if isinstance(each, Fault) else _fault(examined, each), group)
            yield from (fault for fault in found if fault is not None)


def _served(examined: Examined) -> Iterator[_Served | Fault]:
    seen: set[str] = set()
    for role in examined.targets_roles:
        if role.document is None or role.role in seen:
            continue
        seen.add(role.role)
        yield from _of_role(examined, role, role.document.signed.targets)


def _of_role(examined: Examined, role: TargetsRole, paths: Iterable[str]) -> Iterator[_Served | Fault]:
    assert role.document is not None
    for path in paths:
        try:
            target: TargetFile = role.document.signed.targets[path]
            names = stored_paths(target, consistent_snapshot=examined.consistent)
        except MalformedMetadata as error:
            yield Fault(subject=role.name, fact=error.reason)
            continue
        if not is_safe(path):
            yield Fault(subject=role.name, fact=f"target {path!r} could name a file outside its folder")
            continue
        yield from (_Served(name=layout.REPOSITORY_TARGETS + name, target=target) for name in names)


def _fault(examined: Examined, served: _Served) -> Fault | None:
    """Return what is wrong with one file; the cheapest question comes first."""
    target = served.target
    entry = examined.entries.get(served.name)
    if entry is None:
        return Fault(subject=served.name, fact=f"is missing; clients ask for it to get {target.path}", kind="missing")
    if entry.length_bytes != target.length:
        fact = f"has {entry.length_bytes:,} bytes, signed are {target.length:,}"
        return Fault(subject=served.name, fact=fact, kind="missing")
    try:
        with _opened(examined.store, entry) as stream:
            found = hash_file(stream, threads=2 if entry.length_bytes > _LONG_BYTES else 1)
    except StoreFault as error:
        return Fault(subject=served.name, fact=error.fact, error=error)
    examined.progress(found.length_bytes)
    known = {"sha256": found.sha256, "sha512": found.sha512}
    for algorithm, digest in sorted(target.hashes.items()):
        if algorithm in known and known[algorithm] != digest.lower():
            fact = f"{algorithm} is {known[algorithm][:16]}..., signed is {digest[:16]}..."
            return Fault(subject=served.name, fact=fact)
    if not known.keys() & target.hashes.keys():
        return Fault(subject=served.name, fact="is signed with no hash that can be checked here", warning=True)
    return None


def _opened(store: Store, entry: Entry) -> BinaryIO:
    """Return a file to read; a small one at once, for a stream with its buffer costs more than all of its bytes."""
    if entry.length_bytes > _SMALL_BYTES:
        return store.open(entry.name)
    return BytesIO(store.read(entry.name, limit=_SMALL_BYTES))


CHECK = Check(
    id="artifacts",
    sentence="every target is there under every name that a client may ask for, with the signed bytes",
    look=look,
)
