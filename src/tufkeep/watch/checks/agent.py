"""A client that starts on the oldest root ends on this state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tufkeep.metadata.document import Document
from tufkeep.metadata.play import play
from tufkeep.watch.examined import Examined, Fault
from tufkeep.watch.finding import Check
from tufkeep.workspace import layout


def look(examined: Examined) -> Iterator[Fault]:
    """Play a whole client, so that what no single check thought of is still refused here first."""
    if not examined.roots:
        return
    documents: dict[str, Document[Any] | None] = {each.role: each.document for each in examined.targets_roles}
    documents |= {"timestamp": examined.timestamp, "snapshot": examined.snapshot}
    first, *later = (document for _, document in sorted(examined.roots.items()))
    outcome = play(first, lambda role, listed: documents.get(role), roots=later)
    if outcome.refused is not None:
        yield Fault(subject=layout.committed(outcome.role), fact=f"a client refuses it: {outcome.refused}")


CHECK = Check(
    id="agent",
    sentence="a client that starts on the oldest root arrives at this state",
    look=look,
    last=True,
)
