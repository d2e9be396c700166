"""Publish to a store that tufkeep does not know: here one that counts what is written into memory.

A store has the methods of `tufkeep.Store`; tests/contract/test_store.py holds a store to what they promise. One that
changes little about another inherits from it, as here.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tufkeep import Client, MemoryStore, Publisher, Remote, Workspace
from tufkeep.stores import ALWAYS, Condition, Entry


class CountingStore(MemoryStore):
    """Keeps objects in memory, and how many were written."""

    written = 0

    def write(self, name: str, data: bytes, *, condition: Condition = ALWAYS, private: bool = False) -> str:
        """Make `data` the object; see `Store.write`."""
        self.written += 1
        return super().write(name, data, condition=condition, private=private)

    def write_stream(self, name: str, chunks: Iterable[bytes], *, executable: bool = False) -> Entry:
        """Make the joined chunks the object; see `Store.write_stream`."""
        self.written += 1
        return super().write_stream(name, chunks, executable=executable)


def main() -> None:
    """Keep a repository in one store and publish it to another."""
    workspace = Workspace.create(MemoryStore(), insecure_plaintext=True)  # nobody else gets at this memory
    Path("agent").write_text("agent 1.0")
    workspace.add("agent")
    workspace.commit()

    mirror = CountingStore()
    Publisher.open(workspace, Remote.at(mirror, name="mirror")).push()
    print("objects written:", mirror.written)

    client = Client.open(MemoryStore(), mirror, root=mirror.read("1.root.json"))
    print("verified:", client.download("agent", to="bin").file)


if __name__ == "__main__":
    main()
