"""Every client takes the same meaning out of each file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any

from tufkeep.metadata.document import Document
from tufkeep.metadata.readers import oddities
from tufkeep.metadata.shape import Oddity
from tufkeep.watch.examined import Examined, Fault
from tufkeep.watch.finding import Check
from tufkeep.workspace import layout


def look(examined: Examined) -> Iterator[Fault]:
    """Name what two clients read differently, one fault a file; what some clients only refuse is one warning in all."""
    warnings: list[Fault] = []
    for fault in _by_file(examined):
        if fault.warning:
            warnings.append(fault)
        else:
            yield fault
    if len(warnings) > 1:
        fact = f"{warnings[0].fact}; and {len(warnings) - 1:,} more files"
        each = tuple(f"{fault.subject}: {fault.fact}" for fault in warnings)
        warnings = [replace(warnings[0], fact=fact, each=each)]
    yield from warnings


def _by_file(examined: Examined) -> Iterator[Fault]:
    """Yield one fault a file and kind; what some clients only refuse is a warning."""
    for name, (role, document) in _in_force(examined).items():
        kinds: dict[bool, list[Oddity]] = {}
        for oddity in oddities(document):
            kinds.setdefault(oddity.tolerated, []).append(oddity)
        for tolerated, found in kinds.items():
            more = f", and {len(found) - 1:,} more like it" if len(found) > 1 else ""
            fact = found[0].sentence() + more
            yield Fault(subject=name, fact=fact, about={"role": role}, warning=tolerated)


def _in_force(examined: Examined) -> Mapping[str, tuple[str, Document[Any]]]:
    """Return what clients end on; older roots can't be changed any more."""
    top = (("root", examined.root), ("timestamp", examined.timestamp), ("snapshot", examined.snapshot))
    named = chain(
        ((layout.committed(role), role, document) for role, document in top),
        ((each.name, each.role, each.document) for each in examined.targets_roles),
    )
    return {name: (role, document) for name, role, document in named if document is not None}


CHECK = Check(
    id="one-reading",
    sentence="every client takes the same meaning out of each file",
    look=look,
)
