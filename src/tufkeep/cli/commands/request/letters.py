"""Letters on a drive: read whole, never written over something else."""

from __future__ import annotations

from pathlib import Path

from tufkeep.errors import WorkspaceError


class FileInTheWay(WorkspaceError):
    """The file to be written is there already, and is something else."""

    exit_code = 19

    def __init__(self, path: Path):
        super().__init__(f"{path.name} is there already, and is not what would be written over it")
        self.path = path


def read_file(path: Path) -> bytes:
    """Return a letter's bytes."""
    from tufkeep.ceremony.letter import LIMIT_BYTES
    from tufkeep.stores import FolderStore

    return FolderStore(path.parent).read(path.name, limit=LIMIT_BYTES)


def read_if_there(path: Path) -> bytes | None:
    """Return a letter's bytes, None where there is no such file."""
    from tufkeep.stores import ObjectMissing

    try:
        return read_file(path)
    except ObjectMissing:
        return None


def write_file(path: Path, data: bytes) -> None:
    """Write a letter; it is on the drive, whole, when this returns."""
    from tufkeep.stores import FolderStore

    FolderStore(path.parent).write(path.name, data)
