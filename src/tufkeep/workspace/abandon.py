"""An operation is abandoned: what is lost with it, what stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tufkeep.stores import Store
from tufkeep.workspace import layout
from tufkeep.workspace.operations import KINDS, Blueprint, Note, Pull, Unfinished
from tufkeep.workspace.unfinished import DamagedNote, begun, ceremony, done, taken_steps, unfinished, write_taken_steps
from tufkeep.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What is lost when an operation is abandoned, and what of it stays."""

    unfinished: Unfinished
    staged: tuple[str, ...] = ()  # names of the staged files that are deleted
    changes: tuple[str, ...] = ()  # that are neither staged nor committed: "target app/tool"
    keys: tuple[str, ...] = ()  # key files that stay, though no root ever listed their keys
    trusted: tuple[str, ...] = ()  # keyids of new keys that root trusts already, and goes on to trust


def loss(workspace: Workspace, found: Unfinished) -> Loss:
    """Return what abandoning an operation would lose; nothing is changed."""
    kind = _kind(found)
    if kind is None:
        return Loss(unfinished=found)
    try:
        note = begun(workspace.store, kind)
    except DamagedNote:
        note = None
    if kind is Pull:
        return _loss_of_pull(workspace, found, note if isinstance(note, Pull) else Pull())
    return Loss(
        unfinished=found,
        staged=tuple(_staged(workspace, kind)),
        keys=tuple(_unlisted_keys(workspace)),
        trusted=tuple(_trusted(workspace, note)),
    )


def abandon(workspace: Workspace, found: Unfinished) -> Loss:
    """Forget an operation; return what was lost.

    A commit that was cut off is finished first. The note goes last: killed anywhere before, the same call goes on.
    """
    store = workspace.store
    with workspace.exclusive("abandon"):
        if found.operation not in {each.operation for each in unfinished(store)}:
            return Loss(unfinished=found)
        lost = loss(workspace, found)
        kind = _kind(found)
        if kind is None:
            _forget_steps(store, found)
        elif kind is Pull:
            for name in [*lost.staged, *(entry.name for entry in store.list(layout.PULLED))]:
                store.delete(name)
        elif lost.staged:
            workspace.drop_staged()
        if kind is not None:
            done(store, kind)
    return lost


def _kind(found: Unfinished) -> type[Note] | None:
    """Return what kind of note an operation has; None for a ceremony."""
    return next((kind for kind in KINDS if kind.operation == found.operation), None)


def _staged(workspace: Workspace, kind: type[Note]) -> tuple[str, ...]:
    """Return what is staged under a root of the operation; before it began nothing was staged."""
    if workspace.store.stat(layout.staged("root")) is None or (kind is Blueprint and workspace.state.roots):
        return ()
    return workspace.staged_files()


def _unlisted_keys(workspace: Workspace) -> Iterator[str]:
    roots = workspace.state.roots.values()
    listed = {keyid for root in roots for role in root.signed.roles.values() for keyid in role.keyids}
    for info in workspace.keyring.files():
        if not listed or (info.keyids and listed.isdisjoint(info.keyids)):
            yield layout.KEYS + info.name


def _trusted(workspace: Workspace, note: Note | None) -> Iterator[str]:
    root = workspace.state.committed("root")
    if root is not None and note is not None:
        yield from (keyid for keyid in note.made if keyid in root.signed.keys)


def _loss_of_pull(workspace: Workspace, found: Unfinished, pull: Pull) -> Loss:
    """Return what of the work that waits is neither staged nor committed."""
    targets = workspace.state.current("targets")
    listed: dict[str, Any] = targets.signed.raw_targets if targets is not None else {}
    added = [path for path, entry in pull.added.items() if listed.get(path) != entry]
    removed = [path for path in pull.removed if path in listed]
    here = targets.signed.delegations if targets is not None else None
    others = pull.delegations is not None and pull.delegations != (here.to_dict() if here is not None else {})
    files = [layout.STAGED_TARGETS + path for path in added]
    return Loss(
        unfinished=found,
        staged=tuple(name for name in files if workspace.store.stat(name) is not None),
        changes=(
            *(f"target {path}" for path in added),
            *(f"the removal of target {path}" for path in removed),
            *(["the delegations of targets"] if others else []),
        ),
    )


def _forget_steps(store: Store, found: Unfinished) -> None:
    kept = (
        {}
        if found.damage
        else {name: taken for name, taken in taken_steps(store).items() if ceremony(name) != found.operation}
    )
    write_taken_steps(store, kept)
