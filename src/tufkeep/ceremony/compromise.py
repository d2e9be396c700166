"""A stolen key: what it could have signed, then its end.

One commit. The new root trusts the stolen key no more, in no role, and a new key in its place; there is no
overlap, for an overlap would be the thief's time. What the roles of the key say is signed anew.

Where the stolen key alone reached its role's threshold, its thief may have signed a version so high that
clients refuse every honest one. Clients forget what they have of a role whose threshold of keys has left, so
the honest versions simply go on: each client meets them as if it had never seen higher ones.

Every step can be taken again: which keys come is noted before they are made, as in a rotation.

Spec: TUF 1.0.34 #update-root (recovery from fast-forward attacks), #key-management-and-migration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from tuf.api.metadata import Root

from tufkeep.ceremony.create import NewPassphrase
from tufkeep.ceremony.rotate import RotationUnderWay, StagedInTheWay
from tufkeep.errors import WorkspaceError
from tufkeep.keys.passphrase import PassphraseRequest, Purpose
from tufkeep.keys.private import ED25519, generate
from tufkeep.metadata.document import Document
from tufkeep.metadata.edit import find_keyid
from tufkeep.metadata.model import public_identity
from tufkeep.metadata.quorum import distinct_public_keys
from tufkeep.metadata.rotation import rotated
from tufkeep.stores import ObjectMissing
from tufkeep.workspace import NotARepository, Workspace, layout

NOTE: Final = ".tufkeep/compromise"

_POWERS: Final = {
    "root": "sign a root with other keys for every role, which agents would follow for good",
    "targets": "list any file as any target, and agents would install it once a snapshot lists that version",
    "snapshot": "list targets metadata of other versions that were once signed, or of versions so high that "
    "agents refuse honest ones",
    "timestamp": "keep agents on an old snapshot, or give versions so high that agents refuse honest ones",
}


class RevocationUnderWay(WorkspaceError):
    """The revocation of another stolen key was begun here and waits to be finished."""

    exit_code = 19

    def __init__(self, role: str, keyid: str):
        super().__init__(f"the revocation of the stolen {role} key {keyid[:8]} was begun here")
        self.role, self.keyid = role, keyid
        self.hint = f"finish it first: tufkeep key revoke {role} {keyid[:8]} --compromised"


@dataclass(frozen=True, slots=True, kw_only=True)
class Harm:
    """What the thief of a key can do in one role."""

    role: str
    since_root: int  # the first root version that trusts the key for it
    alone: bool  # whether the key reached the threshold by itself
    others_needed: int
    signed: tuple[str, ...]  # what is committed now with its signature
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Revoked:
    """A stolen key that nobody trusts any more."""

    keyid: str
    roles: tuple[str, ...]
    new: Mapping[str, str]  # role -> keyid
    root: int
    forgotten: tuple[str, ...]  # roles of which agents forget what they had
    versions: Mapping[str, int]  # what was signed anew


class _Note(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is being done, and how far it came."""

    role: str
    keyid: str
    roles: list[str]
    root: int  # the committed root that trusts it
    coming: dict[str, str] = {}  # role -> keyid whose file stands


def harms(workspace: Workspace, role: str, start: str) -> tuple[str, tuple[Harm, ...]]:
    """Return the keyid that `start` begins, and what its thief can do, role by role.

    Raises:
        NotARepository: nothing was committed here.
        EditRefused: no such role, no such key.
    """
    root = _root(workspace)
    note = _read(workspace)
    if note is not None and note.role == role and note.keyid.startswith(start):
        root = workspace.state.roots[note.root]
    keyid = find_keyid(root.signed, role, start)
    return keyid, tuple(_harm(workspace, root.signed, name, keyid) for name in _roles_of(root.signed, keyid))


def revoke_compromised(
    workspace: Workspace,
    role: str,
    start: str,
    *,
    new_passphrase: NewPassphrase,
    keytype: str = ED25519,
    tell: Callable[[str], None] = lambda sentence: None,
) -> Revoked:
    """Take a stolen key out of every role, put a new one in its place, and sign anew what it had signed.

    Raises:
        NotARepository, EditRefused: as `harms`.
        RevocationUnderWay, RotationUnderWay, StagedInTheWay: something else must be finished first.
        What a commit raises: too few root keys are at hand, for one.
    """
    with workspace.exclusive("revoke"):
        note = _begin(workspace, role, start)
        _make_keys(workspace, note, new_passphrase, keytype, tell)
        if set(note.roles) & set(_roles_of(workspace.state.root.signed, note.keyid)):
            _stage(workspace, note)
        workspace.complete()
        workspace.commit(workspace.plan_commit())
        workspace.store.delete(NOTE)
        return _revoked(workspace, note)


