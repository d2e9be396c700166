"""Each line of the record follows the one before it."""

from __future__ import annotations

from collections.abc import Iterator

from tufkeep.watch.examined import Examined, Fault
from tufkeep.watch.finding import Check
from tufkeep.workspace import layout
from tufkeep.workspace.record import RecordBroken, read_record


def look(examined: Examined) -> Iterator[Fault]:
    """Name the first line that is none or follows another; no command waits for the record, so it is a warning."""
    try:
        read_record(examined.store)
    except RecordBroken as error:
        yield Fault(subject=layout.RECORD, fact=error.fault, error=error, warning=True)


CHECK = Check(
    id="record",
    sentence="each line of the record follows the one before it",
    look=look,
)
