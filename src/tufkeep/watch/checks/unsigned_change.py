"""The staged change has the signatures that a commit asks for."""

from __future__ import annotations

from collections.abc import Iterator

from tufkeep.metadata.quorum import Quorum, quorum, root_quorums
from tufkeep.watch.examined import Examined
from tufkeep.watch.finding import Check, Fault
from tufkeep.workspace import State, UnreadableMetadata, layout


def look(examined: Examined) -> Iterator[Fault]:
    """Name each top-level role that waits for somebody, with whom it waits for."""
    try:
        for waiting in _quorums(State(examined.store)):
            if not waiting.reached:
                yield Fault(subject=layout.staged(waiting.role), fact=_fact(examined, waiting), warning=True)
    except UnreadableMetadata:
        return


def _quorums(state: State) -> Iterator[Quorum]:
    committed = state.committed("root")
    for role in state.staged_roles:
        staged = state.staged(role)
        if staged is None or role not in layout.ROLES:
            continue
        if role == "root":
            yield from root_quorums(staged, committed.signed if committed is not None else None)
        else:
            yield quorum(staged, role, state.root.signed)


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
