"""Whose name the record gives to what is done: the person, the machine, this program."""

from __future__ import annotations

import hashlib
import sys
from functools import cache
from pathlib import Path

import tufkeep
from tufkeep.errors import TufkeepError
from tufkeep.stores import FolderStore
from tufkeep.stores.holder import this_host
from tufkeep.workspace.record import Author


def author_here(*, person: str = "", command: str = "") -> Author:
    """Return who is at work on this machine.

    Args:
        person: as it was given: nobody proves the name, the signatures do.
        command: the words of the command alone, for what follows them may name a person's folders.
    """
    return Author(
        name=_plain(person),
        host=_plain(this_host()),
        program=f"tufkeep {tufkeep.__version__}",
        program_sha256=program_sha256(),
        command=command,
    )


@cache
def program_sha256() -> str:
    """Return the hash of the program that runs: of the one file it is, else of its sources by name.

    Empty where they can't be read; that is worth a line in the record, not the end of the work.
    """
    frozen = Path(sys.executable) if getattr(sys, "frozen", False) else None
    folder = FolderStore(frozen.parent if frozen is not None else Path(tufkeep.__file__).parent)
    whole = hashlib.sha256()
    try:
        if frozen is not None:
            whole.update(folder.read(frozen.name))
            return whole.hexdigest()
        for entry in folder.list():
            if entry.name.endswith(".py"):
                whole.update(f"{hashlib.sha256(folder.read(entry.name)).hexdigest()}  {entry.name}\n".encode())
    except TufkeepError:
        return ""
    return whole.hexdigest()


def _plain(text: str) -> str:
    return text.strip().encode("utf-8", "replace").decode()
