"""Notes of unfinished operations: old ones are read, damaged ones are named, others wait."""

from __future__ import annotations

import pytest

from tufkeep.ceremony.compromise import revoke_compromised
from tufkeep.ceremony.rotate import rotate
from tufkeep.cli.base.hints import hint
from tufkeep.cli.commands.ceremony.procedures import PROCEDURES
from tufkeep.cli.commands.ceremony.progress import Progress
from tufkeep.errors import TufkeepError
from tufkeep.metadata.chain import RootChainBroken
from tufkeep.stores import MemoryStore
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.watch.verify import diagnose
from tufkeep.workspace import Author, Workspace
from tufkeep.workspace.abandon import abandon, loss
from tufkeep.workspace.create import create
from tufkeep.workspace.new_keys import NewKeyMissing
from tufkeep.workspace.operations import Blueprint, Note, Pull, Revocation, Rotation
from tufkeep.workspace.unfinished import (
    DamagedNote,
    OperationUnfinished,
    StagedInTheWay,
    begin,
    begun,
    unfinished,
)

# As version 0.1 wrote them.
OLD: dict[str, tuple[bytes, type[Note], str, str]] = {
    "init": (
        b'{"root_keys":3,"root_threshold":2,"consistent_snapshot":true,"keytype":"ed25519","days":{"root":10}}',
        Blueprint,
        "an init with 3 root keys and a threshold of 2",
        "init",
    ),
    "rotation": (
        b'{"role":"root","leaving":["ab"],"coming":["cd"],"wanted":1,"keytype":"ed25519","one_step":false}',
        Rotation,
        "a rotation of the root keys",
        "rotate root",
    ),
    "compromise": (
        b'{"role":"timestamp","keyid":"0123456789ab","roles":["snapshot","timestamp"],"root":3,"coming":{"timestamp":"cd"}}',
        Revocation,
        "the revocation of the stolen timestamp key 01234567",
        "key revoke timestamp 01234567 --compromised",
    ),
    "redo": (
        b'{"added":{"app":{"length":1,"hashes":{"sha256":"00"}}},"removed":["old"],"delegations":null,'
        b'"renewed":["targets"],"seen":{"targets":4},"commit":true}',
        Pull,
        "a pull",
        "pull REMOTE",
    ),
}
DAMAGED = [b"", b"{", b'{"role":1}', b"\xff", b'{"by":"\xff"}', b"[" * 100_000, b'{"unknown":' * 100_000]


@pytest.fixture
def sim(clock: FakeClock) -> Simulator:
    return Simulator(clock)


@pytest.mark.parametrize("name", OLD)
def test_a_note_of_an_older_version_is_read(name: str) -> None:
    data, kind, what, finish = OLD[name]
    store = MemoryStore()
    store.write(f".tufkeep/{name}", data)
    assert begun(store, kind) is not None
    (found,) = unfinished(store)
    assert (found.what, found.finish, found.since, found.by, found.damage) == (what, finish, "", "", "")
    assert found.sentence == f"{what} was begun here and is not finished"


@pytest.mark.parametrize("data", DAMAGED, ids=range(len(DAMAGED)))
@pytest.mark.parametrize("name", [*OLD, "ceremonies"])
def test_a_damaged_note_is_one_error_and_can_be_abandoned(sim: Simulator, name: str, data: bytes) -> None:
    sim.store.write(f".tufkeep/{name}", data)
    (found,) = unfinished(sim.store)
    assert found.damage
    assert "unfinished" in {finding.check for finding in diagnose(sim.workspace).findings}
    if found.blocks:
        with pytest.raises((OperationUnfinished, DamagedNote)) as caught:
            rotate(sim.workspace, "timestamp", new_passphrase=lambda request: None)
        assert f"tufkeep {found.abandon}" in str(hint(caught.value))
    abandon(sim.workspace, found)
    assert unfinished(sim.store) == ()
    rotate(sim.workspace, "timestamp", new_passphrase=lambda request: None)


def test_who_began_it_and_when_is_noted(clock: FakeClock) -> None:
    workspace = Workspace(MemoryStore(), clock=clock, author=lambda: Author(name="Ana", host="desk"))
    begin(workspace, Blueprint())
    (found,) = unfinished(workspace.store)
    assert (found.by, found.since) == ("Ana", "2026-01-01T00:00:00Z")
    assert "on 2026-01-01 by Ana and is not finished" in found.sentence


NOTES: list[Note] = [
    Blueprint(),
    Rotation(role="root", leaving=(), wanted=1),
    Revocation(role="root", keyid="ab", roles=(), root=1),
    Pull(remote="staging"),
]
BESIDE = {("pull", "rotate"), ("pull", "key revoke")}  # the first may begin though the second is unfinished


@pytest.mark.parametrize("first", NOTES, ids=lambda note: note.operation)
@pytest.mark.parametrize("second", NOTES, ids=lambda note: note.operation)
def test_one_operation_waits_for_another(sim: Simulator, first: Note, second: Note) -> None:
    begin(sim.workspace, first)
    if first is second or (second.operation, first.operation) in BESIDE:
        begin(sim.workspace, second)
        return
    with pytest.raises(OperationUnfinished, match=first.what) as caught:
        begin(sim.workspace, second)
    assert hint(caught.value) == f"finish it: tufkeep {first.finish}; or abandon it: tufkeep abandon {first.operation}"


def test_what_is_staged_is_not_mixed_with_a_rotation(sim: Simulator) -> None:
    with sim.workspace.edit("renew") as edit:
        edit.renew("targets")
    with pytest.raises(StagedInTheWay):
        begin(sim.workspace, NOTES[1])
    begin(sim.workspace, NOTES[3])


