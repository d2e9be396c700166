"""The keys folder as a ring: keys are found by key id, whatever their files are called.

Which keys an encrypted file holds shows only once it is open, and opening costs a scrypt and often a person's typing.
So what was once seen inside is remembered by the hash of the file; file names are a hint only where that is missing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tufkeep.errors import TufkeepError
from tufkeep.keys.folder import KeyFolder
from tufkeep.keys.keyfile import seal_key_file
from tufkeep.keys.modes import LooseMode, loose_mode
from tufkeep.keys.naming import is_key_file_name, named_for, next_name, role_named
from tufkeep.keys.passphrase import Passphrase, PassphraseSource
from tufkeep.keys.private import PrivateKey
from tufkeep.keys.search import Search
from tufkeep.keys.unlock import HeldFile, Unlocker, hold
from tufkeep.logs import logger

if TYPE_CHECKING:
    from securesystemslib.signer import Key

TRIES = 3
_log = logger("keys")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFileInfo:
    """What can be said of a key file without opening it."""

    name: str
    encrypted: bool
    keyids: tuple[str, ...] | None  # every id that the keys inside go by; None when nobody has seen inside
    sha256: str
    fault: str | None = None  # why it is no key file after all


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """A key file that stayed closed although it may hold a key that was looked for."""

    name: str
    reason: str


class Keyring:
    """The keys in one folder, for the length of one command.

    Args:
        passphrases: None opens only what is not encrypted.
        known: which key ids an encrypted file holds, by the sha256 of its bytes, from earlier commands. A hint:
            whoever forges it can keep a key from being found, and nothing worse.
        tries: how often a person may type the passphrase of one file.
    """

    def __init__(
        self,
        folder: KeyFolder,
        *,
        passphrases: PassphraseSource | None,
        known: Mapping[str, tuple[str, ...]] | None = None,
        tries: int = TRIES,
    ):
        self._folder = folder
        self._known = dict(known or {})
        self._learned: dict[str, tuple[str, ...]] = {}
        self._passed_over: dict[str, str] = {}
        self._unlocker = Unlocker(passphrases, tries=tries)

    @property
    def learned(self) -> Mapping[str, tuple[str, ...]]:
        """What this ring has seen inside encrypted files and `known` did not say; to be kept for the next."""
        return dict(self._learned)

    @property
    def notes(self) -> tuple[PassedOver, ...]:
        """The files that stayed closed, with the reason."""
        return tuple(PassedOver(name=name, reason=reason) for name, reason in self._passed_over.items())

    def files(self) -> tuple[KeyFileInfo, ...]:
        """Return every key file in the folder, by name; opens none."""
        return tuple(self._info(held) for held in self._held())

    def warnings(self) -> tuple[LooseMode, ...]:
        """Return the folder and the key files that others than the owner can get at."""
        modes = ((name, self._folder.modes(name)) for name in (".", *self._names()))
        return tuple(loose for name, mode in modes if (loose := loose_mode(name, mode)))

    def leftovers(self) -> tuple[str, ...]:
        """Return what killed writers of key files left in the folder; the next writer removes it."""
        return self._folder.leftovers()

    def find(self, keyids: Collection[str] | Mapping[str, Key], *, role: str) -> tuple[PrivateKey, ...]:
        """Return those of the wanted private keys that are here, each under the id it is wanted by.

        Opens the files known to hold one; then, while a key is missing, those that nobody has seen inside and whose
        name starts with the role; then, if there is no key at all, the others that nobody has seen inside. A file that
        stays closed is passed over and told in `notes`.

        Args:
            keyids: a mapping to the public keys finds them under ids of any make; ids alone, under those that go-tuf
                and python-tuf compute.
            role: whose keys they are; passphrases are asked for by it.

        Raises:
            TufkeepError: not one was found, and this is why the likeliest file stayed closed.
        """
        search = Search(keyids)
        held = self._held()
        closed: dict[str, TufkeepError] = {}
        tried: set[str] = set()
        while batch := self._next_batch([one for one in held if one.name not in tried], search, role):
            for one, outcome in self._unlocker.open_all(batch, enough=lambda: search.complete):
                tried.add(one.name)
                if isinstance(outcome, TufkeepError):
                    closed[one.name] = outcome
                else:
                    search.take(self._see(one, outcome))
        self._passed_over |= {name: str(reason) for name, reason in closed.items()}
        for name, reason in closed.items():
            _log.warning("key file %s stayed closed: %s", name, type(reason).__name__)
        if not search.found:
            self._raise_likeliest(closed, [one for one in held if self._likely(one, search, role)])
        return search.found

    def unlock(self, name: str, *, role: str | None = None) -> tuple[PrivateKey, ...]:
        """Return the keys in one file.

        Args:
            role: whose passphrase to ask for; by default the one that the file is named for.

        Raises:
            TufkeepError: it stays closed, or is no key file.
        """
        return self._unlock(hold(self._folder, name), role)

    def next_name(self, role: str, *, numbered: bool = False) -> str:
        """Return the name that `add` will give to the role's next key, for asking for its passphrase."""
        return next_name(role, self._folder.names(), numbered=numbered)

    def add(
        self,
        key: PrivateKey,
        *,
        role: str,
        passphrase: Passphrase | None,
        numbered: bool = False,
        name: str | None = None,
    ) -> str:
        """Write a key into a file of its own; return the file's name. No file is ever written over.

        Args:
            passphrase: None writes the key in the open, for whoever asked for that in so many words.
            numbered: the role's first key goes to ROLE1.json, not to the ROLE.json that go-tuf reads.
            name: of the file, where it is not for us to choose.

        Raises:
            EmptyPassphrase: the passphrase is empty.
        """
        name = name or self.next_name(role, numbered=numbered)
        data = seal_key_file((key,), passphrase, name=name)
        self._folder.create(name, data)
        self._wrote(data, (key,), encrypted=passphrase is not None)
        return name

    def add_to(self, name: str, key: PrivateKey, *, passphrase: Passphrase | None) -> None:
        """Write a key into a file that is there, behind those it holds: go-tuf keeps all keys of a role in one.

        Raises:
            TufkeepError: the file does not open with the passphrase.
        """
        held = self._openable(name)
        self._rewrite(held, (*self._open_with(held, passphrase), key), passphrase)

    def change_passphrase(self, name: str, *, old: Passphrase | None, new: Passphrase | None) -> None:
        """Seal a key file with another passphrase; it is the old file or the new one at every instant.

        Args:
            old: ignored where the file is not encrypted.
            new: None leaves the keys in the open, for whoever asked for that in so many words.

        Raises:
            TufkeepError: the old passphrase does not open the file, or the new one is empty.
        """
        held = self._openable(name)
        self._rewrite(held, self._open_with(held, old), new)

    def reseal(self, name: str, passphrase: Passphrase | None, *, role: str | None = None) -> None:
        """Seal a key file with another passphrase, asking for the one it has if it was not opened yet.

        Args:
            passphrase: as `new` of `change_passphrase`.
            role: as of `unlock`.

        Raises:
            TufkeepError: the file stays closed, or the new passphrase is empty.
        """
        held = hold(self._folder, name)
        self._rewrite(held, self._unlock(held, role), passphrase)

    def _names(self) -> list[str]:
        return sorted(filter(is_key_file_name, self._folder.names()))

    def _held(self) -> list[HeldFile]:
        return [hold(self._folder, name) for name in self._names()]

    def _info(self, held: HeldFile) -> KeyFileInfo:
        return KeyFileInfo(
            name=held.name,
            encrypted=held.file is not None and held.file.encrypted,
            keyids=self._keyids(held),
            sha256=held.sha256,
            fault=str(held.fault) if held.fault else None,
        )

    def _keyids(self, held: HeldFile) -> tuple[str, ...] | None:
        if held.file is not None and not held.file.encrypted:
            return _ids(held.file.plain)
        return self._known.get(held.sha256)

    def _next_batch(self, held: Sequence[HeldFile], search: Search, role: str) -> list[tuple[HeldFile, str]]:
        if search.complete:
            return []
        if holders := list(self._cover(held, search)):
            return [(one, role) for one in holders]
        unseen = [one for one in held if self._keyids(one) is None]
        if named := [one for one in unseen if named_for(role, one.name)]:
            return [(one, role) for one in named]
        return [] if search.found else [(one, role_named(one.name, role)) for one in unseen]

    def _cover(self, held: Sequence[HeldFile], search: Search) -> Iterator[HeldFile]:
        # A backup beside the original is not opened too, and a plain file costs nothing.
        left = set(search.missing)
        for one in sorted(held, key=lambda one: self._info(one).encrypted):
            keyids = self._keyids(one) or ()
            if not left.isdisjoint(keyids):
                left.difference_update(keyids)
                yield one

    def _likely(self, held: HeldFile, search: Search, role: str) -> bool:
        keyids = self._keyids(held)
        return named_for(role, held.name) if keyids is None else search.wants(keyids)

    def _raise_likeliest(self, closed: Mapping[str, TufkeepError], likely: Sequence[HeldFile]) -> None:
        for one in likely:
            if one.name in closed:
                raise closed[one.name]

    def _unlock(self, held: HeldFile, role: str | None) -> tuple[PrivateKey, ...]:
        ((_, outcome),) = self._unlocker.open_all([(held, role or role_named(held.name, "key"))])
        if isinstance(outcome, TufkeepError):
            raise outcome
        return self._see(held, outcome)

    def _openable(self, name: str) -> HeldFile:
        held = hold(self._folder, name)
        if held.fault:
            raise held.fault
        return held

    def _open_with(self, held: HeldFile, passphrase: Passphrase | None) -> tuple[PrivateKey, ...]:
        return self._see(held, held.file.open(passphrase)) if held.file else ()

    def _rewrite(self, held: HeldFile, keys: tuple[PrivateKey, ...], passphrase: Passphrase | None) -> None:
        data = seal_key_file(keys, passphrase, name=held.name)
        self._folder.replace(held.name, data, tag=held.tag)
        self._wrote(data, keys, encrypted=passphrase is not None)

    def _wrote(self, data: bytes, keys: tuple[PrivateKey, ...], *, encrypted: bool) -> None:
        sha256 = hashlib.sha256(data).hexdigest()
        self._unlocker.remember(sha256, keys)
        if encrypted:
            self._learn(sha256, keys)

    def _see(self, held: HeldFile, keys: tuple[PrivateKey, ...]) -> tuple[PrivateKey, ...]:
        if held.file is not None and held.file.encrypted:
            self._learn(held.sha256, keys)
        return keys

    def _learn(self, sha256: str, keys: tuple[PrivateKey, ...]) -> None:
        if sha256 not in self._known:
            self._known[sha256] = self._learned[sha256] = _ids(keys)


def _ids(keys: Sequence[PrivateKey]) -> tuple[str, ...]:
    return tuple(keyid for key in keys for keyid in key.keyids)
