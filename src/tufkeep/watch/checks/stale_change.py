"""The staged change stands on what is committed now."""

from __future__ import annotations

from collections.abc import Iterator

from tufkeep.errors import TufkeepError
from tufkeep.watch.examined import Examined, Fault
from tufkeep.watch.finding import Check
from tufkeep.workspace import State, UnreadableMetadata, layout
from tufkeep.workspace.base import read_bases, require_fresh
from tufkeep.workspace.state import MisnamedStaged


def look(examined: Examined) -> Iterator[Fault]:
    """Look at each staged document as the next commit will."""
    state, bases = State(examined.store), read_bases(examined.store)
    for name in state.misnamed:
        misnamed = MisnamedStaged(name)
        yield Fault(subject=name, fact=misnamed.fact, error=misnamed)
    for role in state.staged_roles:
        try:
            staged = state.staged(role)
            if staged is not None:
                require_fresh(role, staged, state.committed(role), bases)
        except UnreadableMetadata as error:
            if error.name.startswith(layout.STAGED):  # another check speaks of committed files
                yield Fault(subject=error.name, fact=error.reason, error=error)
        except TufkeepError as error:
            yield Fault(subject=layout.staged(role), fact=str(error), error=error)


CHECK = Check(
    id="stale-change",
    sentence="the staged change can be read, and was made from what is committed now",
    look=look,
)
