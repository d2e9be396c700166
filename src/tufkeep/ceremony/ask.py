"""How a request comes about: new keys are made where they will be used; each signs what is asked.

Every step can be taken again. A key that was made for an earlier request and that root does not trust
yet is used for the next one, so that asking twice makes no second key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tufkeep.ceremony.request import Leaver, Letter, make_request, newcomer, next_root
from tufkeep.keys.naming import named_for
from tufkeep.keys.private import ED25519, PrivateKey
from tufkeep.metadata.document import Document
from tufkeep.metadata.edit import UnknownRole
from tufkeep.metadata.expiry import expires_after
from tufkeep.metadata.review import Sentence, review, sentences
from tufkeep.workspace import NotARepository, Workspace, layout
from tufkeep.workspace.known_keys import write_known_keys
from tufkeep.workspace.new_keys import NewPassphrase, make_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody wants to ask for."""

    add: tuple[str, ...] = ()  # roles, one for each new key
    retire: tuple[Leaver, ...] = ()  # the beginning of a keyid is enough
    thresholds: tuple[tuple[str, int], ...] = ()
    expires: datetime | None = None  # of root; by the policy where nobody asks for another
    owner: str = ""
    keytype: str = ED25519


def ask(
    workspace: Workspace,
    wish: Wish,
    *,
    new_passphrase: NewPassphrase | None = None,
    person: str = "",
    tell: Callable[[str], None] = lambda sentence: None,
) -> Letter:
    """Make the keys that are wished for, then the request that they sign.

    Raises:
        NotARepository: there is no committed root to ask to be changed.
        UnknownRole, EditRefused, NothingAsked: nobody could carry it out.
    """
    with workspace.exclusive("request"):
        root = workspace.state.committed("root")
        if root is None:
            raise NotARepository
        for role in wish.add:
            if role not in layout.ROLES:
                raise UnknownRole(role)
        now = workspace.clock()
        life = workspace.policy.validity["root"].life
        return make_request(
            root,
            keys={
                key: newcomer(role, key, owner=wish.owner) for role, key in _keys(workspace, wish, new_passphrase, tell)
            },
            retire=wish.retire,
            thresholds=dict(wish.thresholds),
            expires=wish.expires or expires_after(life, now=now),
            exact_end=wish.expires is not None,
            now=now,
            person=person,
        )


def asked(workspace: Workspace, letter: Letter) -> tuple[Sentence, ...]:
    """Return what a request asks for, in words."""
    root = workspace.state.committed("root")
    if root is None:
        raise NotARepository
    following = Document.of(next_root(root.signed, letter.request))
    facts = review({"root": root}, {"root": following}, now=workspace.clock())
    return sentences((fact for fact in facts if fact.kind != "signatures"), owners=letter.request.owners)


def _keys(
    workspace: Workspace, wish: Wish, new_passphrase: NewPassphrase | None, tell: Callable[[str], None]
) -> list[tuple[str, PrivateKey]]:
    waiting = _waiting(workspace, wish.add)
    chosen: list[tuple[str, PrivateKey]] = []
    for role in wish.add:
        if names := waiting.get(role):
            name = names.pop(0)
            tell(f"keys/{name} holds a {role} key that root does not trust yet: it is asked for")
            key = workspace.keyring.unlock(name, role=role)[0]
        else:
            made = make_key(workspace, role, keytype=wish.keytype, new_passphrase=new_passphrase)
            write_known_keys(workspace.store, workspace.keyring)  # else the next request would not know what is in it
            tell(made.sentence)
            key = made.key
        chosen.append((role, key))
    return chosen


def _waiting(workspace: Workspace, roles: Sequence[str]) -> Mapping[str, list[str]]:
    """Return the key files by role whose keys no root lists."""
    state = workspace.state
    roots = [found for found in (*state.roots.values(), state.staged("root")) if found is not None]
    listed = {keyid for root in roots for keyid in root.signed.keys}
    infos = [info for info in workspace.keyring.files() if info.keyids and listed.isdisjoint(info.keyids)]
    return {role: [info.name for info in infos if named_for(role, info.name)] for role in set(roles)}
