"""New keys in, old keys out, so that no agent is ever between the two.

Two commits. The first trusts the new keys beside the old ones, and is signed by both; the second
trusts the new ones alone. An agent that slept through both walks them one after the other.

Every step can be taken again. Which keys leave is noted before the first new key is made, and each
new one as soon as its file stands; killed anywhere, the same call goes on.

Spec: TUF 1.0.34 #update-root, #key-management-and-migration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from tufkeep.arguments import typed
from tufkeep.errors import PersonNeeded
from tufkeep.keys.naming import named_for
from tufkeep.keys.private import ED25519
from tufkeep.metadata.edit import UnknownRole
from tufkeep.workspace import Edit, NotARepository, Workspace, layout
from tufkeep.workspace.new_keys import NewPassphrase, find_made, make_key
from tufkeep.workspace.operations import Rotation
from tufkeep.workspace.unfinished import OperationUnfinished, advance, begin, begun, done


class OthersWouldLeave(PersonNeeded):
    """A rotation would take a role away from somebody who has a key of it elsewhere."""

    exit_code = 40

    def __init__(self, role: str, keys: Mapping[str, str]):
        named = [f"{keyid[:8]} ({owner})" if owner else keyid[:8] for keyid, owner in keys.items()]
        them, it = ("keys", "they are") if len(keys) > 1 else ("key", "it is")
        super().__init__(f"{role} {them} {', '.join(named)} would be replaced, too, and {it} not here")
        self.role, self.keys = role, dict(keys)  # keyid -> owner by the policy, empty where it names nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """A rotation that is done."""

    role: str
    old: tuple[str, ...]  # keyids
    new: tuple[str, ...]
    first_root: int  # the version that trusts the new keys, beside the old ones unless it was done in one step
    last_root: int  # the version that trusts the new keys alone
    unsigned: tuple[str, ...]  # keys of root that have not signed its newest version, though the threshold is reached


@typed
def rotate(
    workspace: Workspace,
    role: str,
    *,
    new_passphrase: NewPassphrase | None = None,
    keys: int | None = None,
    keytype: str = ED25519,
    one_step: bool = False,
    others_leave: bool = False,
    tell: Callable[[str], None] = lambda sentence: None,
) -> Rotated:
    """Replace all keys of a role.

    Args:
        new_passphrase: asked once for each key that is made; by default whoever the workspace asks.
        keys: how many new ones; as many as there are by default.
        one_step: one commit instead of two: the new root trusts the new keys alone, signed by old and new ones.
        others_leave: replace the keys that are not here, too; whoever has them can sign for the role no more.
        tell: is told what became true, step by step.

    Raises:
        NotARepository: nothing was ever committed here.
        OthersWouldLeave: a key of the role is not here, and nobody has said that it may go.
        OperationUnfinished, StagedInTheWay: something else must be finished first.
        NewKeyMissing: a key that was made for it is here no more.
        What a commit raises: too few of the old keys are at hand, for one.
    """
    with workspace.exclusive("rotate"):
        if not others_leave:
            _require_no_others(workspace, role)
        rotation = _begin(workspace, role, keys, keytype, one_step)
        rotation = _make_keys(workspace, rotation, new_passphrase, tell)
        first = None if rotation.one_step else _trust_new(workspace, rotation)
        if first is not None:
            new = f"{len(rotation.coming)} new {role} keys" if len(rotation.coming) > 1 else f"new {role} key"
            tell(f"root v{first} trusts the {new} beside the old ones")
        last = _drop_old(workspace, rotation)
        tell(f"root v{last} trusts the new {role} keys alone")
        done(workspace.store, Rotation)
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


def _begin(workspace: Workspace, role: str, keys: int | None, keytype: str, one_step: bool) -> Rotation:
    rotation = begun(workspace.store, Rotation)
    if rotation is not None:
        if rotation.role != role:
            raise OperationUnfinished(rotation.unfinished)
        return rotation
    root = workspace.state.committed("root")
    if root is None:
        raise NotARepository
    if role not in layout.ROLES:
        raise UnknownRole(role)
    leaving = tuple(root.signed.roles[role].keyids)
    wanted = max(keys or len(leaving), root.signed.roles[role].threshold)
    return begin(workspace, Rotation(role=role, leaving=leaving, wanted=wanted, keytype=keytype, one_step=one_step))


def _require_no_others(workspace: Workspace, role: str) -> None:
    """Stop where the rotation would replace a key that is not here; without enough root keys it replaces none yet.

    Raises:
        OthersWouldLeave: it would.
    """
    root, begun_before = workspace.state.committed("root"), begun(workspace.store, Rotation)
    if root is None or role not in root.signed.roles:
        return
    listed = root.signed.roles[role].keyids
    if begun_before is not None:
        listed = [keyid for keyid in begun_before.leaving if keyid in listed] if begun_before.role == role else []
    able = root.signed.roles["root"]
    if len(able.keyids) - len(_elsewhere(workspace, "root", able.keyids)) < able.threshold:
        return
    if others := _elsewhere(workspace, role, listed):
        raise OthersWouldLeave(role, {keyid: workspace.policy.owner(keyid) or "" for keyid in others})


def _elsewhere(workspace: Workspace, role: str, keyids: Sequence[str]) -> tuple[str, ...]:
    """Return those of a role's keys that are not here, as far as that shows without opening a file.

    An encrypted file that nobody has opened here may hold one of them; it is believed to where there is one for each.
    """
    files = workspace.keyring.files()
    here = {keyid for info in files for keyid in info.keyids or ()}
    here |= {signer.public_key.keyid for signer in workspace.signers}
    missing = tuple(keyid for keyid in keyids if keyid not in here)
    unseen = sum(info.keyids is None and info.fault is None and named_for(role, info.name) for info in files)
    return missing if len(missing) > unseen else ()


def _make_keys(
    workspace: Workspace, rotation: Rotation, new_passphrase: NewPassphrase | None, tell: Callable[[str], None]
) -> Rotation:
    """Make the keys that are missing.

    A key whose file was written but which the note does not know yet stays unused; its file says
    so in the list of keys.
    """
    while len(rotation.coming) < rotation.wanted:
        made = make_key(workspace, rotation.role, keytype=rotation.keytype, new_passphrase=new_passphrase)
        tell(made.sentence)
        rotation = advance(workspace.store, replace(rotation, coming=(*rotation.coming, made.keyid)))
    return rotation


def _trust_new(workspace: Workspace, rotation: Rotation) -> int:
    """Commit the root that trusts both; return its version, found again when it was committed before."""
    with workspace.edit("rotate") as edit:
        if _list_new(edit, rotation) and rotation.role != "root":
            edit.renew(rotation.role)  # signed by old and new keys, so it needs no new version when the old ones go
    return _commit(workspace, lambda keyids: set(rotation.coming) <= set(keyids), rotation.role)


def _drop_old(workspace: Workspace, rotation: Rotation) -> int:
    """Commit the root that trusts the new keys alone; where that is done in one step, it lists them as well."""
    with workspace.edit("rotate") as edit:
        _list_new(edit, rotation)
        for keyid in set(rotation.leaving) & set(edit.root.roles[rotation.role].keyids):
            edit.revoke_key(rotation.role, keyid)
    return _commit(workspace, lambda keyids: set(rotation.leaving).isdisjoint(keyids), rotation.role)


def _list_new(edit: Edit, rotation: Rotation) -> bool:
    """Let root trust the new keys; return whether it did not yet."""
    listed = edit.root.roles[rotation.role].keyids
    missing = [keyid for keyid in rotation.coming if keyid not in listed]
    for key in find_made(edit.keyring, missing, role=rotation.role) if missing else ():
        edit.add_key(rotation.role, key.public_key)
    return bool(missing)


def _commit(workspace: Workspace, reached: Callable[[list[str]], bool], role: str) -> int:
    """Sign and commit what is staged; return the first root version of which `reached` is true.

    Signed again, for a key that was missing when it was staged may be here now.
    """
    workspace.sign()
    workspace.commit()
    versions = workspace.state.roots
    return min(
        version
        for version, root in versions.items()
        if all(reached(later.signed.roles[role].keyids) for number, later in versions.items() if number >= version)
    )
