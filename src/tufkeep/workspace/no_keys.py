"""No private key becomes public unless its signer means it to.

A target whose signed custom data says `publishes_private_key` is one that somebody meant: a test key, say. That is
signed with it, so whoever commits, pushes or verifies later can rely on it, and no note in a folder can say it instead.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
from tuf.api.metadata import TargetFile

from tufkeep.errors import BadRequest
from tufkeep.keys.material import PrivateKeyInside, PrivateMaterial, Unlooked
from tufkeep.metadata.document import Document
from tufkeep.stores import FolderStore, Store
from tufkeep.workspace import layout

MEANT = "publishes_private_key"
_WORKERS = 4


class WorkingDirectoryAdded(BadRequest):
    """What was named to be added is the working directory itself, or a part of it that is not for others."""

    def __init__(self, path: str):
        super().__init__(
            f"{path}: is the working directory, contains it, or is a part of it that is not to be published"
        )
        self.path = path


def is_meant(custom: object) -> bool:
    """Whether the custom data of a target says that it contains a private key on purpose."""
    return isinstance(custom, dict) and custom.get(MEANT) is True


def target_is_meant(target: TargetFile) -> bool:
    """Whether a target contains a private key on purpose."""
    return is_meant(target.unrecognized_fields.get("custom"))


def marked(custom: Mapping[str, Any] | None, *, meant: bool) -> Mapping[str, Any] | None:
    """Return custom data that says so, or does not."""
    if meant:
        return {**(custom or {}), MEANT: True}
    return {name: value for name, value in custom.items() if name != MEANT} if custom and MEANT in custom else custom


def search_files(files: Mapping[str, Path]) -> dict[str, tuple[PrivateMaterial | Unlooked, ...]]:
    """Return what is found in files that are to become targets, by target path."""
    from tufkeep.keys.material.look import look_into

    def look(item: tuple[str, Path]) -> tuple[PrivateMaterial | Unlooked, ...]:
        path, file = item
        return look_into(FolderStore(file.parent), file.name, called=path)

    with ThreadPoolExecutor(_WORKERS) as workers:
        return dict(zip(files, workers.map(look, files.items()), strict=True))


def search_objects(store: Store, names: Mapping[str, str]) -> dict[str, tuple[PrivateMaterial | Unlooked, ...]]:
    """Return what is found in objects of a store, by target path."""
    from tufkeep.keys.material.look import look_into

    with ThreadPoolExecutor(_WORKERS) as workers:
        found = workers.map(lambda item: look_into(store, item[1], called=item[0]), names.items())
        return dict(zip(names, found, strict=True))


def require_no_keys(found: Iterable[PrivateMaterial | Unlooked]) -> tuple[Unlooked, ...]:
    """Return what could not be looked into.

    Raises:
        PrivateKeyInside: there is a private key.
    """
    all_found = tuple(found)
    if keys := [one for one in all_found if isinstance(one, PrivateMaterial)]:
        raise PrivateKeyInside(keys)
    return tuple(one for one in all_found if isinstance(one, Unlooked))


def search_metadata(fresh: Mapping[str, Document[Any]], entries: Mapping[str, Any]) -> Iterator[PrivateMaterial]:
    """Yield the private keys in new metadata; of targets only its changed entries are looked at, with what is unknown.

    Args:
        entries: the changed entries of targets, by target path.
    """
    from tufkeep.keys.material.look import find_private_material

    for role, document in fresh.items():
        data = document.data
        if role == "targets":
            data = msgspec.json.encode([entries, document.signed.unrecognized_fields])
        for one in find_private_material(layout.staged(role), io.BytesIO(data)):
            if isinstance(one, PrivateMaterial):
                yield one


def require_for_others(path: Path, folder: Path | None) -> None:
    """Accept a path to be added that is no part of the working directory, or one that may be published.

    Raises:
        WorkingDirectoryAdded: it is another one.
    """
    if folder is None:
        return
    here, there = folder.resolve(), path.resolve()
    if here.is_relative_to(there):
        raise WorkingDirectoryAdded(str(path))
    if not there.is_relative_to(here):
        return
    within = there.relative_to(here).as_posix() + "/"
    own = within.startswith((layout.KEYS, layout.OWN, layout.STAGED, layout.REPOSITORY))
    served = within.startswith(layout.REPOSITORY_TARGETS)
    file = served and FolderStore(there.parent).stat(there.name) is not None  # such as a release that is promoted
    if own and not file and not within.startswith(layout.STAGED_TARGETS):
        raise WorkingDirectoryAdded(str(path))
