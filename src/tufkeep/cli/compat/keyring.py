"""A keyring that signs only with keys chosen before: each passphrase is asked for once, in the originals' order."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tufkeep.errors import TufkeepError
from tufkeep.keys.keyring import Keyring

if TYPE_CHECKING:
    from securesystemslib.signer import Key

    from tufkeep.cli.compat.passphrases import Passphrases
    from tufkeep.keys.folder import KeyFolder
    from tufkeep.keys.passphrase import PassphraseRequest
    from tufkeep.keys.private import PrivateKey


class ChosenKeys(Keyring):
    """The keys folder as the originals use it: ROLE.json first, then any other file that contains a wanted key."""

    def __init__(
        self, folder: KeyFolder, *, passphrases: Passphrases, known: Mapping[str, tuple[str, ...]], tries: int = 1
    ):
        super().__init__(folder, passphrases=passphrases, known=known, tries=tries)
        self._asking = passphrases
        self._any = False
        self._chosen: dict[str, tuple[PrivateKey, ...]] = {}

    def choose(self, wanted: Mapping[str, Key], *, role: str, anywhere: bool = False) -> tuple[PrivateKey, ...]:
        """Open what is needed for a role, and return its keys: the role is signed with these and no others.

        Args:
            anywhere: the user may be asked for any file of the role, and an error names the file that did not open;
                without it, only for ROLE.json, as the originals read no other.
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

    def include(self, role: str, key: PrivateKey) -> None:
        """Sign with this key too: it was made just now."""
        self._chosen[role] = (*self._chosen.get(role, ()), key)

    @contextmanager
    def all_open(self) -> Iterator[None]:
        """In this block, find any key, as other keyrings do: `init` has just made all of them."""
        self._any = True
        try:
            yield
        finally:
            self._any = False

    def find(self, keyids: Collection[str] | Mapping[str, Key], *, role: str) -> tuple[PrivateKey, ...]:
        """Return those of the chosen keys that are wanted; never asks."""
        if self._any:
            return super().find(keyids, role=role)
        return tuple(key for key in self._chosen.get(role, ()) if key.keyid in keyids)

    def open_file(self, name: str, *, role: str) -> tuple[PrivateKey, ...]:
        """Return the keys of one file; asks for its passphrase if it was not given before."""
        with self._asking.allowing(lambda request: request.file == name):
            return self.unlock(name, role=role)


def _file(error: TufkeepError) -> Any:
    """Return the key file that an error is about."""
    return getattr(error, "name", None) or getattr(error, "file", "")
