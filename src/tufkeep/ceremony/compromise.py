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
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from msgspec.structs import replace
from tuf.api.metadata import Root

from tufkeep.arguments import typed
from tufkeep.metadata.chain import rotated
from tufkeep.metadata.document import Document
from tufkeep.metadata.edit import KeyNotListed, find_keyid
from tufkeep.metadata.model import public_identity
from tufkeep.metadata.quorum import distinct_public_keys
from tufkeep.workspace import NotARepository, Workspace, layout
from tufkeep.workspace.new_keys import NewPassphrase, find_made, make_key
from tufkeep.workspace.operations import Revocation
from tufkeep.workspace.unfinished import OperationUnfinished, advance, begin, begun, done

_POWERS: Final = {
    "root": "sign a root with other keys for every role, which agents would follow for good",
    "targets": "list any file as any target, and agents would install it once a snapshot lists that version",
    "snapshot": "list targets metadata of other versions that were once signed, or of versions so high that "
    "agents refuse honest ones",
    "timestamp": "keep agents on an old snapshot, or give versions so high that agents refuse honest ones",
}


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
    new: Mapping[str, str]  # role -> keyid; nothing for a role that got no other key for it
    root: int
    forgotten: tuple[str, ...]  # roles of which agents forget what they had
    versions: Mapping[str, int]  # what was signed anew


@typed
def harms(workspace: Workspace, role: str, start: str) -> tuple[str, tuple[Harm, ...]]:
    """Return the keyid that `start` begins, and what its thief can do, role by role.

    Raises:
        NotARepository: nothing was committed here.
        EditRefused: no such role, no such key.
    """
    root = _root(workspace)
    note = begun(workspace.store, Revocation)
    if note is not None and note.role == role and note.keyid.startswith(start):
        root = workspace.state.roots[note.root]
    keyid = find_keyid(root.signed, role, start)
    return keyid, tuple(_harm(workspace, root.signed, name, keyid) for name in _roles_of(root.signed, keyid))


def already_revoked(workspace: Workspace, role: str, start: str) -> Revoked | None:
    """Return what took a key out that no role trusts any more; None where one does, or none ever did.

    So a revocation that was killed at its very end can be typed again like one that was killed earlier.
    """
    if begun(workspace.store, Revocation) is not None:
        return None
    newest = _root(workspace).signed
    trusted = {public_identity(key) for key in newest.keys.values()}
    for version, root in sorted(workspace.state.roots.items(), reverse=True):
        with suppress(KeyNotListed):
            keyid = find_keyid(root.signed, role, start)
            key = root.signed.keys.get(keyid)
            return _revoked(workspace, keyid, version) if key and public_identity(key) not in trusted else None
    return None


@typed
def revoke_compromised(
    workspace: Workspace,
    role: str,
    start: str,
    *,
    new_passphrase: NewPassphrase | None = None,
    tell: Callable[[str], None] = lambda sentence: None,
) -> Revoked:
    """Take a stolen key out of every role, put a new one in its place, and sign anew what it had signed.

    A key that is out of every role already is not looked for again: what took it out is returned.

    Raises:
        NotARepository, EditRefused: as `harms`.
        OperationUnfinished, StagedInTheWay: something else must be finished first.
        NewKeyMissing: a key that was made for it is here no more.
        What a commit raises: too few root keys are at hand, for one.
    """
    with workspace.exclusive("revoke"):
        if (found := already_revoked(workspace, role, start)) is not None:
            return found
        note = _begin(workspace, role, start)
        note = _make_keys(workspace, note, new_passphrase, tell)
        if set(note.roles) & set(_roles_of(workspace.state.root.signed, note.keyid)):
            _stage(workspace, note)
        workspace.sign()  # once more: a key that was missing when it was staged may be here now
        workspace.commit()
        done(workspace.store, Revocation)
        return _revoked(workspace, note.keyid, note.root)


def _begin(workspace: Workspace, role: str, start: str) -> Revocation:
    note = begun(workspace.store, Revocation)
    if note is not None:
        if note.role != role or not note.keyid.startswith(start):
            raise OperationUnfinished(note.unfinished)
        return note
    root = _root(workspace)
    keyid = find_keyid(root.signed, role, start)
    roles = _roles_of(root.signed, keyid)
    return begin(workspace, Revocation(role=role, keyid=keyid, roles=roles, root=root.version))


def _make_keys(
    workspace: Workspace,
    note: Revocation,
    new_passphrase: NewPassphrase | None,
    tell: Callable[[str], None],
) -> Revocation:
    for role in note.roles:
        if role not in note.coming:
            made = make_key(workspace, role, new_passphrase=new_passphrase)
            tell(made.sentence)
            note = advance(workspace.store, replace(note, coming={**note.coming, role: made.keyid}))
    return note


def _stage(workspace: Workspace, note: Revocation) -> None:
    stolen = note.keyid
    with workspace.edit("revoke") as edit:
        for role in note.roles:
            (key,) = find_made(workspace.keyring, [note.coming[role]], role=role)
            edit.add_key(role, key.public_key)
            for keyid in _same_key(edit.root, role, stolen):
                edit.revoke_key(role, keyid)
        for role in note.roles:
            if role != "root":
                edit.renew(role)


def _revoked(workspace: Workspace, keyid: str, last: int) -> Revoked:
    """Return what took a key out.

    Args:
        last: the last root version that trusts it.
    """
    roots = workspace.state.roots
    after = next(number for number in sorted(roots) if number > last)
    old, new = roots[last].signed, roots[after].signed
    roles = _roles_of(old, keyid)
    came = {role: [each for each in new.roles[role].keyids if each not in old.roles[role].keyids] for role in roles}
    committed = {role: workspace.state.committed(role) for role in layout.ROLES}
    return Revoked(
        keyid=keyid,
        roles=roles,
        new={role: keyids[0] for role, keyids in came.items() if keyids},
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
