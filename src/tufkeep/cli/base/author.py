"""Whose name the record gives to what is done: the person, the machine, this program."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

import tufkeep
from tufkeep.errors import TufkeepError

if TYPE_CHECKING:
    from tufkeep.cli.base.process import Process
    from tufkeep.workspace import Author

PERSON = "TUFKEEP_PERSON"  # the variable that gives the name


def author(process: Process, *, name: str = "") -> Author:
    """Return who is at work. The name is the one that was given: nobody proves it, the signatures do.

    Of the command only its words are told, for what follows them may name a person's folders.
    """
    from tufkeep.stores.holder import this_process
    from tufkeep.workspace import Author

    context = click.get_current_context(silent=True)
    return Author(
        name=_plain(name or process.environment.get(PERSON, "")),
        host=_plain(this_process("", process.clock).host),
        program=f"tufkeep {tufkeep.__version__}",
        program_sha256=program_sha256(),
        command=context.command_path if context is not None else "",
    )


def program_sha256() -> str:
    """Return the hash of the program that runs: of the one file it is, else of its sources by name.

    Empty where they can't be read; that is worth a line in the record, not the end of the work.
    """
    from tufkeep.stores import FolderStore

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
