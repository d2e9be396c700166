"""No commit was cut off in the middle."""

from __future__ import annotations

from collections.abc import Iterator

from tufkeep.errors import TufkeepError
from tufkeep.watch.examined import Examined, Fault
from tufkeep.watch.finding import Check
from tufkeep.workspace import layout
from tufkeep.workspace.journal import read_journal


def look(examined: Examined) -> Iterator[Fault]:
    """Look for the journal of a commit."""
    try:
        if read_journal(examined.store) is None:
            return
    except TufkeepError as error:
        yield Fault(subject=layout.JOURNAL, fact=str(error), error=error)
    else:
        yield Fault(subject=layout.JOURNAL, fact="a commit was interrupted, so repository/ may be half old, half new")


CHECK = Check(
    id="interrupted",
    sentence="no commit was cut off in the middle",
    look=look,
)
