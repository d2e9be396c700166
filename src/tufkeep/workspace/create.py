"""How a new repository comes about: keys, first metadata, proof, commit.

Every step can be taken again. What was asked for is noted first; then each key is written before
the next one is made; then the metadata is staged; the commit comes last. Killed anywhere, the same
call goes on where it stopped, with the keys that are there already.

Spec: TUF 1.0.34 #setup.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tufkeep.errors import WorkspaceError
from tufkeep.keys.naming import named_for
from tufkeep.keys.passphrase import PassphraseRequest, Purpose
from tufkeep.keys.private import SCHEMES, PrivateKey, generate
from tufkeep.metadata.expiry import validity_of
from tufkeep.workspace import layout
from tufkeep.workspace.new_keys import NewPassphrase
from tufkeep.workspace.operations import Blueprint
from tufkeep.workspace.record import RecordBroken
from tufkeep.workspace.unfinished import OperationUnfinished, begin, begun, done
from tufkeep.workspace.working_directory import WorkingDirectory

ONLINE_ROLES: Final = ("targets", "snapshot", "timestamp")


class RepositoryExists(WorkspaceError):
    """The folder holds a repository already."""

    exit_code = 19

    def __init__(self, version: int):
        super().__init__(f"this folder already contains a repository, with root v{version}")
        self.version = version


class KeysInTheWay(WorkspaceError):
    """Key files lie in keys/ that no begun repository speaks of; they might be the only copies."""

    exit_code = 19

    def __init__(self, names: tuple[str, ...]):
        super().__init__(f"keys/ holds {', '.join(names)}, but no repository was begun here")
        self.names = names


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """A repository that was made."""

    keys: Mapping[str, tuple[str, ...]]  # role -> keyids
    files: Mapping[str, str]  # keyid -> name of its key file
    root_threshold: int
    versions: Mapping[str, int]  # role -> version


def default_threshold(root_keys: int) -> int:
    """Return how many root keys must sign: two when one of them may be lost, else all there is."""
    return 2 if root_keys >= 3 else 1


def create(workspace: WorkingDirectory, blueprint: Blueprint | None, *, new_passphrase: NewPassphrase) -> Created:
    """Make a repository, or finish making it.

    A repository that was made here as it is asked for, and that nobody has changed since, is returned once more: a call
    that was killed at its very end can be made again like one that was killed earlier.

    Args:
        blueprint: what it is to be; None to go on with what an interrupted call was asked for, or
            with the defaults.
        new_passphrase: asked once for each key that is made.

    Raises:
        RepositoryExists, KeysInTheWay, OperationUnfinished: the folder is not free for it.
    """
    with workspace.exclusive("init"):
        committed = workspace.state.committed("root")
        if committed is None:
            _make(workspace, _settle(workspace, blueprint), new_passphrase)
        elif begun(workspace.store, Blueprint) is None and not _just_made(workspace, blueprint or Blueprint()):
            raise RepositoryExists(committed.version)
        done(workspace.store, Blueprint)
        return _created(workspace)


def _make(workspace: WorkingDirectory, blueprint: Blueprint, new_passphrase: NewPassphrase) -> None:
    keys = {role: _keys(workspace, role, blueprint, new_passphrase) for role in ("root", *ONLINE_ROLES)}
    with workspace.edit("init") as edit:
        edit.lives = {role: timedelta(days=days) for role, days in blueprint.days.items()}
        edit.start(consistent_snapshot=blueprint.consistent_snapshot)
        for role, made in keys.items():
            for key in made:
                edit.add_key(role, key.public_key)
        edit.set_threshold("root", blueprint.root_threshold)
    workspace.commit(workspace.plan_commit())


def _just_made(workspace: WorkingDirectory, wanted: Blueprint) -> bool:
    """Whether the last thing that happened here was the making of this repository."""
    try:
        entries = [line.entry for line in workspace.record.read()]
    except RecordBroken:
        return False
    if len(entries) != 1 or entries[0].act != "commit" or workspace.state.staged_roles:
        return False
    root, made = workspace.state.root.signed, datetime.fromisoformat(entries[0].when)
    role = root.roles["root"]
    return (
        root.version == 1
        and (len(role.keyids), role.threshold) == (wanted.root_keys, wanted.root_threshold)
        and root.consistent_snapshot == wanted.consistent_snapshot
        and {key.scheme for key in root.keys.values()} == {SCHEMES[wanted.keytype]}
        and all(_lasts_as_asked(workspace, each, wanted, made) for each in layout.ROLES)
    )


def _lasts_as_asked(workspace: WorkingDirectory, role: str, wanted: Blueprint, made: datetime) -> bool:
    document = workspace.state.committed(role)
    days = wanted.days.get(role)
    life = timedelta(days=days) if days is not None else validity_of(role, workspace.policy.validity).life
    return document is not None and abs(document.expires - made - life) < timedelta(hours=1)


def _created(workspace: WorkingDirectory) -> Created:
    state = workspace.state
    return Created(
        keys={role: tuple(state.root.signed.roles[role].keyids) for role in ("root", *ONLINE_ROLES)},
        files={keyid: info.name for info in workspace.keyring.files() for keyid in info.keyids or ()},
        root_threshold=state.root.signed.roles["root"].threshold,
        versions={role: found.version for role in layout.ROLES if (found := state.committed(role)) is not None},
    )


def _settle(workspace: WorkingDirectory, wanted: Blueprint | None) -> Blueprint:
    """Return the blueprint to follow, noted on disk before anything follows it."""
    noted = begun(workspace.store, Blueprint)
    if noted is not None:
        if wanted is not None and not wanted.asks_same(noted):
            raise OperationUnfinished(noted.unfinished)
        return noted
    present = tuple(info.name for info in workspace.keyring.files())
    if present:
        raise KeysInTheWay(present)
    return begin(workspace, wanted or Blueprint())


def _keys(
    workspace: WorkingDirectory, role: str, blueprint: Blueprint, new_passphrase: NewPassphrase
) -> tuple[PrivateKey, ...]:
    """Return a role's keys, made one after the other; those of an interrupted call are opened instead."""
    wanted = blueprint.root_keys if role == "root" else 1
    numbered = role == "root" and wanted > 1
    ring = workspace.keyring
    there = {info.name for info in ring.files()}
    keys: list[PrivateKey] = []
    for name in sorted(there):
        if named_for(role, name):
            keys.extend(ring.unlock(name, role=role))
    while len(keys) < wanted:
        key = generate(blueprint.keytype)
        name = ring.next_name(role, numbered=numbered)
        passphrase = new_passphrase(PassphraseRequest(role=role, file=name, purpose=Purpose.NEW))
        ring.add(key, role=role, passphrase=passphrase, numbered=numbered)
        keys.append(key)
    return tuple(keys)
