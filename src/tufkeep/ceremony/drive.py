"""Drives that hold no more than what their kind may hold.

What is written is read back and compared. What a drive must not hold is looked for in every file,
whatever it is called, before the first byte is written and again by `check`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tufkeep.arguments import typed
from tufkeep.ceremony.drive_keys import forbidden_among, is_allowed, keys_for, meant_files, roots_on
from tufkeep.ceremony.drive_kind import MARK, ForbiddenOnDrive, Kind, NotADrive, ReadBackDiffers
from tufkeep.errors import BadRequest
from tufkeep.keys.folder import KeyFolder
from tufkeep.keys.keyring import Keyring
from tufkeep.keys.material import PrivateMaterial, Unlooked
from tufkeep.keys.material.look import find_private_material
from tufkeep.keys.passphrase import Passphrases
from tufkeep.keys.sources import given
from tufkeep.stores import ObjectMissing, Place, Store, chunks_of, folder_of, store_at
from tufkeep.stores.hashing import Hashes, hash_file
from tufkeep.workspace import NotARepository, Workspace, layout

_OURS: Final = (layout.KEYS, layout.REPOSITORY, layout.STAGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What was written to a drive."""

    kind: Kind
    files: int
    length_bytes: int
    keys: tuple[str, ...]  # names of the key files
    kept: tuple[str, ...]  # key files that were on the drive and are not here: nothing deletes a key


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a drive holds."""

    kind: Kind
    files: int
    keys: tuple[str, ...]
    foreign: tuple[str, ...]  # files that are none of ours
    unlooked: tuple[Unlooked, ...]


class DriveOverlaps(BadRequest):
    """The folder of a drive is the working directory itself, or one is inside the other."""

    def __init__(self, folder: str):
        super().__init__(f"{folder} is the working directory itself, or one of them is inside the other")
        self.folder = folder


@typed
def write_drive(
    workspace: Workspace,
    drive: Place,
    kind: Kind | str,
    *,
    tell: Callable[[int], None] = lambda length_bytes: None,
    vouched: Collection[str] = (),
) -> Written:
    """Write a drive of a kind, or bring one up to date.

    The mark is written last: a drive without it was not finished.

    Args:
        drive: its folder, or another store.
        kind: root-backup, repository or signing.
        tell: is called with the number of bytes after each file.
        vouched: names of files that somebody has looked into, such as a program that ships a test key.

    Raises:
        NotARepository: there is nothing to write.
        DriveOverlaps: the drive is no place of its own.
        ForbiddenOnDrive: a key is on it that must not be there.
        UnseenKeyFile: a key file may be a root key, and the drive must have none.
        ReadBackDiffers: the drive does not keep what it is given.
    """
    drive, kind = store_at(drive, clock=workspace.clock), Kind(kind)
    _keep_apart(workspace.store, drive)
    if not workspace.state.exists:
        raise NotARepository
    with workspace.exclusive("drive write"):
        keys = keys_for(workspace, kind)
        wanted = dict(_wanted(workspace.store, kind, keys))
        vouched = {*vouched, *meant_files(workspace.state)}
        found = [one for one in _look(drive)[0] if one.file not in vouched]
        if forbidden := forbidden_among(kind, keys, found):
            raise ForbiddenOnDrive(kind, forbidden)
        drive.delete(MARK)
        if kind is not Kind.ROOT_BACKUP:
            _require_clean(
                workspace.store, kind, [name for name in wanted if not name.startswith(layout.KEYS)], vouched
            )
        for name, length_bytes in wanted.items():
            _copy(workspace.store, drive, name)
            tell(length_bytes)
        kept = _remove_what_left(drive, wanted)
        drive.write(MARK, _mark(kind))
    return Written(kind=kind, files=len(wanted), length_bytes=sum(wanted.values()), keys=keys, kept=kept)


def _keep_apart(store: Store, drive: Store) -> None:
    one, other = folder_of(store), folder_of(drive)
    if one is None or other is None:
        return
    here, there = one.resolve(), other.resolve()
    if here.is_relative_to(there) or there.is_relative_to(here):
        raise DriveOverlaps(str(other))


@typed
def check_drive(
    drive: Place,
    kind: Kind | str | None = None,
    *,
    root_keyids: frozenset[str] = frozenset(),
    vouched: Collection[str] = (),
    passphrases: Passphrases | None = None,
) -> Checked:
    """Look at every file on a drive.

    Args:
        kind: what it should be; as its mark says when None.
        root_keyids: the keys that root trusts for itself, where they are known.
        vouched: as of `write_drive`.
        passphrases: for the key files of a signing drive, as of `Workspace.open`; what is in an
            encrypted one, nothing else can say.

    Raises:
        NotADrive: it has no mark, and nobody said what it should be.
        ForbiddenOnDrive: a key is on it that must not be there.
        UnseenKeyFile: a key file on a signing drive may contain a root key.
    """
    drive = store_at(drive)
    kind = Kind(kind) if kind is not None else _marked(drive)
    found, unlooked = _look(drive)
    suspects = [one for one in found if one.file not in vouched]
    source = given(passphrases) if passphrases is not None else None
    keyring = Keyring(KeyFolder(store=drive, prefix=layout.KEYS), passphrases=source)
    roots = root_keyids | roots_on(drive)
    forbidden = tuple(one for one in suspects if not is_allowed(keyring, kind, one.name, roots))
    if forbidden:
        raise ForbiddenOnDrive(kind, forbidden)
    names = [entry.name for entry in drive.list()]
    return Checked(
        kind=kind,
        files=len(names),
        keys=tuple(name.removeprefix(layout.KEYS) for name in names if name.startswith(layout.KEYS)),
        foreign=tuple(name for name in names if name != MARK and not name.startswith(kind.folders)),
        unlooked=tuple(unlooked),
    )


def _wanted(store: Store, kind: Kind, keys: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    for folder in kind.folders:
        for entry in store.list(folder):
            if folder != layout.KEYS or entry.name.removeprefix(layout.KEYS) in keys:
                yield entry.name, entry.length_bytes


def _require_clean(store: Store, kind: Kind, names: list[str], vouched: Collection[str]) -> None:
    """Stop before a key that strayed into repository/ or staged/ is carried away with them."""
    for name in names:
        with store.open(name) as stream:
            strays = [one for one in find_private_material(name, stream) if isinstance(one, PrivateMaterial)]
        if strays and name not in vouched:
            raise ForbiddenOnDrive(kind, tuple(strays))


def _look(drive: Store) -> tuple[list[PrivateMaterial], list[Unlooked]]:
    found: list[PrivateMaterial] = []
    unlooked: list[Unlooked] = []
    for entry in drive.list():
        with drive.open(entry.name) as stream:
            for one in find_private_material(entry.name, stream):
                found.append(one) if isinstance(one, PrivateMaterial) else unlooked.append(one)
    return found, unlooked


def _copy(source: Store, drive: Store, name: str) -> None:
    entry = source.stat(name)
    if name.startswith(layout.KEYS):
        drive.write(name, source.read(name), private=True)
    else:
        with source.open(name) as stream:
            drive.write_stream(name, chunks_of(stream), executable=entry is not None and entry.executable)
    if _hashes(source, name) != _hashes(drive, name):
        raise ReadBackDiffers(name)


def _hashes(store: Store, name: str) -> Hashes:
    with store.open(name) as stream:
        return hash_file(stream)


def _remove_what_left(drive: Store, wanted: Mapping[str, int]) -> tuple[str, ...]:
    """Remove metadata and artifacts that are no longer there; a key is never removed, only named."""
    kept = []
    for entry in list(drive.list()):
        if entry.name in wanted or not entry.name.startswith(_OURS):
            continue
        if entry.name.startswith(layout.KEYS):
            kept.append(entry.name.removeprefix(layout.KEYS))
        else:
            drive.delete(entry.name)
    return tuple(kept)


def _mark(kind: Kind) -> bytes:
    holds = " and ".join(folder.rstrip("/") for folder in kind.folders)
    never = {
        Kind.ROOT_BACKUP: "Lock it away. It is plugged into machines without a network only.",
        Kind.REPOSITORY: "It never carries a private key.",
        Kind.SIGNING: "It never carries a root key.",
    }[kind]
    return f"tufkeep drive: {kind.value}\n\nThis drive carries {holds}. {never}\n".encode()


def _marked(drive: Store) -> Kind:
    try:
        first = drive.read(MARK, limit=4096).decode("utf-8", "replace").splitlines()[0]
        return Kind(first.removeprefix("tufkeep drive: "))
    except (ObjectMissing, IndexError, ValueError):
        raise NotADrive from None
