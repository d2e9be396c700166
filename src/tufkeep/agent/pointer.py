"""Which version of a component is in use: one name that changes in one step.

A symbolic link where there are such, so that a service can run `current/agent`; elsewhere (FAT, and
Windows without the privilege) a file that holds the folder's name.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from tufkeep.agent.disk import clear_way, sync_folder
from tufkeep.stores import FolderStore


def is_folder_name(name: str) -> bool:
    """Whether text that was read from a file may be the name of a folder beside it."""
    return name.isprintable() and name not in ("", ".", "..") and "/" not in name and "\\" not in name


class Pointer:
    """A name that stands for one of the folders beside it.

    Args:
        links: whether to try a symbolic link; what is there already is read either way.
    """

    def __init__(self, path: Path, *, links: bool = os.name != "nt"):
        self._path = path
        self._links = links

    def read(self) -> str | None:
        """Return the folder's name, None where nothing is in use."""
        try:
            name = self._path.readlink().name if self._path.is_symlink() else self._path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return None
        return name if is_folder_name(name) else None

    def switch(self, name: str | None) -> None:
        """Point to another folder, or to none; whoever looks sees the old one or the new one, never nothing.

        A real folder in the place of the pointer is moved aside.
        """
        clear_way(self._path)
        if name is None:
            self._path.unlink(missing_ok=True)
        elif not self._link(name):
            FolderStore(self._path.parent).write(self._path.name, f"{name}\n".encode())
        sync_folder(self._path.parent)

    def _link(self, name: str) -> bool:
        draft = self._path.with_name(f".{self._path.name}.{secrets.token_hex(8)}.tmp")
        if not self._links:
            return False
        try:
            draft.symlink_to(name, target_is_directory=True)
        except (OSError, NotImplementedError):
            return False
        draft.replace(self._path)
        return True
