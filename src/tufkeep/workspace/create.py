"""How a new repository comes about: keys, first metadata, proof, commit.

Every step can be taken again. What was asked for is noted first; then each key is written before
the next one is made; then the metadata is staged; the commit comes last. Killed anywhere, the same
call goes on where it stopped, with the keys that are there already.

Spec: TUF 1.0.34 #setup.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tuf.api.metadata import Key, Root

from tufkeep.errors import PersonNeeded, WorkspaceError
from tufkeep.keys.naming import named_for
from tufkeep.keys.private import ED25519, SCHEMES
from tufkeep.metadata.edit import ThresholdUnreachable, UnknownRole
from tufkeep.metadata.expiry import validity_of
from tufkeep.workspace import layout
from tufkeep.workspace.new_keys import NewPassphrase, make_key
from tufkeep.workspace.operations import Blueprint
from tufkeep.workspace.policy import MAX_DAYS
from tufkeep.workspace.record import RecordBroken
from tufkeep.workspace.unfinished import OperationUnfinished, begin, begun, done
from tufkeep.workspace.working_directory import WorkingDirectory

MOST_KEYS: Final = 64  # of one role
ONLINE_ROLES: Final = ("targets", "snapshot", "timestamp")


class RepositoryExists(WorkspaceError):
    """The folder holds a repository already."""

    exit_code = 19

    def __init__(self, version: int):
        super().__init__(f"this folder already contains a repository, with root v{version}")
        self.version = version


class RootThresholdTooHigh(ThresholdUnreachable):
    """More root keys were to sign than are made."""

    def __init__(self, *, threshold: int, keys: int):
        super().__init__("root", threshold=threshold, keys=keys)


class KeysInTheWay(WorkspaceError):
    """Key files lie in keys/ that no begun repository speaks of; they might be the only copies."""

    exit_code = 19

    def __init__(self, names: tuple[str, ...]):
        super().__init__(f"keys/ holds {', '.join(names)}, but no repository was begun here")
        self.names = names


class SignerMissing(PersonNeeded):
    """A repository was begun with a key that is in no file, and nobody brings it now."""

    exit_code = 43

    def __init__(self, role: str, keyid: str):
        super().__init__(f"{role}: the repository was begun with key {keyid[:8]} of a signer that is not at hand")
        self.role, self.keyid = role, keyid


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """A repository that was made."""

    keys: Mapping[str, tuple[str, ...]]  # role -> keyids
    files: Mapping[str, str]  # keyid -> name of its key file
    root_threshold: int
    versions: Mapping[str, int]  # role -> version


def blueprint(
    *,
    root_keys: int | None = None,
    root_threshold: int | None = None,
    consistent_snapshot: bool | None = None,
    key_type: str | None = None,
    days: Mapping[str, int] | None = None,
    elsewhere: Mapping[str, tuple[str, ...]] | None = None,
) -> Blueprint | None:
    """Return what a new repository is to be; None where nothing was asked for, so that an interrupted call goes on.

    Args:
        root_keys: how many root keys get a file; one by default, none where there are root keys elsewhere.
        root_threshold: by default `default_threshold`.
        elsewhere: by role, the keyids of its keys that get no file.

    Raises:
        RootThresholdTooHigh: more root keys must sign than there are.
        UnknownRole: `days` or `elsewhere` names another role than the four.
        ValueError: a number is out of range.
    """
    wishes = (root_keys, root_threshold, consistent_snapshot, key_type, days or None, elsewhere or None)
    if all(wish is None for wish in wishes):
        return None
    brought = {role: tuple(keyids) for role, keyids in (elsewhere or {}).items() if keyids}
    for role in (*(days or {}), *brought):
        if role not in layout.ROLES:
            raise UnknownRole(role)
    if root_keys is not None:
        require_number("root_keys", root_keys, most=MOST_KEYS)
    if root_threshold is not None:
        require_number("root_threshold", root_threshold, most=MOST_KEYS)
    total = (root_keys or int("root" not in brought)) + len(brought.get("root", ()))
    threshold = root_threshold or default_threshold(total)
    for role, length in (days or {}).items():
        require_number(f"days of {role}", length, most=MAX_DAYS)
    if threshold > total:
        raise RootThresholdTooHigh(threshold=threshold, keys=total)
    return Blueprint(
        root_keys=total,
        root_threshold=threshold,
        consistent_snapshot=consistent_snapshot is not False,
        keytype=key_type or ED25519,
        days=dict(days or {}),
        elsewhere=brought,
    )


def require_number(name: str, value: int, *, most: int) -> None:
    """Refuse what is no whole number from 1 up.

    Raises:
        TypeError, ValueError: it is not.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} is a whole number, not {type(value).__name__}")
    if not 1 <= value <= most:
        raise ValueError(f"{name} is a number from 1 to {most:,}, not {value:,}")


