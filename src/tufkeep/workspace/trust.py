"""Which tufkeep.toml may run programs and take credentials along: one that a person has trusted, byte for byte.

A working directory may have come on a drive, and looking at it must run nothing that stands in it. So a file that
names programs, or a server of its own choice for credentials, does nothing of that before a person has seen what it
would do. What was trusted is remembered outside of the directory, for this person, by the hash of the file and by the
place of the directory: what the programs are told may be the name of a file beside it.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tufkeep.errors import PersonNeeded, TufkeepError
from tufkeep.stores import FolderStore, folder_of
from tufkeep.workspace.working_directory import WorkingDirectory

_LIMIT_BYTES = 16_384


class ConfigNotTrusted(PersonNeeded):
    """tufkeep.toml would run programs or take credentials along, and nobody has trusted it yet as it is now."""

    exit_code = 40

    def __init__(self, reaches: tuple[str, ...], *, changed: bool):
        since = "has changed since it was trusted" if changed else "has not been trusted here"
        # Of each only the name of the setting: the words of a command may say where a secret is.
        named = ", ".join(dict.fromkeys(reach.split(" ", 2)[0].rstrip(":") for reach in reaches))
        super().__init__(f"tufkeep.toml {since}, and reaches out of this folder: {named}")
        self.reaches, self.changed = reaches, changed


@dataclass(frozen=True, slots=True)
class TrustedConfigs:
    """What one person has trusted: a small file for each working directory, in a folder that only they can read."""

    store: FolderStore | None  # None where this person has no folder for it: then nothing is remembered

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Self:
        """Return what the person has trusted that an environment belongs to.

        Spec: XDG base directory specification, XDG_STATE_HOME.
        """
        for name, below in (("XDG_STATE_HOME", ""), ("HOME", ".local/state")):
            if (start := _whole(environment.get(name))) is not None:
                return cls(FolderStore(start / below / "tufkeep"))
        local = _whole(environment.get("LOCALAPPDATA")) if sys.platform == "win32" else None
        return cls(FolderStore(local / "tufkeep") if local is not None else None)

    def require(self, workspace: WorkingDirectory, remote: str) -> None:
        """Return if the policy may do what using a remote asks for.

        Raises:
            ConfigNotTrusted: it runs a program or takes credentials along, and is not the file that was trusted.
        """
        reaches = workspace.policy.reaches
        if not workspace.policy.remotes[remote].reaches or workspace.policy_data is None:
            return
        known = self._known(workspace)
        if known != _line(workspace):
            raise ConfigNotTrusted(reaches, changed=known is not None)

    def add(self, workspace: WorkingDirectory) -> bool:
        """Remember that the file as it was read is trusted; return whether that could be written."""
        folder = folder_of(workspace.store)
        if self.store is None or folder is None:
            return False
        try:
            self.store.write(_name(folder), _line(workspace), private=True)
        except TufkeepError:  # it is asked again next time
            return False
        return True

    def _known(self, workspace: WorkingDirectory) -> bytes | None:
        folder = folder_of(workspace.store)
        if self.store is None or folder is None:
            return None
        try:
            return self.store.read(_name(folder), limit=_LIMIT_BYTES)
        except TufkeepError:  # missing, damaged, a link: what can't be read was not trusted
            return None


def _name(folder: Path) -> str:
    return f"trusted/{hashlib.sha256(str(folder.resolve()).encode(errors='surrogateescape')).hexdigest()}"


def _line(workspace: WorkingDirectory) -> bytes:
    return f"{hashlib.sha256(workspace.policy_data or b'').hexdigest()}\n".encode()


def _whole(path: str | None) -> Path | None:
    """Return an absolute path; a relative one would be in whatever folder somebody is in."""
    return Path(path) if path and Path(path).is_absolute() else None
