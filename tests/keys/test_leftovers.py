"""What killed writers of key files leave is named, and removed by the next writer; nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tufkeep.keys.folder import KeyFolder
from tufkeep.stores import FolderStore
from tufkeep.testing.clock import FakeClock
from tufkeep.watch.status import status
from tufkeep.watch.verify import diagnose
from tufkeep.workspace import Workspace

LEFT = ".targets.json.0123456789abcdef.tmp"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = Workspace.create(tmp_path, insecure_plaintext=True, clock=FakeClock())
    (tmp_path / "keys" / LEFT).write_bytes(workspace.store.read("keys/targets.json"))
    (tmp_path / "staged/.other.0123456789abcdef.tmp").write_bytes(b"of another room")
    return workspace


def test_a_leftover_of_a_killed_key_writer_is_named_and_removed_by_the_next_one(
    workspace: Workspace, tmp_path: Path
) -> None:
    assert [warning for warning in status(workspace).key_warnings if LEFT in warning]
    (finding,) = [each for each in diagnose(workspace).findings if each.check == "key-leftovers"]
    assert finding.subject == f"keys/{LEFT}"
    assert (tmp_path / "keys" / LEFT).exists()
    workspace.new_key("targets")
    assert not (tmp_path / "keys" / LEFT).exists()
    assert (tmp_path / "staged/.other.0123456789abcdef.tmp").exists()
    assert not [warning for warning in status(workspace).key_warnings if "killed" in warning]


def test_what_a_living_writer_is_working_on_is_neither_named_nor_removed(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    folder = KeyFolder(store=store, prefix="keys/")

    def chunks() -> Iterator[bytes]:
        yield b"first"
        assert folder.leftovers() == ()
        folder.create("root.json", b"another key")
        yield b" and last"

    store.write_stream("keys/targets.json", chunks())
    assert store.read("keys/targets.json") == b"first and last"


def test_a_drive_is_not_gone_through_for_leftovers(tmp_path: Path) -> None:
    (tmp_path / LEFT).write_bytes(b"a key")
    folder = KeyFolder(store=FolderStore(tmp_path))
    folder.create("root.json", b"another key")
    assert folder.leftovers() == ()
    assert (tmp_path / LEFT).exists()
