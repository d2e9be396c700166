"""Each role is signed by enough of the keys that speak for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tuf.api.metadata import Root, Targets

from tufkeep.errors import TufkeepError
from tufkeep.metadata.document import Document
from tufkeep.metadata.quorum import quorum
from tufkeep.watch.examined import Examined, Fault
from tufkeep.watch.finding import Check
from tufkeep.workspace import layout


def look(examined: Examined) -> Iterator[Fault]:
    """Count the signatures of all roles but root, which has a check of its own."""
    if examined.root is None:
        return
    root = examined.root.signed
    if examined.timestamp is not None:
        yield from _faults(layout.committed("timestamp"), "timestamp", examined.timestamp, root)
    if examined.snapshot is not None:
        name = examined.versioned("snapshot", examined.snapshot.version)
        yield from _faults(name, "snapshot", examined.snapshot, root)
    for each in examined.targets_roles:
        if each.document is not None:
            for delegator in each.delegators.values():
                yield from _faults(each.name, each.role, each.document, delegator)


def _faults(name: str, role: str, document: Document[Any], delegator: Root | Targets) -> Iterator[Fault]:
    try:
        quorum(document, role, delegator).require()
    except TufkeepError as error:
        about = {"role": role, "delegator": f"{delegator.type} v{delegator.version}"}
        yield Fault(subject=name, fact=str(error), about=about)


CHECK = Check(
    id="quorums",
    sentence="each role is signed by enough of its keys",
    look=look,
)
