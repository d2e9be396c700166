"""New keys in, old keys out, so that no agent is ever between the two.

Two commits. The first trusts the new keys beside the old ones, and is signed by both; the second
trusts the new ones alone. An agent that slept through both walks them one after the other.

Every step can be taken again. Which keys leave is noted before the first new key is made, and each
new one as soon as its file stands; killed anywhere, the same call goes on.

Spec: TUF 1.0.34 #update-root, #key-management-and-migration.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec

from tufkeep.ceremony.create import NewPassphrase
from tufkeep.errors import WorkspaceError
from tufkeep.keys.passphrase import PassphraseRequest, Purpose
from tufkeep.keys.private import ED25519, generate
from tufkeep.metadata.edit import UnknownRole
from tufkeep.stores import ObjectMissing
from tufkeep.workspace import Edit, NotARepository, Workspace, layout

NOTE: Final = ".tufkeep/rotation"


class RotationUnderWay(WorkspaceError):
    """Another rotation was begun here and waits to be finished."""

    exit_code = 19

    def __init__(self, begun: str):
        super().__init__(f"a rotation of the {begun} keys was begun here")
        self.begun = begun
        self.hint = f"finish it first: tufkeep rotate {begun}"


class StagedInTheWay(WorkspaceError):
    """A change is staged that a rotation would commit along with its own."""

    exit_code = 19

    def __init__(self, roles: tuple[str, ...]):
        super().__init__(f"a change of {', '.join(roles)} is staged already")
        self.roles = roles
        self.hint = "look at it with tufkeep review, then tufkeep commit or tufkeep clean"


class _Rotation(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a rotation is to do, and how far it came."""

    role: str
    leaving: list[str]  # keyids
    coming: list[str] = []  # keyids whose file stands
    wanted: int
    keytype: str = ED25519
    one_step: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """A rotation that is done."""

    role: str
    old: tuple[str, ...]  # keyids
    new: tuple[str, ...]
    first_root: int  # the version that trusts the new keys, beside the old ones unless it was done in one step
    last_root: int  # the version that trusts the new keys alone
    unsigned: tuple[str, ...]  # keys of root that have not signed its newest version, though the threshold is reached


def rotate(
    workspace: Workspace,
    role: str,
    *,
    new_passphrase: NewPassphrase,
    keys: int | None = None,
    keytype: str = ED25519,
    one_step: bool = False,
    tell: Callable[[str], None] = lambda sentence: None,
) -> Rotated:
    """Replace all keys of a role.

    Args:
        new_passphrase: asked once for each key that is made.
        keys: how many new ones; as many as there are by default.
        one_step: one commit instead of two: the new root trusts the new keys alone, signed by old and new ones.
        tell: is told what became true, step by step.

    Raises:
        NotARepository: nothing was ever committed here.
        RotationUnderWay, StagedInTheWay: something else must be finished first.
        What a commit raises: too few of the old keys are at hand, for one.
    """
    with workspace.exclusive("rotate"):
        rotation = _begin(workspace, role, keys, keytype, one_step)
        _make_keys(workspace, rotation, new_passphrase, tell)
        first = None if rotation.one_step else _trust_new(workspace, rotation)
        if first is not None:
            tell(f"root v{first} trusts the {len(rotation.coming)} new {role} keys beside the old ones")
        last = _drop_old(workspace, rotation)
        tell(f"root v{last} trusts the new {role} keys alone")
        workspace.store.delete(NOTE)
        return Rotated(
            role=role,
            old=tuple(rotation.leaving),
            new=tuple(rotation.coming),
            first_root=last if first is None else first,
            last_root=last,
            unsigned=_unsigned(workspace),
        )


def _unsigned(workspace: Workspace) -> tuple[str, ...]:
    """Return the keys of the newest root that have not signed it: all of its keyids against all of its signatures."""
    root = workspace.state.root
    return tuple(keyid for keyid in root.signed.roles["root"].keyids if not root.verifies(root.signed.keys[keyid]))


