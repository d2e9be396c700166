"""The client is stopped at every write of a refresh and of a download, and finds its way afterwards."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal

import pytest

from tests.client.conftest import PATIENT
from tufkeep.client import Client, StoreFetcher
from tufkeep.client.pieces import PIECE_BYTES
from tufkeep.metadata.document import Document
from tufkeep.stores import FolderStore, MemoryStore, Store
from tufkeep.testing.broken import BrokenStore, StoreStopped, stopped_everywhere
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.forge import Forge

When = Literal["before", "after", "torn"]
BIG = b"0123456789abcdef" * ((PIECE_BYTES + 1000) // 16)


def release(forge: Forge) -> None:
    forge.add("dir/file", b"newer", role="role")
    forge.publish("targets", "role")


def rotate_every_key(forge: Forge) -> None:
    for role in ("root", "targets", "snapshot", "timestamp"):
        forge.rotate(role, keys=2, threshold=2)
    forge.publish_root()
    release(forge)


def recover_from_fast_forward(forge: Forge) -> None:
    forge.rotate("snapshot")
    forge.signed["snapshot"]["version"] = 1
    forge.publish_root()
    release(forge)


CHANGES: list[Callable[[Forge], None]] = [release, rotate_every_key, recover_from_fast_forward]


@pytest.fixture
def forge(clock: FakeClock) -> Forge:
    forge = Forge(now=clock())
    forge.delegate("role", paths=["*/*"])
    forge.add("dir/file", b"older", role="role")
    forge.add("big", BIG)
    forge.publish("targets", "role")
    return forge


def versions(state: Store) -> dict[str, int]:
    kept = [entry.name for entry in state.list() if entry.name.endswith(".json")]
    return {name: Document.parse(state.read(name)).version for name in kept}


def work(state: Store, folder: Store, forge: Forge, clock: FakeClock) -> None:
    """Do what a new process does."""
    client = Client(state, StoreFetcher(forge.store), clock=clock, limits=PATIENT)
    client.init(forge.root())
    client.refresh()
    for path in ("dir/file", "big"):
        client.download(path, folder)


def trusting(tmp_path: Path, number: int, *, on_disk: bool) -> tuple[Store, Store]:
    if on_disk:
        return FolderStore(tmp_path / f"state{number}"), FolderStore(tmp_path / f"files{number}")
    return MemoryStore(), MemoryStore()


@pytest.mark.parametrize("when", ["before", "after", "torn"])
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
@pytest.mark.parametrize("on_disk", [False, True], ids=["memory", "disk"])
def test_a_client_stopped_at_any_write_reaches_the_newest_state_afterwards(
    clock: FakeClock, tmp_path: Path, change: Callable[[Forge], None], when: When, on_disk: bool
) -> None:
    for stop_at in itertools.count(1):
        forge = Forge(now=clock())
        forge.delegate("role", paths=["*/*"])
        forge.add("dir/file", b"older", role="role")
        forge.add("big", b"small")
        forge.publish("targets", "role")
        state, folder = trusting(tmp_path, stop_at, on_disk=on_disk)
        work(state, folder, forge, clock)
        before = versions(state)
        change(forge)

        broken = BrokenStore(state, stop_at=stop_at, when=when)
        with suppress(StoreStopped):
            work(broken, folder, forge, clock)
        after = versions(state)
        assert after["root.json"] >= before["root.json"]
        if change is not recover_from_fast_forward:
            assert all(after.get(name, version) >= version for name, version in before.items())

        work(state, folder, forge, clock)
        assert folder.read("dir/file") == b"newer"
        assert versions(state) == {name: Document.parse(forge.store.read(name)).version for name in versions(state)}
        if not broken.stopped:
            assert stop_at > 4
            return


@pytest.mark.parametrize("when", ["before", "after", "torn"])
def test_a_first_refresh_stopped_at_any_write_is_finished_by_the_next(
    clock: FakeClock, forge: Forge, when: When
) -> None:
    folders: list[Store] = []

    def refresh(state: Store) -> None:
        folders.append(MemoryStore())
        work(state, folders[-1], forge, clock)

    for state in stopped_everywhere(MemoryStore, refresh, when=when, at_least=8):  # pieces of `big` included
        work(state, folders[-1], forge, clock)
        assert folders[-1].read("big") == BIG
        assert list(state.list(".tufkeep/partial/")) == []


@pytest.mark.parametrize("when", ["before", "after", "torn"])
def test_nothing_unverified_stands_at_its_final_name_whenever_a_download_stops(
    clock: FakeClock, forge: Forge, when: When
) -> None:
    whole = {"dir/file": b"older", "big": BIG}
    for folder in stopped_everywhere(
        MemoryStore, lambda folder: work(MemoryStore(), folder, forge, clock), when=when, at_least=len(whole)
    ):
        found = {entry.name: folder.read(entry.name) for entry in folder.list()}
        assert found.items() <= whole.items()


def test_a_full_disk_is_said_and_freezes_nothing(clock: FakeClock, forge: Forge) -> None:
    folders: list[Store] = []

    def refresh(state: Store) -> None:
        folders.append(MemoryStore())
        work(state, folders[-1], forge, clock)

    for state in stopped_everywhere(MemoryStore, refresh, full=True, at_least=8):
        work(state, folders[-1], forge, clock)
        assert folders[-1].read("big") == BIG
