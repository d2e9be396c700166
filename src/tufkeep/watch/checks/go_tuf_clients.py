"""Agents built on go-tuf v0.5.2 can read all of it.

Spec: go-tuf v0.5.2 client.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tufkeep.metadata.document import Document
from tufkeep.metadata.lint import MOST_ROLES, compat
from tufkeep.watch.examined import Examined, Fault
from tufkeep.watch.finding import Check
from tufkeep.workspace import layout


def look(examined: Examined) -> Iterator[Fault]:
    """Name what makes such an agent stop, or miss a target, though the specification allows it."""
    for name, role, document in _documents(examined):
        for each in compat(role, document):
            yield Fault(subject=name, fact=f"{each.fact} ({each.client})", warning=True)
    if len(examined.targets_roles) > MOST_ROLES:
        fact = f"{len(examined.targets_roles):,} targets roles, and agents on go-tuf look into {MOST_ROLES}"
        yield Fault(subject=layout.committed("targets"), fact=fact, warning=True)


def _documents(examined: Examined) -> Iterator[tuple[str, str, Document[Any]]]:
    """Yield each document once, by the name of its file, with its role."""
    for version, root in examined.roots.items():
        yield layout.committed("root", version), "root", root
    for each in examined.targets_roles:
        if each.document is not None:
            yield each.name, each.role, each.document
    for role, document in (("snapshot", examined.snapshot), ("timestamp", examined.timestamp)):
        if document is not None:
            yield layout.committed(role), role, document


CHECK = Check(
    id="go-tuf-clients",
    sentence="agents built on go-tuf v0.5.2 can read all of it",
    look=look,
)