def _begin(workspace: Workspace, role: str, start: str) -> _Note:
    begun = _read(workspace)
    if begun is not None:
        if begun.role != role or not begun.keyid.startswith(start):
            raise RevocationUnderWay(begun.role, begun.keyid)
        return begun
    root = _root(workspace)
    keyid = find_keyid(root.signed, role, start)
    if workspace.store.stat(".tufkeep/rotation") is not None:
        raise RotationUnderWay(role)
    if workspace.state.staged_roles:
        raise StagedInTheWay(workspace.state.staged_roles)
    note = _Note(role=role, keyid=keyid, roles=list(_roles_of(root.signed, keyid)), root=root.version)
    _write(workspace, note)
    return note


def _make_keys(
    workspace: Workspace, note: _Note, new_passphrase: NewPassphrase, keytype: str, tell: Callable[[str], None]
) -> None:
    ring = workspace.keyring
    for role in note.roles:
        if role in note.coming:
            continue
        key = generate(keytype)
        name = ring.next_name(role)
        ring.add(
            key, role=role, passphrase=new_passphrase(PassphraseRequest(role=role, file=name, purpose=Purpose.NEW))
        )
        note.coming[role] = key.keyid
        _write(workspace, note)
        tell(f"made {role} key {key.keyid[:8]} in keys/{name}")


def _stage(workspace: Workspace, note: _Note) -> None:
    stolen = note.keyid
    with workspace.edit("revoke") as edit:
        for role in note.roles:
            found = {key.keyid: key for key in workspace.keyring.find([note.coming[role]], role=role)}
            edit.add_key(role, found[note.coming[role]].public)
            for keyid in _same_key(edit.root, role, stolen):
                edit.revoke_key(role, keyid)
        for role in note.roles:
            if role != "root":
                edit.renew(role)


def _revoked(workspace: Workspace, note: _Note) -> Revoked:
    roots = workspace.state.roots
    after = next(number for number in sorted(roots) if number > note.root)
    old, new = roots[note.root].signed, roots[after].signed
    committed = {role: workspace.state.committed(role) for role in layout.ROLES}
    return Revoked(
        keyid=note.keyid,
        roles=tuple(note.roles),
        new=dict(note.coming),
        root=after,
        forgotten=tuple(role for role in ("targets", "snapshot", "timestamp") if rotated(old, new, role)),
        versions={role: found.version for role, found in committed.items() if found is not None},
    )


def _harm(workspace: Workspace, root: Root, role: str, keyid: str) -> Harm:
    others = root.roles[role].threshold - 1
    since = min(
        (version for version, each in workspace.state.roots.items() if keyid in each.signed.roles[role].keyids),
        default=root.version,
    )
    keys = distinct_public_keys(root, role)
    how = "alone" if not others else f"together with {others} of the {keys - 1} other {role} keys"
    signed = tuple(_signed_with(workspace, root, role, keyid))
    return Harm(
        role=role,
        since_root=since,
        alone=not others,
        others_needed=others,
        signed=signed,
        sentence=f"since root v{since} it can, {how}, {_POWERS[role]}",
    )


def _signed_with(workspace: Workspace, root: Root, role: str, keyid: str) -> list[str]:
    document: Document[Any] | None = workspace.state.committed(role)
    key = root.keys.get(keyid)
    return [f"{role} v{document.version}"] if document is not None and key and document.verifies(key) else []


def _roles_of(root: Root, keyid: str) -> tuple[str, ...]:
    """Return the roles that list this public key, be it under another keyid: a thief has it for all of them."""
    return tuple(role for role in layout.ROLES if _same_key(root, role, keyid))


def _same_key(root: Root, role: str, keyid: str) -> list[str]:
    stolen = root.keys.get(keyid)
    if stolen is None:
        return []
    identity = public_identity(stolen)
    listed = [each for each in root.roles[role].keyids if each in root.keys]
    return [each for each in listed if public_identity(root.keys[each]) == identity]


def _root(workspace: Workspace) -> Document[Root]:
    root = workspace.state.committed("root")
    if root is None:
        raise NotARepository
    return root


def _read(workspace: Workspace) -> _Note | None:
    try:
        return msgspec.json.decode(workspace.store.read(NOTE), type=_Note)
    except (ObjectMissing, msgspec.MsgspecError):
        return None


def _write(workspace: Workspace, note: _Note) -> None:
    workspace.store.write(NOTE, msgspec.json.encode(note))
