"""No operation was begun that is not finished."""

from __future__ import annotations

from collections.abc import Iterator

from tufkeep.watch.examined import Examined, Fault
from tufkeep.watch.finding import Check
from tufkeep.workspace.unfinished import OperationUnfinished, unfinished


def look(examined: Examined) -> Iterator[Fault]:
    """Name each one; those that stop others are errors."""
    for found in unfinished(examined.store):
        error = OperationUnfinished(found)
        yield Fault(subject=found.operation, fact=found.sentence, error=error, warning=not found.blocks)


CHECK = Check(
    id="unfinished",
    sentence="no operation was begun that is not finished",
    look=look,
)
