"""Doing work again on top of a newer published state.

The work is written down before repository/ changes, so a pull that is cut off between the two loses nothing: the next
one finds it and goes on.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgspec
from tuf.api.metadata import Delegations, TargetFile

from tufkeep.metadata.document import Document
from tufkeep.metadata.quorum import quorum, root_quorums
from tufkeep.publish.work import Work
from tufkeep.stores import ObjectMissing, Store
from tufkeep.workspace import Workspace, layout

_REDO = f"{layout.OWN}redo"


class _Written(msgspec.Struct, frozen=True, kw_only=True):
    """Work as it waits to be done."""

    added: dict[str, Any]
    removed: tuple[str, ...]
    delegations: dict[str, Any] | None
    renewed: tuple[str, ...]
    seen: dict[str, int]
    commit: bool


def write_redo(store: Store, work: Work, *, seen: Mapping[str, int]) -> None:
    """Write down what is to be done once repository/ is the published state."""
    written = _Written(
        added=dict(work.added),
        removed=work.removed,
        delegations=dict(work.delegations) if work.delegations is not None else None,
        renewed=work.renewed,
        seen=dict(seen),
        commit=work.was_committed,
    )
    store.write(_REDO, msgspec.json.encode(written))


def forget_redo(store: Store) -> None:
    """Say that nothing waits."""
    store.delete(_REDO)


def redo(workspace: Workspace) -> tuple[str, ...]:
    """Make the changes that were written down; return the roles that wait for signatures.

    Commit point: the staged change; after it the note goes. Done twice it is done once, for each edit says what is to
    be, not what is to be added.
    """
    written = _read(workspace.store)
    if written is None:
        return ()
    with workspace.edit("pull") as edit:
        edit.seen.update(written.seen)
        _apply(edit, written)
    waiting = waiting_roles(workspace)
    if written.commit and not waiting:
        workspace.commit(workspace.plan_commit())
    forget_redo(workspace.store)
    return waiting


def _apply(edit: Any, written: _Written) -> None:
    listed = edit.state.current("targets").signed.targets
    if written.added:
        edit.add_targets([TargetFile.from_dict(copy.deepcopy(entry), path) for path, entry in written.added.items()])
    if gone := [path for path in written.removed if path in listed]:
        edit.remove_targets(gone)
    if written.delegations is not None:
        edit.renew("targets")
        given = copy.deepcopy(written.delegations)
        edit.models["targets"].delegations = Delegations.from_dict(given) if given else None
    for role in written.renewed:
        if role not in edit.models:
            edit.renew(role)


def waiting_roles(workspace: Workspace) -> tuple[str, ...]:
    """Return the staged roles that still lack signatures."""
    state = workspace.state
    waiting = []
    for role in state.staged_roles:
        document: Document[Any] | None = state.staged(role)
        if document is None or role not in layout.ROLES:
            continue
        if role == "root":
            committed = state.committed("root")
            reached = all(each.reached for each in root_quorums(document, committed.signed if committed else None))
        else:
            reached = quorum(document, role, state.root.signed).reached
        if not reached:
            waiting.append(role)
    return tuple(waiting)


def _read(store: Store) -> _Written | None:
    with suppress(ObjectMissing):
        return msgspec.json.decode(store.read(_REDO), type=_Written)
    return None
