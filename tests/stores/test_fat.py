"""A FAT drive: fewer promises from the file system, the same ones from the store."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tufkeep.stores import CREATE, NameRefused, ObjectExists
from tufkeep.stores.directory import Directory
from tufkeep.testing.fat import FatDirectory, FatStore


@pytest.fixture
def store(tmp_path: Path) -> FatStore:
    return FatStore(tmp_path / "stick")


def test_two_names_that_differ_in_case_are_one(store: FatStore) -> None:
    store.write("Keys/Root.json", b"1", condition=CREATE)
    with pytest.raises(ObjectExists):
        store.write("keys/root.JSON", b"2", condition=CREATE)
    assert store.read("keys/root.json") == b"1"
    store.write("keys/root.json", b"2")
    assert [entry.name for entry in store.list()] == ["Keys/Root.json"]
    assert store.read("Keys/Root.json") == b"2"


def test_a_move_that_only_changes_the_case_loses_nothing(store: FatStore) -> None:
    store.write("readme", b"1")
    store.move("readme", "README")
    assert store.read("README") == b"1"
    assert [entry.name for entry in store.list()] == ["README"]
    store.copy("README", "Readme", shared=True)
    assert store.read("readme") == b"1"


def test_a_drive_that_keeps_the_old_case_keeps_the_file_too(tmp_path: Path) -> None:
    """As some network drives do: the rename succeeds and the listing shows the name as it was."""

    class Stubborn(FatDirectory):
        rename = Directory.rename

    class StubbornStore(FatStore):
        _kind = Stubborn

    store = StubbornStore(tmp_path)
    store.write("readme", b"1")
    store.move("readme", "README")
    assert store.read("README") == b"1"


@pytest.mark.parametrize("name", ["a:b", "what?", "*", 'say "so"', "a|b", "<a>", "a\tb"])
def test_a_name_that_the_drive_does_not_take_is_told(store: FatStore, name: str) -> None:
    store.write("there", b"")
    for put in (
        lambda: store.write(name, b""),
        lambda: store.write(f"{name}/b", b""),
        lambda: store.move("there", name),
    ):
        with pytest.raises(NameRefused, match="this folder's file system takes no such name"):
            put()
    assert [entry.name for entry in store.list()] == ["there"]


def test_every_file_is_executable_and_as_old_as_an_even_second(store: FatStore) -> None:
    store.write("a", b"")
    os.utime(store.path / "a", (1_000_000_001, 1_000_000_001))
    entry = store.stat("a")
    assert entry is not None and entry.executable
    [(_, _, seen)] = store._tree.walk()
    assert seen.st_mtime == 1_000_000_000


def test_a_private_object_is_written_where_nothing_is_private(store: FatStore) -> None:
    store.write("keys/root.json", b"1", private=True)
    assert store.read("keys/root.json") == b"1"


def test_a_shared_copy_is_a_whole_one(store: FatStore) -> None:
    store.write("a", b"1")
    store.copy("a", "b", shared=True)
    assert (store.path / "a").stat().st_nlink == 1
    assert store.read("b") == b"1"


def test_leftovers_are_swept_as_anywhere(store: FatStore) -> None:
    store.write("a/there", b"")
    (store.path / "a/.there.0123456789abcdef.tmp").write_bytes(b"half")
    assert store.sweep() == ("a/.there.0123456789abcdef.tmp",)
