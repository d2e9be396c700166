"""What should be on a remote and is not: found by names and lengths, without reading a byte."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tufkeep.publish.inventory import Artifact, MetadataFile, artifacts, metadata_files
from tufkeep.publish.plan import PushPlan
from tufkeep.stores import Store

_LISTED_FROM = 64  # names; that many are found with fewer requests in a listing


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """What should be on a remote, and is not."""

    names: tuple[str, ...]
    artifacts: tuple[Artifact, ...]
    metadata: tuple[MetadataFile, ...]


def find_lost(store: Store, wanted: Iterable[Artifact], metadata: Iterable[MetadataFile]) -> Lost:
    """Return what is not there under each of its names, in its length; nothing is read.

    Few names are asked for one by one, many are found in a listing.
    """
    wanted, metadata = tuple(wanted), tuple(metadata)
    lengths = {name: artifact.length_bytes for artifact in wanted for name in artifact.names}
    lengths |= {file.name: len(file.data) for file in metadata}
    entries = store.list() if len(lengths) > _LISTED_FROM else filter(None, map(store.stat, lengths))
    there = {entry.name: entry.length_bytes for entry in entries}
    names = tuple(name for name, length_bytes in lengths.items() if there.get(name) != length_bytes)
    gone = frozenset(names)
    return Lost(
        names=names,
        artifacts=tuple(artifact for artifact in wanted if not gone.isdisjoint(artifact.names)),
        metadata=tuple(file for file in metadata if file.name in gone),
    )


def with_lost(plan: PushPlan, store: Store) -> PushPlan:
    """Return a plan with nothing to do as one that brings what is published, and is not there any more.

    Nobody may be told that everything is published already while agents can't fetch it.
    """
    if not plan.empty:
        return plan
    lost = find_lost(store, artifacts(plan.after).values(), metadata_files(plan.after))
    return replace(plan, artifacts=lost.artifacts, metadata=lost.metadata)