def _begin(workspace: Workspace, role: str, keys: int | None, keytype: str, one_step: bool) -> _Rotation:
    begun = _read(workspace)
    if begun is not None:
        if begun.role != role:
            raise RotationUnderWay(begun.role)
        return begun
    root = workspace.state.committed("root")
    if root is None:
        raise NotARepository
    if role not in layout.ROLES:
        raise UnknownRole(role)
    if workspace.state.staged_roles:
        raise StagedInTheWay(workspace.state.staged_roles)
    leaving = list(root.signed.roles[role].keyids)
    wanted = max(keys or len(leaving), root.signed.roles[role].threshold)
    rotation = _Rotation(role=role, leaving=leaving, wanted=wanted, keytype=keytype, one_step=one_step)
    _write(workspace, rotation)
    return rotation


def _make_keys(
    workspace: Workspace, rotation: _Rotation, new_passphrase: NewPassphrase, tell: Callable[[str], None]
) -> None:
    """Make the keys that are missing.

    A key whose file was written but which the note does not know yet stays unused; its file says
    so in the list of keys.
    """
    role, ring = rotation.role, workspace.keyring
    while len(rotation.coming) < rotation.wanted:
        key = generate(rotation.keytype)
        name = ring.next_name(role)
        ring.add(
            key, role=role, passphrase=new_passphrase(PassphraseRequest(role=role, file=name, purpose=Purpose.NEW))
        )
        rotation.coming.append(key.keyid)
        _write(workspace, rotation)
        tell(f"made {role} key {key.keyid[:8]} in keys/{name}")


def _trust_new(workspace: Workspace, rotation: _Rotation) -> int:
    """Commit the root that trusts both; return its version, found again when it was committed before."""
    with workspace.edit("rotate") as edit:
        if _list_new(edit, rotation) and rotation.role != "root":
            edit.renew(rotation.role)  # signed by old and new keys, so it needs no new version when the old ones go
    return _commit(workspace, lambda keyids: set(rotation.coming) <= set(keyids), rotation.role)


def _drop_old(workspace: Workspace, rotation: _Rotation) -> int:
    """Commit the root that trusts the new keys alone; where that is done in one step, it lists them as well."""
    with workspace.edit("rotate") as edit:
        _list_new(edit, rotation)
        for keyid in set(rotation.leaving) & set(edit.root.roles[rotation.role].keyids):
            edit.revoke_key(rotation.role, keyid)
    return _commit(workspace, lambda keyids: set(rotation.leaving).isdisjoint(keyids), rotation.role)


def _list_new(edit: Edit, rotation: _Rotation) -> bool:
    """Let root trust the new keys; return whether it did not yet."""
    missing = [keyid for keyid in rotation.coming if keyid not in edit.root.roles[rotation.role].keyids]
    found = {key.keyid: key for key in edit.keyring.find(missing, role=rotation.role)} if missing else {}
    for keyid in missing:
        edit.add_key(rotation.role, found[keyid].public)
    return bool(missing)


def _commit(workspace: Workspace, reached: Callable[[list[str]], bool], role: str) -> int:
    """Commit what is staged; return the first root version of which `reached` is true."""
    workspace.complete()
    workspace.commit(workspace.plan_commit())
    versions = workspace.state.roots
    return min(
        version
        for version, root in versions.items()
        if all(reached(later.signed.roles[role].keyids) for number, later in versions.items() if number >= version)
    )


def _read(workspace: Workspace) -> _Rotation | None:
    try:
        return msgspec.json.decode(workspace.store.read(NOTE), type=_Rotation)
    except (ObjectMissing, msgspec.MsgspecError):
        return None


def _write(workspace: Workspace, rotation: _Rotation) -> None:
    workspace.store.write(NOTE, msgspec.json.encode(rotation))
