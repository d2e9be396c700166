"""The folder that key files lie in, as the keyring sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tufkeep.stores import CREATE, Store, Unchanged


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFolder:
    """The key files of a store; each write appears whole or not at all, and is for its owner's eyes.

    Args:
        prefix: the folder's name with a slash at its end, or "" for the whole store.
        modes: returns the permission bits of a file, or of the folder for "."; None where there are none.
    """

    store: Store
    prefix: str = ""
    modes: Callable[[str], int | None] = lambda name: None

    def names(self) -> list[str]:
        """Return the names of the files, without those in folders below."""
        found = (entry.name.removeprefix(self.prefix) for entry in self.store.list(self.prefix))
        return [name for name in found if "/" not in name]

    def read(self, name: str, *, limit: int) -> tuple[bytes, str]:
        """Return a file's bytes, at most `limit` of them, and the tag that `replace` takes."""
        return self.store.read_tagged(self.prefix + name, limit=limit)

    def leftovers(self) -> tuple[str, ...]:
        """Return the temporary files of killed writers; each may be a key file under another name."""
        return self._sweep(look_only=True)

    def _sweep(self, *, look_only: bool = False) -> tuple[str, ...]:
        """Remove those files. A folder that has no prefix may be a whole drive: it is not gone through."""
        found = self.store.sweep(self.prefix, look_only=look_only) if self.prefix else ()
        return tuple(name.removeprefix(self.prefix) for name in found)

    def create(self, name: str, data: bytes) -> None:
        """Write a new file. Raises ObjectExists where the name is taken."""
        self._sweep()
        self.store.write(self.prefix + name, data, condition=CREATE, private=True)

    def replace(self, name: str, data: bytes, *, tag: str) -> None:
        """Write over a file. Raises ObjectChanged where it is no longer the one that was read with this tag."""
        self._sweep()
        self.store.write(self.prefix + name, data, condition=Unchanged(tag), private=True)
