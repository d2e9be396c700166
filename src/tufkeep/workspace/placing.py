"""Whether artifacts can get the names they are served under: asked before the journal promises it.

A journal that can't be followed to its end would hold up every later command, so what a folder
can't hold is refused while nothing has happened yet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

from tufkeep.errors import WorkspaceError
from tufkeep.metadata.filenames import prefixed_path
from tufkeep.metadata.targets import TargetPath
from tufkeep.stores import NotAFolder, Store, UnsafeName
from tufkeep.stores.names import check_name, folders_above
from tufkeep.workspace import layout


class NoPlaceForArtifact(WorkspaceError):
    """No folder can hold an artifact under the name that clients would ask for."""

    exit_code = 17

    def __init__(self, name: str, reason: str):
        super().__init__(f"{name} can't be written: {reason}")
        self.name, self.reason = name, reason


def require_places(store: Store, names: Collection[str]) -> None:
    """Accept names under repository/ that files can be written to, all of them.

    Raises:
        NoPlaceForArtifact: a name is too long, a folder stands there, or it leads through a file.
    """
    for name in names:
        _require_holdable(name)
    wanted = set(names)
    for folder in sorted({folder for name in names for folder in folders_above(name)}):
        if folder in wanted or _is_file(store, folder):
            inside = next(name for name in names if name.startswith(f"{folder}/"))
            raise NoPlaceForArtifact(inside, f"{folder} is a file, not a folder")
    for name in names:
        if next(iter(store.list(f"{name}/")), None) is not None:
            raise NoPlaceForArtifact(name, "there is a folder of that name")


def require_short_enough(path: TargetPath, hash_names: Sequence[str]) -> None:
    """Accept a target path that leaves room in a file's name for the longest of these hashes.

    Raises:
        NoPlaceForArtifact: it does not.
    """
    digest = "0" * max(2 * hashlib.new(name).digest_size for name in hash_names)
    _require_holdable(layout.REPOSITORY_TARGETS + prefixed_path(path, digest))


def _require_holdable(name: str) -> None:
    try:
        check_name(name)
    except UnsafeName:
        raise NoPlaceForArtifact(name, "the name is too long for a file, or no safe one") from None


def _is_file(store: Store, name: str) -> bool:
    try:
        return store.stat(name) is not None
    except NotAFolder:
        return False  # a folder further out is the file, and is looked at itself
