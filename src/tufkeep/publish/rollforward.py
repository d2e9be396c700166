"""Mending a remote that lost objects or went back: publishing again, above every version that anybody may have seen.

Agents keep the highest version they saw, and refuse everything below it. Signing the timestamp again and again until it
is high enough is what people did; here the highest version is looked for, and one above it is signed once.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from tufkeep.metadata.filenames import TIMESTAMP, parse_metadata_name
from tufkeep.publish.errors import RemoteMovedOn
from tufkeep.publish.journal import highest_versions, read_journal
from tufkeep.publish.push import timestamp_version
from tufkeep.publish.sides import Sides
from tufkeep.stores import ObjectMissing, StoreFault
from tufkeep.workspace import Workspace, layout
from tufkeep.workspace.beside import Renewed, renew_beside

_RENEWED = ("targets", "snapshot", "timestamp")


def highest_seen(sides: Sides, *, above: int | None = None) -> dict[str, int]:
    """Return the highest version of each role that anybody may have seen.

    Looked at are the remote's journal, its file names and its timestamp, what was last seen there, and what is here.

    Args:
        above: a timestamp version that agents are known to have.
    """
    sources: list[Mapping[str, int]] = [sides.base.seen, _named(sides), _here(sides.workspace)]
    if (base := sides.base.read()) is not None:
        sources.append(base.versions)
    with suppress(StoreFault):
        sources.append(highest_versions(read_journal(sides.remote.store)))
    with suppress(ObjectMissing):
        sources.append({"timestamp": timestamp_version(sides.remote.store.read(TIMESTAMP)) or 0})
    sources.append({"timestamp": above or 0})
    highest: dict[str, int] = {}
    for source in sources:
        for role, version in source.items():
            highest[role] = max(version, highest.get(role, 0))
    return highest


def renew_above_seen(sides: Sides, *, above: int | None = None) -> Renewed:
    """Renew them above every version that anybody may have seen.

    Args:
        above: as of `highest_seen`.

    Raises:
        RemoteMovedOn: somebody has published what this directory does not have, which would be lost.
        DueElsewhere: a key is not here.
    """
    published, base = sides.published_if_whole(), sides.base.read()
    there = published.found if published is not None else None
    seen = base.timestamp.version if base is not None else 0
    if there is not None and there.timestamp.version > seen and not sides.was_committed(there.snapshot):
        ours = sides.committed().timestamp.version
        raise RemoteMovedOn(sides.remote.name, published=there.timestamp.version, ours=ours)
    return renew_above(sides.workspace, highest_seen(sides, above=above))


def renew_above(workspace: Workspace, seen: Mapping[str, int]) -> Renewed:
    """Renew targets, snapshot and timestamp above these versions, beside what is staged.

    Raises:
        DueElsewhere: a key of theirs is not here.
    """
    renewed = renew_beside(workspace, _RENEWED, seen=seen)
    renewed.require_all()
    return renewed


def _named(sides: Sides) -> dict[str, int]:
    """The versions that names in the remote say, published or not."""
    highest: dict[str, int] = {}
    for entry in sides.remote.store.list():
        found = parse_metadata_name(entry.name)
        if found is not None and found.version is not None:
            highest[found.role] = max(found.version, highest.get(found.role, 0))
    return highest


def _here(workspace: Workspace) -> dict[str, int]:
    documents = {role: workspace.state.current(role) for role in layout.ROLES}
    return {role: document.version for role, document in documents.items() if document is not None}
