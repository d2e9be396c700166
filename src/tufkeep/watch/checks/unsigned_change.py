"""The staged change has the signatures that a commit asks for."""

from __future__ import annotations

from collections.abc import Iterator

from tufkeep.metadata.quorum import Quorum
from tufkeep.watch.examined import Examined, Fault
from tufkeep.watch.finding import Check
from tufkeep.workspace import State, UnreadableMetadata, layout


def look(examined: Examined) -> Iterator[Fault]:
    """Name each role that waits for a signature, with the keys or owners that it waits for."""
    state = State(examined.store)
    try:
        for waiting in (each for role in state.staged_roles for each in state.quorums(role)):
            if not waiting.reached:
                yield Fault(subject=layout.staged(waiting.role), fact=_fact(examined, waiting), warning=True)
    except UnreadableMetadata:
        return


def _fact(examined: Examined, waiting: Quorum) -> str:
    by = f" of {waiting.delegator}" if waiting.delegator else ""
    names = (examined.policy.owner(keyid) or keyid[:8] for keyid in sorted(waiting.waiting))
    return (
        f"signed by {len(waiting.signed)} of {waiting.threshold} keys{by}; waits for {' or '.join(names) or 'nobody'}"
    )


CHECK = Check(
    id="unsigned-change",
    sentence="the staged change has the signatures that a commit asks for",
    look=look,
)
