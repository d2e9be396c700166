"""The contract of a store, held by a bucket on a real S3 server."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from tests.contract import test_store as contract
from tests.servers import PRIVATE, S3Server
from tufkeep.stores import Store
from tufkeep.stores.location import Location, open_location

NAME = "seaweedfs"
# SeaweedFS keeps folders: it takes no object where the folder of others is, as other buckets do.
EXCEPT = {"test_any_work_ends_as_it_does_in_a_dictionary"}

globals().update(
    {name: test for name, test in vars(contract).items() if name.startswith("test_") and name not in EXCEPT}
)


@pytest.fixture
def adapter(seaweed: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    def new(path: Path) -> Store:
        location = Location(url=f"s3://{PRIVATE}/{uuid.uuid4().hex}", endpoint=seaweed.endpoint)
        return open_location(location, credentials=seaweed.credentials)

    monkeypatch.setitem(contract.ADAPTERS, NAME, new)
    for those in (contract.FORGETS_EXECUTABLE, contract.FLAT, contract.OWN_TAGS):
        those.add(NAME)
    return NAME


@pytest.fixture
def store(adapter: str, tmp_path: Path) -> Store:
    return contract.ADAPTERS[adapter](tmp_path)
