from __future__ import annotations

from tufkeep.ceremony.key_check import check_keys
from tufkeep.keys.folder import KeyFolder
from tufkeep.keys.keyring import Keyring
from tufkeep.keys.passphrase import Passphrase, PassphraseRequest
from tufkeep.keys.private import PrivateKey, generate
from tufkeep.stores import MemoryStore
from tufkeep.testing.clock import FakeClock
from tufkeep.workspace import Workspace
from tufkeep.workspace.create import create
from tufkeep.workspace.key_checks import last_checks
from tufkeep.workspace.operations import Blueprint


def passphrase(request: PassphraseRequest) -> Passphrase:
    return Passphrase(f"only for a test of {request.stem}")


def begun(clock: FakeClock) -> Workspace:
    workspace = Workspace(MemoryStore(), clock=clock, passphrases=passphrase)
    create(workspace, Blueprint(root_keys=2), new_passphrase=passphrase)
    return workspace


def backup(workspace: Workspace) -> MemoryStore:
    copy = MemoryStore()
    for entry in workspace.store.list("keys/"):
        copy.write(entry.name.removeprefix("keys/"), workspace.store.read(entry.name))
    return copy


def ring(store: MemoryStore) -> Keyring:
    return Keyring(KeyFolder(store=store), passphrases=passphrase)


def test_a_good_backup_is_known_key_by_key_and_its_date_is_remembered(clock: FakeClock) -> None:
    workspace = begun(clock)
    copy = backup(workspace)
    before = {entry.name: copy.read(entry.name) for entry in copy.list()}
    clock.advance(days=100)
    checked = check_keys(workspace, ring(copy))
    assert checked.faulty == ()
    assert checked.absent == ()
    assert {file.name: file.keys[0].roles for file in checked.files} == {
        "root1.json": ("root",),
        "root2.json": ("root",),
        "snapshot.json": ("snapshot",),
        "targets.json": ("targets",),
        "timestamp.json": ("timestamp",),
    }
    assert set(last_checks(workspace.store)) == {file.keys[0].keyid for file in checked.files}
    assert set(last_checks(workspace.store).values()) == {clock()}
    assert {entry.name: copy.read(entry.name) for entry in copy.list()} == before


def test_a_missing_a_damaged_and_a_strange_key_are_each_told(clock: FakeClock) -> None:
    workspace, other = begun(clock), begun(clock)
    copy = backup(workspace)
    copy.delete("root1.json")
    copy.write("root2.json", copy.read("root2.json").replace(b'"N": 32768', b'"N": 65536'))
    copy.write("targets.json", other.store.read("keys/targets.json"))
    checked = check_keys(workspace, ring(copy))
    assert [file.name for file in checked.faulty] == ["root2.json"]
    assert set(checked.absent) == set(workspace.state.root.signed.roles["root"].keyids)
    (strange,) = [file for file in checked.files if file.name == "targets.json"]
    assert strange.keys[0].roles == ()


def test_a_key_that_unlocks_and_signs_wrongly_is_told(clock: FakeClock) -> None:
    class WornOut(Keyring):
        """Keys whose signatures are not theirs, as of a device that breaks."""

        def unlock(self, name: str, *, role: str | None = None) -> tuple[PrivateKey, ...]:
            keys = super().unlock(name, role=role)
            for key in keys:
                key._secret = generate().secret
            return keys

    workspace = begun(clock)
    checked = check_keys(workspace, WornOut(KeyFolder(store=backup(workspace)), passphrases=passphrase))
    assert len(checked.faulty) == 5
    assert all(file.fault.startswith("key ") for file in checked.faulty)
    assert last_checks(workspace.store) == {}
