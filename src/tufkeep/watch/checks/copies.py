"""A file has the same bytes as its version-prefixed copy."""

from __future__ import annotations

from collections.abc import Iterator

from tufkeep.metadata.filenames import metapath
from tufkeep.stores import ObjectMissing
from tufkeep.watch.examined import Examined, Fault
from tufkeep.watch.finding import Check
from tufkeep.workspace import layout


def look(examined: Examined) -> Iterator[Fault]:
    """Compare what clients fetch by version with what other programs read under the plain name."""
    for role, version in _current(examined).items():
        plain, prefixed = layout.committed(role), layout.committed(role, version)
        if prefixed not in examined.entries:
            continue  # another check names what clients miss; without consistent snapshots nobody asks for it
        if plain not in examined.entries:
            yield Fault(
                subject=plain,
                fact=f"is missing beside {prefixed}; go-tuf would begin again at version 1",
                about={"plain": plain, "prefixed": prefixed},
                warning=True,
            )
        elif not _same(examined, plain, prefixed):
            about = {"plain": plain, "prefixed": prefixed}
            yield Fault(subject=plain, fact=f"is not the same as {prefixed}", about=about)


def _current(examined: Examined) -> dict[str, int]:
    """Return the version of each role that clients end on; timestamp has one name only."""
    current = {"root": max(examined.roots)} if examined.roots else {}
    if not examined.consistent:
        return current
    if examined.timestamp is not None:
        current["snapshot"] = examined.timestamp.signed.snapshot_meta.version
    if examined.snapshot is not None:
        listed = examined.snapshot.signed.meta
        current |= {
            each.role: listed[name].version
            for each in examined.targets_roles
            if (name := metapath(each.role)) in listed
        }
    return current


def _same(examined: Examined, name: str, other: str) -> bool:
    if examined.entries[name].length_bytes != examined.entries[other].length_bytes:
        return False
    try:
        return examined.store.read(name) == examined.store.read(other)
    except ObjectMissing:
        return False


CHECK = Check(
    id="copies",
    sentence="a metadata file and its version-prefixed copy are the same bytes",
    look=look,
)
