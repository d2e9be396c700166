from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import pytest

from tufkeep.ceremony.drive import check_drive, write_drive
from tufkeep.ceremony.drive_keys import root_keyids
from tufkeep.ceremony.drive_kind import MARK, ForbiddenOnDrive, Kind, NotADrive, ReadBackDiffers, UnseenKeyFile
from tufkeep.keys.passphrase import Passphrase, PassphraseRequest
from tufkeep.keys.private import generate
from tufkeep.stores import FolderStore, MemoryStore, Store
from tufkeep.testing.broken import clone, stopped_everywhere
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.fat import FatStore
from tufkeep.testing.simulator import Simulator
from tufkeep.workspace import Workspace, layout
from tufkeep.workspace.create import create
from tufkeep.workspace.operations import Blueprint


@pytest.fixture
def sim(clock: FakeClock) -> Simulator:
    sim = Simulator(clock, root_keys=3)
    sim.release("app/tool", b"tool")
    return sim


def names(drive: Store) -> set[str]:
    return {entry.name for entry in drive.list()}


def drives(tmp_path: Path) -> list[Store]:
    return [MemoryStore(), FolderStore(tmp_path / "ext4"), FatStore(tmp_path / "fat")]


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_of_drive_carries_what_it_may_and_passes_its_own_check(
    sim: Simulator, kind: Kind, tmp_path: Path
) -> None:
    for drive in drives(tmp_path):
        write_drive(sim.workspace, drive, kind)
        there = names(drive)
        keys = {name for name in there if name.startswith(layout.KEYS)}
        assert (
            keys
            == {
                Kind.ROOT_BACKUP: {entry.name for entry in sim.store.list(layout.KEYS)},
                Kind.REPOSITORY: set(),
                Kind.SIGNING: {f"keys/{role}.json" for role in ("targets", "snapshot", "timestamp")},
            }[kind]
        )
        repository = {name for name in there if name.startswith(layout.REPOSITORY)}
        assert bool(repository) == (kind is not Kind.ROOT_BACKUP)
        checked = check_drive(drive, None, root_keyids=root_keyids(sim.workspace))
        assert checked.kind is kind
        assert checked.foreign == ()


def test_a_kind_of_drive_that_there_is_not_is_answered_with_those_there_are(sim: Simulator) -> None:
    with pytest.raises(ValueError, match="a drive is one of root-backup, repository, signing, not 'backup'"):
        write_drive(sim.workspace, MemoryStore(), "backup")


def test_a_root_key_under_an_innocent_name_does_not_reach_a_signing_drive(sim: Simulator) -> None:
    sim.store.move("keys/root2.json", "keys/timestamp2.json")
    drive = MemoryStore()
    assert "timestamp2.json" not in write_drive(sim.workspace, drive, Kind.SIGNING).keys
    drive.write("keys/timestamp2.json", sim.store.read("keys/timestamp2.json"))
    with pytest.raises(ForbiddenOnDrive, match=r"timestamp2\.json"):
        check_drive(drive, None, root_keyids=root_keyids(sim.workspace))


def test_a_root_key_that_is_staged_and_not_yet_committed_does_not_reach_a_signing_drive(sim: Simulator) -> None:
    key = generate()
    with sim.workspace.edit("key new") as edit:
        edit.keyring.add(key, role="root", passphrase=None)
        edit.add_key("root", key.public_key)
    (name,) = [info.name for info in sim.workspace.keyring.files() if key.keyid in (info.keyids or ())]
    sim.store.move(f"keys/{name}", "keys/timestamp2.json")
    assert key.keyid in root_keyids(sim.workspace)
    drive = MemoryStore()
    assert "timestamp2.json" not in write_drive(sim.workspace, drive, Kind.SIGNING).keys
    drive.write("keys/timestamp2.json", sim.store.read("keys/timestamp2.json"))
    with pytest.raises(ForbiddenOnDrive, match=r"timestamp2\.json"):
        check_drive(drive, None, root_keyids=root_keyids(sim.workspace))


def test_a_sealed_key_file_that_nobody_opened_does_not_go_to_a_signing_drive(clock: FakeClock) -> None:
    store = MemoryStore()
    create(
        Workspace(store, clock=clock),
        Blueprint(),
        new_passphrase=lambda request: Passphrase("only for a test"),
    )
    store.delete(layout.KNOWN_KEYS)
    with pytest.raises(UnseenKeyFile, match=r"snapshot\.json"):
        write_drive(Workspace(store, clock=clock), MemoryStore(), Kind.SIGNING)


