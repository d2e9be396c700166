"""The clients that tufkeep.toml declares can read all of it.

Spec: the table in `metadata/clients`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tuf.api.metadata import MetaFile

from tufkeep.metadata.clients import TOUGH
from tufkeep.metadata.document import Document
from tufkeep.metadata.filenames import metapath
from tufkeep.metadata.lint import lint
from tufkeep.metadata.lint_paths import lint_delegated, lint_names
from tufkeep.metadata.misread import Misread, by_kind
from tufkeep.watch.examined import Examined, Fault
from tufkeep.watch.finding import Check


def look(examined: Examined) -> Iterator[Fault]:
    """Name what such a client does not read, one fault a kind; what tough alone does not read is one note."""
    declared = examined.policy.agents.clients
    told = by_kind(_misread(examined, declared))
    for kind in told:
        yield Fault(subject=kind.subject, fact=kind.fact, warning=True, each=kind.each)
    if TOUGH not in declared:
        known = {kind.found[0].trait.id for kind in told}
        others = [each for each in _misread(examined, (TOUGH,)) if each.trait.id not in known]
        if kinds := by_kind(others):
            more = f"; and {len(kinds) - 1:,} more kinds" if len(kinds) > 1 else ""
            each = tuple(kind.sentence for kind in kinds)
            yield Fault(subject="only if agents use tough", fact=each[0] + more, note=True, kind="note", each=each)


def _misread(examined: Examined, declared: tuple[str, ...]) -> Iterator[Misread]:
    consistent = examined.consistent
    for role, document, listed in _documents(examined):
        yield from lint(role, document, declared=declared, listed=listed, consistent=consistent)
    roles = {each.role: each.document.signed for each in examined.targets_roles if each.document is not None}
    paths = {path for targets in roles.values() for path in targets.targets}
    yield from lint_names(paths, declared=declared, consistent=consistent)
    yield from lint_delegated(roles, declared=declared)


def _documents(examined: Examined) -> Iterator[tuple[str, Document[Any], MetaFile | None]]:
    """Yield each document once, with how it is listed."""
    for root in examined.roots.values():
        yield "root", root, None
    snapshot, timestamp = examined.snapshot, examined.timestamp
    for each in examined.targets_roles:
        if each.document is not None:
            yield each.role, each.document, snapshot.signed.meta.get(metapath(each.role)) if snapshot else None
    if snapshot is not None:
        yield "snapshot", snapshot, timestamp.signed.snapshot_meta if timestamp else None
    if timestamp is not None:
        yield "timestamp", timestamp, None


CHECK = Check(
    id="declared-clients",
    sentence="the clients that tufkeep.toml declares can read all of it",
    look=look,
)
