from __future__ import annotations

import pytest

from tufkeep.ceremony.rotate import OthersWouldLeave, rotate
from tufkeep.keys.folder import KeyFolder
from tufkeep.keys.keyring import Keyring
from tufkeep.keys.passphrase import Passphrase
from tufkeep.keys.private import generate
from tufkeep.keys.sources import given
from tufkeep.metadata.chain import RootChainBroken
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.workspace import Workspace
from tufkeep.workspace.unfinished import OperationUnfinished, StagedInTheWay


@pytest.mark.parametrize(("keys", "threshold"), [(1, 1), (3, 1), (3, 2), (5, 3)])
def test_root_keys_go_and_an_agent_on_the_first_root_follows(clock: FakeClock, keys: int, threshold: int) -> None:
    sim = Simulator(clock, root_keys=keys, root_threshold=threshold)
    sleeper, awake = sim.new_client(), sim.new_client()
    awake.refresh()
    rotated = rotate(sim.workspace, "root", new_passphrase=lambda request: None)
    sim.publish()
    assert (rotated.first_root, rotated.last_root) == (2, 3)
    assert len(rotated.new) == keys
    root = sim.workspace.state.root
    assert set(root.signed.roles["root"].keyids) == set(rotated.new)
    assert set(rotated.new) <= {signature.keyid for signature in root.signatures}
    assert sleeper.refresh().root == awake.refresh().root == 3


@pytest.mark.parametrize("role", ["targets", "snapshot", "timestamp"])
def test_an_online_role_is_signed_by_both_keys_before_the_old_one_goes(clock: FakeClock, role: str) -> None:
    sim = Simulator(clock)
    sim.release("tool", b"tool")
    client = sim.new_client()
    client.refresh()
    rotate(sim.workspace, role, new_passphrase=lambda request: None)
    between = sim.workspace.state.committed(role)
    assert between is not None
    assert len(between.signatures) == 2
    sim.publish()
    client.refresh()


def test_more_or_fewer_keys_may_come_than_go(clock: FakeClock) -> None:
    sim = Simulator(clock, root_keys=3)
    assert len(rotate(sim.workspace, "root", new_passphrase=lambda request: None, keys=5).new) == 5
    assert len(rotate(sim.workspace, "root", new_passphrase=lambda request: None, keys=1).new) == 2  # the threshold


def test_without_an_old_root_key_nothing_is_committed_and_the_key_that_is_missing_is_named(clock: FakeClock) -> None:
    sim = Simulator(clock)
    old = sim.store.read("keys/root.json")
    sim.store.delete("keys/root.json")
    with pytest.raises(RootChainBroken, match="signed by 0 of 1 keys of root v1"):
        rotate(sim.workspace, "root", new_passphrase=lambda request: None)
    assert sim.workspace.state.committed("root").version == 1  # type: ignore[union-attr]
    sim.store.write("keys/old.json", old, private=True)
    workspace = sim.workspace
    workspace.sign()
    assert rotate(workspace, "root", new_passphrase=lambda request: None).last_root == 3


def test_two_rotations_do_not_mix(clock: FakeClock) -> None:
    sim = Simulator(clock)
    sim.store.delete("keys/root.json")
    with pytest.raises(RootChainBroken):
        rotate(sim.workspace, "root", new_passphrase=lambda request: None)
    with pytest.raises(OperationUnfinished, match="root"):
        rotate(sim.workspace, "targets", new_passphrase=lambda request: None)


def test_what_is_staged_already_is_not_committed_along(clock: FakeClock) -> None:
    sim = Simulator(clock)
    with sim.workspace.edit("renew") as edit:
        edit.renew("targets")
    with pytest.raises(StagedInTheWay):
        rotate(sim.workspace, "root", new_passphrase=lambda request: None)


@pytest.mark.parametrize("role", ["root", "targets", "timestamp"])
def test_one_step_is_one_root_version_that_old_and_new_keys_signed(clock: FakeClock, role: str) -> None:
    sim = Simulator(clock, root_keys=3)
    sleeper, awake = sim.new_client(), sim.new_client()
    awake.refresh()
    rotated = rotate(sim.workspace, role, new_passphrase=lambda request: None, one_step=True)
    sim.publish()
    assert (rotated.first_root, rotated.last_root, rotated.unsigned) == (2, 2, ())
    assert set(sim.workspace.state.root.signed.roles[role].keyids) == set(rotated.new)
    assert sleeper.refresh().root == awake.refresh().root == 2


def test_a_root_key_that_has_not_signed_is_named(clock: FakeClock) -> None:
    sim = Simulator(clock, root_keys=3, root_threshold=1)
    for name in ("root2.json", "root3.json"):
        sim.store.delete(f"keys/{name}")
    rotated = rotate(sim.workspace, "timestamp", new_passphrase=lambda request: None)
    assert len(rotated.unsigned) == 2


def test_a_key_of_somebody_else_is_named_before_it_is_replaced(clock: FakeClock) -> None:
    sim = Simulator(clock)
    theirs = generate().public_key
    with sim.workspace.edit("key import") as edit:
        edit.add_key("targets", theirs)
    sim.workspace.commit()
    keys = {entry.name for entry in sim.store.list("keys/")}
    with pytest.raises(
        OthersWouldLeave, match=rf"targets key {theirs.keyid[:8]} would be replaced, too, and it is not"
    ):
        rotate(sim.workspace, "targets", new_passphrase=lambda request: None)
    assert {entry.name for entry in sim.store.list("keys/")} == keys
    assert theirs.keyid in sim.workspace.state.root.signed.roles["targets"].keyids
    rotate(sim.workspace, "targets", new_passphrase=lambda request: None, others_leave=True)
    assert theirs.keyid not in sim.workspace.state.root.signed.roles["targets"].keyids


def test_a_key_file_that_nobody_opened_yet_may_be_the_one(clock: FakeClock) -> None:
    sim = Simulator(clock)
    sim.workspace.keyring.change_passphrase("targets.json", old=None, new=Passphrase("of targets"))
    asked = given({"targets": "of targets"})
    keyring = Keyring(KeyFolder(store=sim.store, prefix="keys/"), passphrases=asked)
    rotate(Workspace(sim.store, clock=clock, keyring=keyring), "targets", new_passphrase=lambda request: None)
