"""A search for private keys: which are wanted, which have been found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from tufkeep.keys.private import PrivateKey, forms_of

if TYPE_CHECKING:
    from securesystemslib.signer import Key


class Search:
    """The wanted keys by every id they go by, and the found ones under the id they are wanted by.

    A key that metadata lists under two ids is looked for once: its signature counts once.
    """

    def __init__(self, keyids: Collection[str] | Mapping[str, Key]):
        self._publics = keyids if isinstance(keyids, Mapping) else {}
        self._missing: dict[str, str] = {}  # an id that the key may go by -> the id that it is wanted by
        for keyid in keyids:
            ids = forms_of(self._publics[keyid]) if self._publics else (keyid,)
            for one in ids:
                self._missing.setdefault(one, keyid)
        self._found: list[PrivateKey] = []

    @property
    def found(self) -> tuple[PrivateKey, ...]:
        return tuple(self._found)

    @property
    def complete(self) -> bool:
        return not self._missing

    @property
    def missing(self) -> frozenset[str]:
        """Every id that a key still wanted may go by."""
        return frozenset(self._missing)

    def wants(self, keyids: Iterable[str]) -> bool:
        return not self._missing.keys().isdisjoint(keyids)

    def take(self, keys: Iterable[PrivateKey]) -> None:
        """Take the wanted ones among the keys of a file."""
        for key in keys:
            if self.wants(key.keyids):
                wanted = next(self._missing[one] for one in key.keyids if one in self._missing)
                self._found.append(key.under(wanted, self._publics.get(wanted)))
                self._missing = {one: wanted for one, wanted in self._missing.items() if one not in key.keyids}
