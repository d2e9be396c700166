"""The folder that key files lie in, as the keyring sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol


class KeyFolder(Protocol):
    """Files by name; each write appears whole or not at all, and is for its owner's eyes."""

    def names(self) -> Iterable[str]:
        """Return the names of the files, without those in folders below."""
        ...

    def read(self, name: str, *, limit: int) -> tuple[bytes, str]:
        """Return a file's bytes, at most `limit` of them, and a tag that `replace` takes."""
        ...

    def create(self, name: str, data: bytes) -> None:
        """Write a new file; fail if the name is taken."""
        ...

    def replace(self, name: str, data: bytes, *, tag: str) -> None:
        """Write over a file; fail if it is no longer the one that was read with this tag."""
        ...

    def mode(self, name: str) -> int | None:
        """Return the permission bits of a file, or of the folder for "."; None where there are none."""
        ...


class _Named(Protocol):
    @property
    def name(self) -> str: ...


class PrivateStore(Protocol):
    """The part of a store that holds keys."""

    def list(self, prefix: str = "") -> Iterator[_Named]: ...

    def read_tagged(self, name: str, *, limit: int | None = None) -> tuple[bytes, str]: ...

    def write(self, name: str, data: bytes, *, condition: Any = ..., private: bool = False) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreKeyFolder:
    """A key folder inside a store.

    The keys' room is below the stores', so the conditions of a write are handed in:
    StoreKeyFolder(store=store, prefix="keys/", create_only=CREATE, unchanged=Unchanged).
    """

    store: PrivateStore
    prefix: str = ""  # ends in "/" if there is one
    create_only: object
    unchanged: Callable[[str], object]
    modes: Callable[[str], int | None] = lambda name: None

    def names(self) -> Iterable[str]:
        found = (entry.name.removeprefix(self.prefix) for entry in self.store.list(self.prefix))
        return [name for name in found if "/" not in name]

    def read(self, name: str, *, limit: int) -> tuple[bytes, str]:
        return self.store.read_tagged(self.prefix + name, limit=limit)

    def create(self, name: str, data: bytes) -> None:
        self.store.write(self.prefix + name, data, condition=self.create_only, private=True)

    def replace(self, name: str, data: bytes, *, tag: str) -> None:
        self.store.write(self.prefix + name, data, condition=self.unchanged(tag), private=True)

    def mode(self, name: str) -> int | None:
        return self.modes(name)
