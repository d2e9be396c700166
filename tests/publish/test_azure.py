"""Azure is a remote like any other, shown on its emulator."""

from __future__ import annotations

import pytest

from tests.publish.conftest import azure_remote, new_releaser
from tests.publish.test_push import agent
from tests.servers import AzureServer
from tufkeep.publish.errors import RemoteMovedOn
from tufkeep.stores import MemoryStore
from tufkeep.stores.object import ObjectStore
from tufkeep.testing.clock import FakeClock


@pytest.mark.parametrize("consistent_snapshot", [True, False], ids=["consistent", "plain"])
def test_what_is_pushed_to_azure_is_pulled_and_pushed_upon(
    azure: AzureServer, clock: FakeClock, consistent_snapshot: bool
) -> None:
    first = new_releaser(azure_remote(azure), clock, consistent_snapshot=consistent_snapshot)
    first.release("app 1.bin", b"one")
    pushed = first.push()
    assert [warning for warning in pushed.warnings if "plain file names" not in warning] == []
    client = agent(first)
    assert client.refresh().timestamp == 2

    second = first.copy("second")
    first.release("mine", b"1")
    second.release("theirs", b"2")
    first.push()
    with pytest.raises(RemoteMovedOn):
        second.push()
    assert second.pull().redone.added.keys() == {"theirs"}
    assert second.push().read_back.timestamp == 4
    assert client.refresh().timestamp == 4
    folder = MemoryStore()
    for path, data in {"app 1.bin": b"one", "mine": b"1", "theirs": b"2"}.items():
        client.download(path, folder, name="got")
        assert folder.read("got") == data

    store = first.remote.store
    assert isinstance(store, ObjectStore)
    served = store.bucket.get(store.path("timestamp.json")).attributes
    assert (served["Cache-Control"], served["Content-Type"]) == ("no-store", "application/json")
