"""What every change of the targets metadata has in common."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from tufkeep.cli.compat.go import GoError
from tufkeep.cli.compat.tuf.desk import Desk
from tufkeep.keys.sealed import WrongPassphrase
from tufkeep.workspace import Edit


@contextmanager
def targets_change(desk: Desk, note: str, *, expires: datetime) -> Iterator[Edit]:
    """Change the targets in a block, and let them end at a time."""
    try:
        with desk.edit(note) as edit:
            if desk.state.current("targets") is None:
                edit.start_targets()
            yield edit
            choose_signers(desk, "targets")
            edit.set_expiry("targets", expires)
    except WrongPassphrase:
        raise GoError('error setting metadata for "targets.json": encrypted: decryption failed') from None


def choose_signers(desk: Desk, role: str) -> None:
    """Open the keys of a role that is made anew, and say so where there are none: go-tuf leaves it unsigned."""
    if not desk.choose(role) and desk.state.current("root") is not None:
        desk.warn(f"{role}.json is not signed: there is no key of {role} here", hint=f"sign it: tuf sign {role}.json")


def normal(path: str) -> str:
    """Return a target path as go-tuf does: no leading slash, no dots, nothing above the top."""
    return posixpath.normpath("/" + path).lstrip("/")
