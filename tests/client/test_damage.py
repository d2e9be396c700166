"""A client's folder that was damaged heals, or its owner is asked for the root that it began with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.client.conftest import PATIENT
from tufkeep.client import Client, StoreFetcher
from tufkeep.client.origin import NoOrigin, read_origin
from tufkeep.client.state import NothingTrusted, OtherAnchor, TrustDamaged
from tufkeep.errors import TufkeepError
from tufkeep.stores import FolderStore, MemoryStore
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.forge import Forge

DAMAGE = {
    "empty": b"",
    "cut": b'{"signed": {"_ty',
    "NULs": bytes(3000),
    "no UTF-8": b'{"signed": "\xff\xfe"}',
    "nested": b"[" * 1000 + b"]" * 1000,
    "nested deeper": b'{"a":' * 100_000,
    "another kind": b'{"signed": [], "signatures": {}, "metadata": 7, "artifacts": 1}',
    "too long": b" " * 9_000_000,
}
FILES = ("timestamp.json", "snapshot.json", "targets.json", ".tufkeep/anchor", ".tufkeep/first-root", ".tufkeep/client")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "trust"


class Machine:
    """One client's folder, opened anew by each process."""

    def __init__(self, folder: Path, forge: Forge, clock: FakeClock):
        self.folder, self._forge, self._clock = folder, forge, clock

    def client(self) -> Client:
        state = FolderStore(self.folder, durable=False)
        return Client(state, StoreFetcher(self._forge.store), clock=self._clock, limits=PATIENT)

    def works(self) -> bool:
        client, to = self.client(), MemoryStore()
        client.refresh()
        client.download("app", to)
        return to.read("app") == b"1.0" and [each.path for each in client.list()] == ["app"]


@pytest.fixture
def machine(folder: Path, forge: Forge, clock: FakeClock) -> Machine:
    machine = Machine(folder, forge, clock)
    machine.client().init(forge.root())
    forge.rotate("root")
    forge.publish_root()
    forge.publish()
    assert machine.works()
    return machine


@pytest.mark.parametrize("data", DAMAGE.values(), ids=DAMAGE.keys())
@pytest.mark.parametrize("name", ["root.json", *FILES])
def test_a_damaged_file_is_fetched_or_made_again(machine: Machine, forge: Forge, name: str, data: bytes) -> None:
    for initialised in (False, True):
        (machine.folder / name).write_bytes(data)
        if initialised:
            machine.client().init(forge.root(1))
        assert machine.works()
        assert (machine.folder / "root.json").read_bytes() == forge.root(2)
    assert machine.client().init(forge.root(1)) is False


@pytest.mark.parametrize("data", DAMAGE.values(), ids=DAMAGE.keys())
def test_without_the_first_root_it_is_asked_for(machine: Machine, forge: Forge, data: bytes) -> None:
    (machine.folder / "root.json").write_bytes(data)
    (machine.folder / ".tufkeep/first-root").unlink()  # as earlier versions left it
    with pytest.raises(TrustDamaged, match="trusted here is damaged, and the first one is needed again"):
        machine.client().refresh()
    assert machine.client().init(forge.root(1)) is True  # not "trusted already"
    assert machine.works()


def test_the_first_root_is_kept_again_where_there_is_no_newer_one(folder: Path, forge: Forge, clock: FakeClock) -> None:
    machine = Machine(folder, forge, clock)
    machine.client().init(forge.root())
    (folder / "root.json").write_bytes(b"")
    assert machine.works()
    assert (folder / "root.json").read_bytes() == forge.root()


def test_damage_lets_no_other_root_in(machine: Machine, forge: Forge, clock: FakeClock) -> None:
    other = Forge(now=clock()).root()
    (machine.folder / "root.json").write_bytes(b"")
    with pytest.raises(OtherAnchor):
        machine.client().init(other)
    (machine.folder / ".tufkeep/first-root").write_bytes(other)
    with pytest.raises(TrustDamaged):
        machine.client().refresh()


def test_an_older_folder_gets_its_first_root_at_the_next_init(machine: Machine, forge: Forge) -> None:
    (machine.folder / ".tufkeep/first-root").unlink()
    assert machine.client().init(forge.root(1)) is False
    (machine.folder / "root.json").write_bytes(b"")
    assert machine.works()


@pytest.mark.parametrize("name", ["root.json", *FILES, ".tufkeep/origin"])
def test_a_folder_in_the_place_of_a_file_is_healed_or_named(machine: Machine, name: str) -> None:
    (machine.folder / name).unlink(missing_ok=True)
    (machine.folder / name / "somebody's").mkdir(parents=True)
    try:
        machine.works()
    except TufkeepError as error:
        assert Path(name).name in str(error)
    assert (machine.folder / name / "somebody's").is_dir()


def test_a_lost_root_is_begun_again_from_the_first(machine: Machine, forge: Forge) -> None:
    (machine.folder / "root.json").unlink()
    assert machine.works()
    (machine.folder / "root.json").unlink()
    (machine.folder / ".tufkeep/first-root").unlink()
    with pytest.raises(NothingTrusted):
        machine.client().refresh()


@pytest.mark.parametrize("data", [*DAMAGE.values(), b'{"metadata": "a\\u0000b", "artifacts": null}'])
def test_a_damaged_origin_is_none(folder: Path, data: bytes) -> None:
    store = FolderStore(folder, durable=False)
    store.write(".tufkeep/origin", data)
    with pytest.raises(NoOrigin):
        read_origin(store)