def test_a_forged_note_of_what_a_key_file_contains_takes_no_root_key_to_a_signing_drive(clock: FakeClock) -> None:
    def passphrase(request: PassphraseRequest) -> Passphrase:
        return Passphrase("only for a test")

    store = MemoryStore()
    create(Workspace(store, clock=clock), Blueprint(), new_passphrase=passphrase)
    sealed = store.read("keys/root.json")
    store.write("keys/targets2.json", sealed, private=True)
    forged = {entry.name: store.read(entry.name) for entry in store.list(layout.KEYS)}
    known = {hashlib.sha256(data).hexdigest(): [f"{number:064x}"] for number, data in enumerate(forged.values())}
    store.write(layout.KNOWN_KEYS, json.dumps(known).encode())
    with pytest.raises(UnseenKeyFile):
        write_drive(Workspace(store, clock=clock), MemoryStore(), Kind.SIGNING)
    drive = MemoryStore()
    written = write_drive(Workspace(store, clock=clock, passphrases=passphrase), drive, Kind.SIGNING)
    assert written.keys == ("snapshot.json", "targets.json", "timestamp.json")
    with pytest.raises(UnseenKeyFile):
        check_drive(drive)
    assert check_drive(drive, passphrases=passphrase).keys == written.keys
    drive.write("keys/targets2.json", sealed)
    with pytest.raises(ForbiddenOnDrive, match=r"targets2\.json"):
        check_drive(drive, passphrases=passphrase)


def test_a_key_that_is_signed_as_meant_for_everybody_goes_to_a_drive(sim: Simulator, tmp_path: Path) -> None:
    key = tmp_path / "test key"
    key.write_bytes(sim.store.read("keys/root1.json"))
    sim.workspace.add(key, publish_private_keys=True)
    write_drive(sim.workspace, MemoryStore(), Kind.REPOSITORY)
    sim.workspace.commit()
    write_drive(sim.workspace, MemoryStore(), Kind.REPOSITORY)


def test_what_left_the_repository_leaves_the_drive_and_no_key_is_ever_removed(sim: Simulator) -> None:
    drive = MemoryStore()
    write_drive(sim.workspace, drive, Kind.SIGNING)
    drive.write("staged/root.json", b"{}")
    drive.write("keys/targets9.json", sim.store.read("keys/targets.json"))
    drive.write("notes.txt", b"where the spare key lies")
    with pytest.raises(ForbiddenOnDrive):
        write_drive(sim.workspace, drive, Kind.SIGNING)
    sim.store.write("keys/targets9.json", drive.read("keys/targets9.json"), private=True)
    write_drive(sim.workspace, drive, Kind.SIGNING)
    assert "staged/root.json" not in names(drive)
    assert "keys/targets9.json" in names(drive)
    assert check_drive(drive, None).foreign == ("notes.txt",)


def test_a_drive_that_is_none_of_ours_says_so(sim: Simulator) -> None:
    drive = MemoryStore()
    with pytest.raises(NotADrive):
        check_drive(drive, None)
    assert check_drive(drive, Kind.REPOSITORY).keys == ()


@pytest.mark.parametrize("begun", ["new", "again"])
def test_a_drive_that_was_not_finished_says_so(sim: Simulator, begun: str) -> None:
    def work(drive: Store) -> None:
        write_drive(sim.workspace, drive, Kind.SIGNING)

    before = MemoryStore()
    if begun == "again":
        work(before)
        sim.release("app/other", b"other")
    for drive in stopped_everywhere(lambda: clone(before), work, at_least=10):
        if MARK in names(drive):
            assert names(drive) == names(before), "it was stopped before it began"
            continue
        with pytest.raises(NotADrive):
            check_drive(drive, None)
        work(drive)
        assert check_drive(drive, None).kind is Kind.SIGNING


def test_a_drive_that_does_not_keep_what_it_is_given_is_noticed(sim: Simulator) -> None:
    class Forgetful(MemoryStore):
        def open(self, name: str) -> io.BytesIO:
            return io.BytesIO(b"other bytes")

    with pytest.raises(ReadBackDiffers):
        write_drive(sim.workspace, Forgetful(), Kind.REPOSITORY)


def test_a_key_that_strayed_into_the_repository_is_not_carried_away(sim: Simulator) -> None:
    sim.store.write("repository/targets/oops", sim.store.read("keys/root1.json"))
    with pytest.raises(ForbiddenOnDrive, match="oops"):
        write_drive(sim.workspace, MemoryStore(), Kind.REPOSITORY)
    write_drive(sim.workspace, MemoryStore(), Kind.REPOSITORY, vouched=["repository/targets/oops"])
