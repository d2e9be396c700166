"""tuf sign: more signatures on a metadata file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tufkeep.cli.compat.go import GoError
from tufkeep.cli.compat.tuf.desk import Desk
from tufkeep.keys.naming import named_for
from tufkeep.metadata.quorum import root_quorums

if TYPE_CHECKING:
    from tufkeep.metadata.document import Document


def run(desk: Desk) -> None:
    """Sign with every key that is found."""
    file = desk.line.text("<metadata>")
    role = file.removesuffix(".json")
    document = desk.document(file)
    keys = desk.choose(role, anywhere=True)
    if not keys:
        raise GoError(f"tuf: no keys available to sign {file}", hint=_where_to_look(desk, role))
    signers = desk.signers(role)
    missing = [key for key in keys if not document.verifies(signers[key.keyid])]
    if role != "root" and desk.state.staged(role) is None:
        if missing:
            _sign_committed(desk, role, document)
    else:
        with desk.workspace.edit("sign", follow=False, whole=False, again=(role,)):
            pass
    desk.say(f"Signed {file} with {len(keys)} key(s)")
    if role == "root":
        _tell_missing_files(desk)


def _sign_committed(desk: Desk, role: str, document: Document[Any]) -> None:
    """Stage the next version: other bytes under a version that clients may have would be refused by them."""
    with desk.edit("sign") as edit:
        edit.renew(role)
        edit.set_expiry(role, document.expires)
        version = edit.models[role].version
    desk.warn(
        f"{role}.json v{document.version} is committed and stays as it is: v{version} was staged and signed",
        hint="tuf snapshot, tuf timestamp and tuf commit publish it; tuf clean forgets it",
    )


def _where_to_look(desk: Desk, role: str) -> str:
    names = [file.name for file in desk.keyring.files()]
    if not names:
        return "keys/ is empty: run it where the key files are"
    return f"none of {', '.join(f'keys/{name}' for name in names)} opened with a key of {role}"


def _tell_missing_files(desk: Desk) -> None:
    """Say so where a root key that was here is here no more, such as one that `mv` moved another file over."""
    from tufkeep.workspace.known_keys import read_known_keys

    staged = desk.state.current("root")
    if staged is None:
        return
    before = {keyid for keyids in read_known_keys(desk.workspace.store).values() for keyid in keyids}
    here = {keyid for file in desk.keyring.files() for keyid in file.keyids or ()}
    unseen = any(file.keyids is None and named_for("root", file.name) for file in desk.keyring.files())
    committed = desk.state.committed("root")
    waiting = root_quorums(staged, committed.signed if committed is not None else None)[-1].waiting
    lost = sorted(keyid[:8] for keyid in staged.signed.roles["root"].keyids if keyid in before - here)
    if lost and not unseen:
        still = " and has not signed yet" if any(keyid[:8] in lost for keyid in waiting) else ""
        desk.warn(
            f"root key {', '.join(lost)} was in a file under keys/ and is in none now{still}",
            hint="if a file was moved over its only copy, take it from a backup; no file needs to be moved for signing",
        )
