"""tuf change-passphrase: a role's key file gets another one."""

from __future__ import annotations

from tufkeep.cli.compat.asking import PassphraseRequired
from tufkeep.cli.compat.go import GoError
from tufkeep.cli.compat.tuf.desk import Desk
from tufkeep.keys.passphrase import PassphraseRequest, Purpose


def run(desk: Desk) -> None:
    """Change it; a file in the open is locked by it."""
    name = f"{desk.role}.json"
    if desk.line.plaintext:
        raise PassphraseRequired(desk.role, name)
    if not any(file.name == name for file in desk.keyring.files()):
        desk.say(f"Failed to change passphrase. Missing keys file for {desk.role} role. ")
        folder = desk.line.directory.absolute()
        raise GoError(f"open {folder}/keys/{name}: no such file or directory")
    with desk.workspace.exclusive("change-passphrase"):
        desk.keyring.open_file(name, role=desk.role)
        new = desk.passphrases(PassphraseRequest(role=desk.role, file=name, purpose=Purpose.CHANGE))
        desk.keyring.reseal(name, new, role=desk.role)
    desk.say(f"Successfully changed passphrase for {desk.role} keys file")