def default_threshold(root_keys: int) -> int:
    """Return how many root keys must sign: two when one of them may be lost, else all there is."""
    return 2 if root_keys >= 3 else 1


def create(
    workspace: WorkingDirectory, blueprint: Blueprint | None, *, new_passphrase: NewPassphrase | None = None
) -> Created:
    """Make a repository, or finish making it.

    A repository that was made here as it is asked for, and that nobody has changed since, is returned once more: a call
    that was killed at its very end can be made again like one that was killed earlier.

    Args:
        blueprint: what it is to be; None to go on with what an interrupted call was asked for, or
            with the defaults.
        new_passphrase: asked once for each key that is made; by default whoever the workspace asks.

    Raises:
        RepositoryExists, KeysInTheWay, OperationUnfinished: the folder is not free for it.
        SignerMissing: one of the keys that the blueprint has elsewhere is not at hand.
    """
    with workspace.exclusive("init"):
        committed = workspace.state.committed("root")
        if committed is None:
            _make(workspace, _settle(workspace, blueprint), new_passphrase)
        elif begun(workspace.store, Blueprint) is None and not _just_made(workspace, blueprint or Blueprint()):
            raise RepositoryExists(committed.version)
        done(workspace.store, Blueprint)
        return _created(workspace)


def _make(workspace: WorkingDirectory, blueprint: Blueprint, new_passphrase: NewPassphrase | None) -> None:
    keys = {role: _keys(workspace, role, blueprint, new_passphrase) for role in ("root", *ONLINE_ROLES)}
    with workspace.edit("init") as edit:
        edit.lives = {role: timedelta(days=days) for role, days in blueprint.days.items()}
        edit.start(consistent_snapshot=blueprint.consistent_snapshot)
        for role, made in keys.items():
            for key in made:
                edit.add_key(role, key)
        edit.set_threshold("root", blueprint.root_threshold)
    workspace.commit()


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
        and _made_here(root, wanted) <= {SCHEMES[wanted.keytype]}
        and all(_lasts_as_asked(workspace, each, wanted, made) for each in layout.ROLES)
    )


def _made_here(root: Root, wanted: Blueprint) -> set[str]:
    """Return the schemes of the keys that were made, not brought."""
    brought = {keyid for keyids in wanted.elsewhere.values() for keyid in keyids}
    return {key.scheme for keyid, key in root.keys.items() if keyid not in brought}


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
    workspace: WorkingDirectory, role: str, blueprint: Blueprint, new_passphrase: NewPassphrase | None
) -> tuple[Key, ...]:
    """Return a role's keys, made one after the other; those of an interrupted call are opened instead."""
    wanted = blueprint.files(role)
    ring = workspace.keyring
    keys = [
        key.public_key
        for info in ring.files()
        if named_for(role, info.name)
        for key in ring.unlock(info.name, role=role)
    ]
    while len(keys) < wanted:
        made = make_key(
            workspace,
            role,
            keytype=blueprint.keytype,
            new_passphrase=new_passphrase,
            numbered=role == "root" and wanted > 1,
        )
        keys.append(made.public_key)
    return (*keys, *_brought(workspace, role, blueprint.elsewhere.get(role, ())))


def _brought(workspace: WorkingDirectory, role: str, keyids: Collection[str]) -> Iterator[Key]:
    signers = {signer.public_key.keyid: signer.public_key for signer in workspace.signers}
    for keyid in keyids:
        if keyid not in signers:
            raise SignerMissing(role, keyid)
        yield signers[keyid]