def _stopped_rotation(sim: Simulator, role: str = "root") -> bytes:
    """Leave a rotation as it is where the old root keys are elsewhere; return the old root key."""
    old = sim.store.read("keys/root.json")
    sim.store.delete("keys/root.json")
    with pytest.raises(RootChainBroken):
        rotate(sim.workspace, role, new_passphrase=lambda request: None)
    return old


def test_a_stopped_rotation_stops_others_until_it_is_abandoned(sim: Simulator) -> None:
    old = _stopped_rotation(sim)
    (keyid,) = sim.workspace.state.roots[1].signed.roles["timestamp"].keyids
    for other in (
        lambda: rotate(sim.workspace, "timestamp", new_passphrase=lambda request: None),
        lambda: revoke_compromised(sim.workspace, "timestamp", keyid, new_passphrase=lambda request: None),
    ):
        with pytest.raises(OperationUnfinished, match="a rotation of the root keys"):
            other()
    sim.workspace.clean()
    with pytest.raises(OperationUnfinished):
        rotate(sim.workspace, "timestamp", new_passphrase=lambda request: None)
    (found,) = unfinished(sim.store)
    lost = abandon(sim.workspace, found)
    assert lost.keys == ("keys/root.json",)
    assert sim.store.stat("keys/root.json") is not None
    sim.store.write("keys/old.json", old, private=True)
    revoke_compromised(sim.workspace, "timestamp", keyid, new_passphrase=lambda request: None)
    assert diagnose(sim.workspace).errors == ()


def test_what_would_be_lost_is_known_before(sim: Simulator) -> None:
    _stopped_rotation(sim)
    (found,) = unfinished(sim.store)
    before = {entry.name for entry in sim.store.list()}
    assert loss(sim.workspace, found).staged == ("staged/root.json",)
    assert {entry.name for entry in sim.store.list()} == before


def test_a_rotation_that_is_abandoned_halfway_says_which_keys_stay_trusted(sim: Simulator) -> None:
    with pytest.raises(InterruptedError):
        rotate(sim.workspace, "timestamp", new_passphrase=lambda request: None, tell=_stop_at_v2)
    (found,) = unfinished(sim.store)
    lost = abandon(sim.workspace, found)
    assert (lost.staged, lost.keys, len(lost.trusted)) == ((), (), 1)
    assert lost.trusted[0] in sim.workspace.state.root.signed.roles["timestamp"].keyids


def _stop_at_v2(sentence: str) -> None:
    if "v2" in sentence:
        raise InterruptedError


def test_a_new_key_that_is_gone_is_named(sim: Simulator) -> None:
    old = _stopped_rotation(sim)
    sim.workspace.clean()
    new = sim.store.read("keys/root.json")
    sim.store.write("keys/root.json", old, private=True)
    with pytest.raises(NewKeyMissing, match="the new root key"):
        rotate(sim.workspace, "root", new_passphrase=lambda request: None)
    sim.store.write("keys/root2.json", new, private=True)
    assert rotate(sim.workspace, "root", new_passphrase=lambda request: None).last_root == 3


def test_the_new_keys_of_a_rotation_are_no_stray_files(sim: Simulator) -> None:
    _stopped_rotation(sim)
    sim.workspace.clean()
    assert {finding.check for finding in diagnose(sim.workspace).findings} == {"unfinished"}


def test_an_init_is_made_again_only_where_nothing_has_happened_since(clock: FakeClock) -> None:
    workspace = Workspace(MemoryStore(), clock=clock)
    first = create(workspace, Blueprint(root_keys=2, days={"root": 30}), new_passphrase=lambda request: None)

    def again(blueprint: Blueprint) -> object:
        return create(Workspace(workspace.store, clock=clock), blueprint, new_passphrase=lambda request: None)

    clock.advance(days=3)
    assert again(Blueprint(root_keys=2, days={"root": 30})) == first
    others = [
        Blueprint(root_keys=3, days={"root": 30}),
        Blueprint(root_keys=2, root_threshold=2, days={"root": 30}),
        Blueprint(root_keys=2, days={"root": 31}),
        Blueprint(root_keys=2),
        Blueprint(root_keys=2, days={"root": 30}, consistent_snapshot=False),
        Blueprint(root_keys=2, days={"root": 30}, keytype="rsa"),
    ]
    for other in others:
        with pytest.raises(TufkeepError, match="already"):
            again(other)
    with workspace.edit("renew") as edit:
        edit.renew("timestamp")
    with pytest.raises(TufkeepError, match="already"):
        again(Blueprint(root_keys=2, days={"root": 30}))
    workspace.commit(workspace.plan_commit())
    with pytest.raises(TufkeepError, match="already"):
        again(Blueprint(root_keys=2, days={"root": 30}))


def test_a_ceremony_is_unfinished_from_its_first_step_to_its_last(clock: FakeClock) -> None:
    store = MemoryStore()
    progress = Progress(store, PROCEDURES["rotate"], clock=clock)
    assert unfinished(store) == ()
    while (step := progress.next) is not None:
        progress.take(step)
        if progress.next is not None:
            (found,) = unfinished(store)
            assert (found.operation, found.blocks, found.since) == ("ceremony rotate", False, "2026-01-01T00:00:00Z")
    assert unfinished(store) == ()
    progress.start_at(2)
    (found,) = unfinished(store)
    abandon(Workspace(store, clock=clock), found)
    assert progress.taken == {}
