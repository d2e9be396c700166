"""How a new repository comes about: keys, first metadata, proof, commit.

Every step can be taken again. What was asked for is noted first; then each key is written before
the next one is made; then the metadata is staged; the commit comes last. Killed anywhere, the same
call goes on where it stopped, with the keys that are there already.

Spec: TUF 1.0.34 #setup.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import msgspec

from tufkeep.errors import WorkspaceError
from tufkeep.keys.naming import named_for
from tufkeep.keys.passphrase import Passphrase, PassphraseRequest, Purpose
from tufkeep.keys.private import PrivateKey, generate
from tufkeep.stores import ObjectMissing
from tufkeep.workspace import Workspace, layout

ONLINE_ROLES: Final = ("targets", "snapshot", "timestamp")

NewPassphrase = Callable[[PassphraseRequest], Passphrase | None]  # None keeps the key in plain text


class RepositoryExists(WorkspaceError):
    """The folder holds a repository already."""

    exit_code = 19

    def __init__(self, version: int):
        super().__init__(f"this folder holds a repository already, with root v{version}")
        self.version = version
        self.hint = "make the new one in another folder: tufkeep init --dir DIR"


class KeysInTheWay(WorkspaceError):
    """Key files lie in keys/ that no begun repository speaks of; they might be the only copies."""

    exit_code = 19

    def __init__(self, names: tuple[str, ...]):
        super().__init__(f"keys/ holds {', '.join(names)}, but no repository was begun here")
        self.names = names
        self.hint = "make the repository in another folder, or move these key files away first"


class BegunOtherwise(WorkspaceError):
    """An interrupted init was asked for something else."""

    exit_code = 19

    def __init__(self, begun: Blueprint):
        super().__init__(
            f"an init with {begun.root_keys} root keys and a threshold of {begun.root_threshold} was begun here"
        )
        self.begun = begun
        self.hint = "type tufkeep init without options to finish it, or begin in another folder"


class Blueprint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a new repository is to be."""

    root_keys: int = 1
    root_threshold: int = 1
    consistent_snapshot: bool = True
    keytype: str = "ed25519"
    days: dict[str, int] = {}  # role -> validity of its first version, where not the policy's

    def __post_init__(self) -> None:
        if not 1 <= self.root_threshold <= self.root_keys:
            raise ValueError("the root threshold must be at least 1 and at most the number of root keys")


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


def create(workspace: Workspace, blueprint: Blueprint | None, *, new_passphrase: NewPassphrase) -> Created:
    """Make a repository, or finish making it.

    Args:
        blueprint: what it is to be; None to go on with what an interrupted call was asked for, or
            with the defaults.
        new_passphrase: asked once for each key that is made.

    Raises:
        RepositoryExists, KeysInTheWay, BegunOtherwise: the folder is not free for it.
    """
    with workspace.exclusive("init"):
        committed = workspace.state.committed("root")
        if committed is None:
            _make(workspace, _settle(workspace, blueprint), new_passphrase)
        elif workspace.store.stat(layout.INIT) is None:
            raise RepositoryExists(committed.version)
        workspace.store.delete(layout.INIT)  # else: an earlier call had come to its end but for this line
        return _created(workspace)


def _make(workspace: Workspace, blueprint: Blueprint, new_passphrase: NewPassphrase) -> None:
    keys = {role: _keys(workspace, role, blueprint, new_passphrase) for role in ("root", *ONLINE_ROLES)}
    with workspace.edit("init") as edit:
        edit.lives = {role: timedelta(days=days) for role, days in blueprint.days.items()}
        edit.start(consistent_snapshot=blueprint.consistent_snapshot)
        for role, made in keys.items():
            for key in made:
                edit.add_key(role, key.public)
        edit.set_threshold("root", blueprint.root_threshold)
    workspace.commit(workspace.plan_commit())


def _created(workspace: Workspace) -> Created:
    state = workspace.state
    return Created(
        keys={role: tuple(state.root.signed.roles[role].keyids) for role in ("root", *ONLINE_ROLES)},
        files={keyid: info.name for info in workspace.keyring.files() for keyid in info.keyids or ()},
        root_threshold=state.root.signed.roles["root"].threshold,
        versions={role: found.version for role in layout.ROLES if (found := state.committed(role)) is not None},
    )


def _settle(workspace: Workspace, wanted: Blueprint | None) -> Blueprint:
    """Return the blueprint to follow, noted on disk before anything follows it."""
    try:
        begun = msgspec.json.decode(workspace.store.read(layout.INIT), type=Blueprint)
    except (ObjectMissing, msgspec.MsgspecError):
        begun = None
    if begun is not None:
        if wanted is not None and wanted != begun:
            raise BegunOtherwise(begun)
        return begun
    present = tuple(info.name for info in workspace.keyring.files())
    if present:
        raise KeysInTheWay(present)
    chosen = wanted or Blueprint()
    workspace.store.write(layout.INIT, msgspec.json.encode(chosen))
    return chosen


def _keys(
    workspace: Workspace, role: str, blueprint: Blueprint, new_passphrase: NewPassphrase
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
