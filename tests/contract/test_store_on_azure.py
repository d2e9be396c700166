"""The contract of a store, held by a container of Azure's emulator; then what is particular to Azure."""

from __future__ import annotations

import base64
import uuid
from pathlib import Path

import pytest

from tests.contract import test_store as contract
from tests.servers import PRIVATE, PUBLIC, AzureServer
from tufkeep.stores import CREATE, ObjectChanged, Store, StoreBroken, StoreDenied, StoreReadOnly
from tufkeep.stores.conditions import find_conditions
from tufkeep.stores.location import Location, open_location

NAME = "azurite"

globals().update({name: test for name, test in vars(contract).items() if name.startswith("test_")})


def new_store(azure: AzureServer, *, bucket: str = PRIVATE) -> Store:
    return open_location(at(azure, f"{bucket}/{uuid.uuid4().hex}"), credentials=azure.credentials)


def at(azure: AzureServer, place: str) -> Location:
    return Location(url=f"az://{place}", endpoint=azure.endpoint, account=azure.account)


@pytest.fixture
def adapter(azure: AzureServer, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setitem(contract.ADAPTERS, NAME, lambda path: new_store(azure))
    for those in (contract.FORGETS_EXECUTABLE, contract.FLAT, contract.OWN_TAGS):
        those.add(NAME)
    return NAME


@pytest.fixture
def store(adapter: str, tmp_path: Path) -> Store:
    return contract.ADAPTERS[adapter](tmp_path)


def test_azure_keeps_conditions(store: Store) -> None:
    assert find_conditions(store, folder=".tufkeep").kept
    assert list(store.list()) == []


def test_a_long_stream_arrives_in_blocks_and_is_never_read_as_a_mixture(store: Store) -> None:
    assert store.write_stream("a", [b"x" * (20 << 20)]).length_bytes == 20 << 20
    with store.open("a") as stream:
        assert stream.read(10) == b"x" * 10
        store.write_stream("a", [b"y" * (20 << 20)])
        with pytest.raises(ObjectChanged):
            stream.read()


def test_a_wrong_account_key_is_named_without_being_shown(azure: AzureServer) -> None:
    wrong = base64.b64encode(b"wrong-secret").decode()
    store = open_location(at(azure, PRIVATE), credentials={"account_key": wrong})
    # The emulator says less than Azure does, which answers AuthenticationFailed.
    with pytest.raises(StoreDenied, match=r"with these credentials \(AuthorizationFailure\)") as read:
        store.read("a")
    with pytest.raises(StoreReadOnly) as written:
        store.write("a", b"x")
    for told in (str(read.value), str(written.value), repr(store), repr(read.value)):
        assert wrong not in told


@pytest.mark.parametrize("malformed", [{"account_key": "no base 64"}, {"sas_key": "no-pairs"}], ids=["key", "SAS"])
def test_malformed_credentials_are_named_at_once(azure: AzureServer, malformed: dict[str, str]) -> None:
    store = open_location(at(azure, PRIVATE), credentials=malformed)
    with pytest.raises(StoreDenied, match="they are malformed"):
        store.read("a")
    with pytest.raises(StoreReadOnly, match="they are malformed") as written:
        store.write("a", b"x", condition=CREATE)
    assert not any(value in str(written.value) for value in malformed.values())


def test_a_public_container_is_read_by_anybody_and_written_by_nobody(azure: AzureServer) -> None:
    open_location(at(azure, PUBLIC), credentials=azure.credentials).write("a", b"public")
    anybody = open_location(at(azure, PUBLIC))
    assert anybody.read("a") == b"public"
    with pytest.raises(StoreReadOnly):
        anybody.write("a", b"defaced")
    web = open_location(Location(url=f"{azure.endpoint}/{PUBLIC}"))
    assert web.read("a") == b"public"
    with pytest.raises(StoreReadOnly):
        web.write("b", b"x", condition=CREATE)


def test_a_private_container_is_closed_to_anybody(azure: AzureServer) -> None:
    with pytest.raises(StoreDenied):
        open_location(at(azure, PRIVATE)).read("a")


def test_a_missing_container_is_no_missing_object(azure: AzureServer) -> None:
    store = open_location(at(azure, "nobodys"), credentials=azure.credentials)
    with pytest.raises(StoreBroken, match="az://nobodys does not exist"):
        store.read("a")
