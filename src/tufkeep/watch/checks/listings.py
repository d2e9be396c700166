"""Timestamp lists the snapshot as it is, snapshot every targets role as it is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from tuf.api.metadata import MetaFile, Snapshot, Targets

from tufkeep.metadata.document import Document
from tufkeep.metadata.filenames import metapath
from tufkeep.metadata.play import delegated_roles
from tufkeep.watch.examined import Examined, Fault
from tufkeep.watch.finding import Check
from tufkeep.workspace import layout


def look(examined: Examined) -> Iterator[Fault]:
    """Compare version, length and hashes of each listed file with the file."""
    if examined.timestamp is not None and examined.snapshot is not None:
        listed = examined.timestamp.signed.snapshot_meta
        name = examined.versioned("snapshot", listed.version)
        yield from _differences(name, examined.snapshot, listed, f"timestamp v{examined.timestamp.version}")
    if examined.snapshot is None:
        return
    by = f"snapshot v{examined.snapshot.version}"
    meta = examined.snapshot.signed.meta
    for each in examined.targets_roles:
        entry = meta.get(metapath(each.role))
        if entry is None:
            yield Fault(subject=layout.committed("snapshot"), fact=f"{by} does not list {each.role}")
        elif each.document is not None:
            yield from _differences(each.name, each.document, entry, by)
        if each.document is not None:
            yield from _missing_bins(each.document.signed, examined.snapshot.signed, by)


def _missing_bins(targets: Targets, snapshot: Snapshot, by: str) -> Iterator[Fault]:
    """Count the succinct roles that are not listed; a client comes to one of them by the hash of a path."""
    succinct = targets.delegations.succinct_roles if targets.delegations else None
    if succinct is not None and (found := len(delegated_roles(targets, snapshot))) < succinct.number_of_bins:
        fact = f"{by} lists {found:,} of {succinct.number_of_bins:,} roles {succinct.name_prefix}-*"
        yield Fault(subject=layout.committed("snapshot"), fact=fact)


def _differences(name: str, document: Document[Any], listed: MetaFile, by: str) -> Iterator[Fault]:
    if document.version != listed.version:
        yield Fault(subject=name, fact=f"holds v{document.version}, {by} lists v{listed.version}")
    elif listed.length is not None and len(document.data) != listed.length:
        yield Fault(subject=name, fact=f"has {len(document.data):,} bytes, {by} lists {listed.length:,}")
    else:
        for algorithm, digest in sorted((listed.hashes or {}).items()):
            found = _digest(algorithm, document.data)
            if found != digest.lower():
                yield Fault(subject=name, fact=f"{algorithm} is {found[:16]}..., {by} lists {digest[:16]}...")


def _digest(algorithm: str, data: bytes) -> str:
    try:
        return hashlib.new(algorithm, data).hexdigest()
    except (ValueError, TypeError):
        return "of no kind known here"


CHECK = Check(
    id="listings",
    sentence="timestamp and snapshot list the files that are there: version, length and hashes",
    look=look,
)
