"""A keyring that signs with the keys that were chosen before, so that nobody is asked twice or out of turn."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tufkeep.errors import TufkeepError
from tufkeep.keys.keyring import Keyring

if TYPE_CHECKING:
    from securesystemslib.signer import Key

    from tufkeep.cli.compat.asking import Passphrases
    from tufkeep.keys.folder import KeyFolder
    from tufkeep.keys.passphrase import PassphraseRequest
    from tufkeep.keys.private import PrivateKey


class ChosenKeys(Keyring):
    """The keys folder as the originals know it: ROLE.json first, and any other file that holds a wanted key."""

    def __init__(
        self, folder: KeyFolder, *, passphrases: Passphrases, known: Mapping[str, tuple[str, ...]], tries: int = 1
    ):
        super().__init__(folder, passphrases=passphrases, known=known, tries=tries)
        self._asking = passphrases
        self._any = False
        self._chosen: dict[str, tuple[PrivateKey, ...]] = {}

    def choose(self, wanted: Mapping[str, Key], *, role: str, anywhere: bool = False) -> tuple[PrivateKey, ...]:
        """Open what is needed for a role, and return its keys: with these, and no others, it is signed.

        Args:
            anywhere: a person may be asked for any file of the role, and told that it stayed closed; without it, only
                for ROLE.json, as the originals knew no other.
        """

        def may_ask(request: PassphraseRequest) -> bool:
            return request.role == role and (anywhere or request.file == f"{role}.json")

        with self._asking.allowing(may_ask):
            try:
                self._chosen[role] = super().find(wanted, role=role) if wanted else ()
            except TufkeepError as error:
                if not anywhere and _file(error) not in ("", f"{role}.json"):
                    return ()
                raise
        return self._chosen[role]

    def take(self, role: str, key: PrivateKey) -> None:
        """Sign with this key, too: it was made just now."""
        self._chosen[role] = (*self._chosen.get(role, ()), key)

    @contextmanager
    def all_open(self) -> Iterator[None]:
        """Find any key in this block, as a keyring does: whoever makes a repository has made all of them."""
        self._any = True
        try:
            yield
        finally:
            self._any = False

    def find(self, keyids: Collection[str] | Mapping[str, Key], *, role: str) -> tuple[PrivateKey, ...]:
        """Return those of the chosen keys that are wanted; asks for nothing."""
        if self._any:
            return super().find(keyids, role=role)
        return tuple(key for key in self._chosen.get(role, ()) if key.keyid in keyids)

    def open_file(self, name: str, *, role: str) -> tuple[PrivateKey, ...]:
        """Return the keys of one file, asking for its passphrase if nobody has said it."""
        with self._asking.allowing(lambda request: request.file == name):
            return self.unlock(name, role=role)


def _file(error: TufkeepError) -> Any:
    """Return the key file that an error is about."""
    return getattr(error, "name", None) or getattr(error, "file", "")
