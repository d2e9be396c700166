"""Our client on repositories that the real go-tuf v0.5.2 made."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.peers import CHECKOUT
from tufkeep.client import Client, FolderFetcher
from tufkeep.stores import MemoryStore

VECTORS = CHECKOUT / "tests" / "vectors" / "go-tuf"
COMMITTED = sorted(path.parent for path in VECTORS.glob("*/repository") if (path / "timestamp.json").exists())
MADE = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.mark.parametrize("folder", COMMITTED, ids=lambda folder: folder.name)
def test_a_client_that_trusts_any_root_of_go_tufs_downloads_every_target(folder: Path) -> None:
    repository = folder / "repository"
    roots = sorted(repository.glob("*.root.json"))
    assert roots
    for root in roots:
        client, to = Client(MemoryStore(), FolderFetcher(repository), clock=lambda: MADE), MemoryStore()
        client.init(root.read_bytes())
        client.refresh()
        targets = list(client.list())
        assert targets or folder.name == "three-root-keys"
        for target in targets:
            assert client.download(target.path, to).fetched
            target.verify_length_and_hashes(to.read(target.path))
