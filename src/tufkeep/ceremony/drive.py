"""Drives that hold no more than what their kind may hold.

What is written is read back and compared. What a drive must not hold is looked for in every file,
whatever it is called, before the first byte is written and again by `check`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tufkeep.arguments import typed
from tufkeep.ceremony.drive_kind import MARK, ForbiddenOnDrive, Kind, NotADrive, ReadBackDiffers, UnseenKeyFile
from tufkeep.errors import BadRequest, TufkeepError
from tufkeep.keys.keyring import KeyFileInfo
from tufkeep.keys.material import PrivateMaterial, Unlooked
from tufkeep.keys.material.look import find_private_material
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
        keys = _keys_for(workspace, kind)
        wanted = dict(_wanted(workspace.store, kind, keys))
        found = [one for one in _look(drive)[0] if _file_of(one.name) not in vouched]
        if forbidden := _forbidden(workspace, kind, found):
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
) -> Checked:
    """Look at every file on a drive.

    Args:
        kind: what it should be; as its mark says when None.
        root_keyids: the keys that root trusts for itself, where they are known.
        vouched: as of `write_drive`.

    Raises:
        NotADrive: it has no mark, and nobody said what it should be.
        ForbiddenOnDrive: a key is on it that must not be there.
    """
    drive = store_at(drive)
    kind = Kind(kind) if kind is not None else _marked(drive)
    found, unlooked = _look(drive)
    suspects = [one for one in found if _file_of(one.name) not in vouched]
    forbidden = tuple(one for one in suspects if not _allowed(drive, kind, one.name, root_keyids))
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


def _keys_for(workspace: Workspace, kind: Kind) -> tuple[str, ...]:
    """Return the names of the key files that belong on the drive."""
    files = workspace.keyring.files()
    if kind is Kind.ROOT_BACKUP:
        return tuple(info.name for info in files)
    if kind is Kind.REPOSITORY:
        return ()
    return tuple(info.name for info in files if not _may_be_root(workspace, info))


def _may_be_root(workspace: Workspace, info: KeyFileInfo) -> bool:
    if info.keyids is None:
        if info.name.startswith("root"):
            return True
        raise UnseenKeyFile(info.name)
    return not root_keyids(workspace).isdisjoint(info.keyids) or info.name.startswith("root")


def root_keyids(workspace: Workspace) -> frozenset[str]:
    """Return every key that any root version here ever trusted for root."""
    roots = [*workspace.state.roots.values(), *([staged] if (staged := workspace.state.staged("root")) else [])]
    return frozenset(keyid for root in roots for keyid in root.signed.roles["root"].keyids)


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


def _file_of(name: str) -> str:
    """Return the file that something was found in, without the place in an archive."""
    return name.partition("!")[0]


def _forbidden(workspace: Workspace, kind: Kind, found: list[PrivateMaterial]) -> tuple[PrivateMaterial, ...]:
    """Return what must go before a drive is written; a key file that is written anyway is none of it."""
    if kind is Kind.ROOT_BACKUP:
        return ()
    allowed = {layout.KEYS + name for name in _keys_for(workspace, kind)}
    return tuple(one for one in found if one.name not in allowed)


def _allowed(drive: Store, kind: Kind, name: str, roots: frozenset[str]) -> bool:
    if kind is Kind.ROOT_BACKUP:
        return True
    if kind is Kind.REPOSITORY or not name.startswith(layout.KEYS):
        return False
    stem = name.removeprefix(layout.KEYS)
    return stem.startswith(("targets", "snapshot", "timestamp")) and not _holds_root(drive, name, roots)


def _holds_root(drive: Store, name: str, roots: frozenset[str]) -> bool:
    """Whether a key file that is not encrypted holds a root key; of a sealed one only its name can tell."""
    from tufkeep.keys.keyfile import parse_key_file

    try:
        file = parse_key_file(drive.read(name), name=name)
        return not file.encrypted and any(not roots.isdisjoint(key.keyids) for key in file.open(None))
    except TufkeepError:
        return True


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
