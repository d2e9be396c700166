"""Doing work again on top of a newer published state.

The work is written down before repository/ changes, so a pull that is cut off between the two loses nothing: the next
one finds it and goes on.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping
from typing import cast

from msgspec.structs import replace
from tuf.api.metadata import Delegations, TargetFile, Targets

from tufkeep.publish.work import Work
from tufkeep.workspace import Edit, Workspace
from tufkeep.workspace.operations import Pull
from tufkeep.workspace.unfinished import advance, begun


def with_work(note: Pull, work: Work, *, seen: Mapping[str, int]) -> Pull:
    """Return the note of a pull with what is to be done once repository/ is the published state."""
    return replace(
        note,
        added=dict(work.added),
        removed=work.removed,
        delegations=dict(work.delegations) if work.delegations is not None else None,
        renewed=work.renewed,
        seen=dict(seen),
        commit=work.was_committed,
        redone=work.empty,
    )


def work_of(note: Pull, after: Work) -> Work:
    """Return the work that the note of a pull that was cut off speaks of, with what was done after it.

    Whoever types the pull again sees what it signed: the note may be somebody else's, and need not be true.
    """
    if note.redone:
        return after
    return dataclasses.replace(
        after,
        added={**note.added, **after.added},
        removed=tuple(dict.fromkeys((*note.removed, *after.removed))),
        delegations=after.delegations if after.delegations is not None else note.delegations,
        renewed=tuple(dict.fromkeys((*note.renewed, *after.renewed))),
        was_committed=note.commit or after.was_committed,
    )


def redo(workspace: Workspace) -> tuple[str, ...]:
    """Make the changes that the note of a pull speaks of; return the roles that wait for signatures.

    Commit point: the staged change; after it the work leaves the note. Done twice it is done once, for each edit says
    what is to be, not what is to be added.
    """
    pull = begun(workspace.store, Pull)
    if pull is None or pull.redone:
        return ()
    with workspace.edit("pull") as edit:
        edit.seen.update(pull.seen)
        _apply(edit, pull)
    waiting = waiting_roles(workspace)
    if pull.commit and not waiting:
        workspace.commit(workspace.plan_commit())
    advance(workspace.store, Pull(since=pull.since, by=pull.by, remote=pull.remote, targets=pull.targets, redone=True))
    return waiting


def _apply(edit: Edit, pull: Pull) -> None:
    targets = edit.state.current("targets")
    listed = targets.signed.targets if targets is not None else {}
    if pull.added:
        edit.add_targets([TargetFile.from_dict(copy.deepcopy(entry), path) for path, entry in pull.added.items()])
    if gone := [path for path in pull.removed if path in listed]:
        edit.remove_targets(gone)
    if pull.delegations is not None:
        edit.renew("targets")
        given = copy.deepcopy(pull.delegations)
        cast("Targets", edit.models["targets"]).delegations = Delegations.from_dict(given) if given else None
    for role in pull.renewed:
        if role not in edit.models:
            edit.renew(role)


def waiting_roles(workspace: Workspace) -> tuple[str, ...]:
    """Return the staged roles that still lack signatures."""
    state = workspace.state
    return tuple(role for role in state.staged_roles if not all(each.reached for each in state.quorums(role)))
