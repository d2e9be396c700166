"""fleetctl updates init: a new repository, with one key for each role, committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tufkeep.cli.compat.fleetctl.desk import LIVES, Desk
from tufkeep.cli.compat.go import GoError
from tufkeep.workspace.create import KeysInTheWay, RepositoryExists, create
from tufkeep.workspace.operations import Blueprint
from tufkeep.workspace.unfinished import begun

if TYPE_CHECKING:
    from tufkeep.keys.passphrase import Passphrase, PassphraseRequest


def run(desk: Desk) -> None:
    """Make a repository; one that was begun and cut off is finished."""
    if desk.state.exists and begun(desk.workspace.store, Blueprint) is None:
        raise GoError(f"repo already initialized: {desk.path}")
    blueprint = Blueprint(consistent_snapshot=False, days={role: life.days for role, life in LIVES.items()})

    def new_passphrase(request: PassphraseRequest) -> Passphrase:
        return desk.passphrases(request)

    try:
        with desk.passphrases.allowing(lambda request: True), desk.keyring.all_open():
            created = create(desk.workspace, blueprint, new_passphrase=new_passphrase)
    except KeysInTheWay:
        raise GoError(
            f"keys directory already exists: {desk.path / 'keys'}",
            hint="its files may be the only copies of their keys",
        ) from None
    except RepositoryExists:
        raise GoError(f"repo already initialized: {desk.path}") from None
    for role, keyids in created.keys.items():
        for keyid in keyids:
            desk.say(f"Generated {role} key with ID: {keyid}")
