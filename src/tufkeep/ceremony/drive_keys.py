"""Which private keys may be on a drive of a kind, decided by what their files contain."""

from __future__ import annotations

from collections.abc import Iterator

from tufkeep.ceremony.drive_kind import Kind, UnseenKeyFile
from tufkeep.errors import TufkeepError
from tufkeep.keys.keyring import Keyring
from tufkeep.keys.material import PrivateMaterial
from tufkeep.keys.passphrase import NoPassphrase
from tufkeep.keys.sealed import KeyFileRefused
from tufkeep.metadata.filenames import stored_paths
from tufkeep.stores import Store
from tufkeep.workspace import Workspace, layout
from tufkeep.workspace.no_keys import target_is_meant
from tufkeep.workspace.state import State


def keys_for(workspace: Workspace, kind: Kind) -> tuple[str, ...]:
    """Return the names of the key files that belong on the drive.

    What an encrypted one contains is known once it is open: no name and no note of what was in it can say that.
    """
    names = tuple(info.name for info in workspace.keyring.files())
    if kind is Kind.ROOT_BACKUP:
        return names
    if kind is Kind.REPOSITORY:
        return ()
    roots = root_keyids(workspace)
    others = [name for name in names if not name.startswith("root")]
    return tuple(name for name in others if roots.isdisjoint(_opened(workspace.keyring, name)))


def is_allowed(keyring: Keyring, kind: Kind, name: str, roots: frozenset[str]) -> bool:
    """Whether a file that contains a private key may be on a drive.

    Args:
        keyring: the keys on the drive.
        roots: the root keys, by every id; where none is known, no key is known to be another one.
    """
    if kind is Kind.ROOT_BACKUP:
        return True
    if kind is Kind.REPOSITORY or not name.startswith(layout.KEYS):
        return False
    try:
        return bool(roots) and roots.isdisjoint(_opened(keyring, name.removeprefix(layout.KEYS)))
    except KeyFileRefused:
        return False


def forbidden_among(kind: Kind, keys: tuple[str, ...], found: list[PrivateMaterial]) -> tuple[PrivateMaterial, ...]:
    """Return what must go before a drive is written; a key file that is written anyway is none of it."""
    if kind is Kind.ROOT_BACKUP:
        return ()
    allowed = {layout.KEYS + name for name in keys}
    return tuple(one for one in found if one.name not in allowed)


def _opened(keyring: Keyring, name: str) -> Iterator[str]:
    """Yield every id of the keys in a key file.

    Raises:
        UnseenKeyFile: it is encrypted, and there is no passphrase.
    """
    try:
        keys = keyring.unlock(name)
    except NoPassphrase:
        raise UnseenKeyFile(name) from None
    return (keyid for key in keys for keyid in key.keyids)


def root_keyids(workspace: Workspace) -> frozenset[str]:
    """Return every key that any root version here ever trusted for root."""
    return _root_keyids(workspace.state)


def roots_on(drive: Store) -> frozenset[str]:
    """Return the root keys by the repository on a drive, none where there is none that can be read."""
    try:
        return _root_keyids(State(drive))
    except TufkeepError:
        return frozenset()


def _root_keyids(state: State) -> frozenset[str]:
    roots = [*state.roots.values(), *([staged] if (staged := state.staged("root")) else [])]
    return frozenset(keyid for root in roots for keyid in root.signed.roles["root"].keyids)


def meant_files(state: State) -> Iterator[str]:
    """Yield the files that contain a private key on purpose, as their signer says."""
    for targets in (state.committed("targets"), state.staged("targets")):
        for path, target in targets.signed.targets.items() if targets is not None else ():
            if target_is_meant(target):
                yield layout.STAGED_TARGETS + path
                for consistent in (True, False):
                    names = stored_paths(target, consistent_snapshot=consistent)
                    yield from (layout.REPOSITORY_TARGETS + name for name in names)
