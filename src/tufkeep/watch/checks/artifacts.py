"""Every target is there under every name that a client may ask for, with the signed bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from tuf.api.metadata import TargetFile

from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.filenames import stored_paths
from tufkeep.metadata.targets import is_safe
from tufkeep.stores import StoreFault
from tufkeep.stores.expected import Expected, Match, compare_object
from tufkeep.watch.examined import Examined, Fault, TargetsRole
from tufkeep.watch.finding import Check
from tufkeep.workspace import layout

_WORKERS = 4  # hashing frees the interpreter; more would only compete for the disk
_KINDS = {
    Match.MISSING: "missing",
    Match.SHORT: "missing",
    Match.LONG: "missing",
    Match.WRONG: "damaged",
}
_AT_ONCE = 1024  # files under way, so that a million targets need no more memory than these


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
    for role in examined.targets_roles:
        if role.document is not None:
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
    """Return what is wrong with one file."""
    target = served.target
    expected = Expected(length_bytes=target.length, hashes=target.hashes)
    try:
        compared = compare_object(examined.store, served.name, expected, progress=examined.progress)
    except StoreFault as error:
        return Fault(subject=served.name, fact=error.fact, error=error)
    match compared.match:
        case Match.RIGHT:
            return None
        case Match.MISSING:
            fact = f"is missing; clients ask for it to get {target.path}"
        case Match.SHORT | Match.LONG:
            fact = f"has {compared.found:,} bytes, signed are {compared.expected:,}"
        case Match.WRONG:
            fact = f"{compared.measure} is {str(compared.found)[:16]}..., signed is {str(compared.expected)[:16]}..."
        case Match.UNKNOWN:
            fact = "is signed with no hash that can be checked here"
    kind = _KINDS.get(compared.match, "")
    warning = compared.match is Match.UNKNOWN
    return Fault(subject=served.name, fact=fact, kind=kind, about={"path": target.path}, warning=warning)


CHECK = Check(
    id="artifacts",
    sentence="every target is there under every name that a client may ask for, with the signed bytes",
    look=look,
)
