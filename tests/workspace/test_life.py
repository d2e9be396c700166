"""The life of a repository: created, released, renewed, keys in and out, and clients that follow."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tufkeep.keys.private import generate
from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.chain import RootChainBroken
from tufkeep.metadata.edit import ThresholdUnreachable
from tufkeep.metadata.refusal import ExpiredMetadata
from tufkeep.stores import MemoryStore
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.workspace import ArtifactChanged, Source, layout


def names(sim: Simulator, prefix: str) -> list[str]:
    return [entry.name.removeprefix(prefix) for entry in sim.store.list(prefix)]


def test_a_new_repository_holds_what_a_web_server_serves(sim: Simulator) -> None:
    assert names(sim, layout.REPOSITORY) == [
        "1.root.json",
        "1.snapshot.json",
        "1.targets.json",
        "root.json",
        "snapshot.json",
        "targets.json",
        "timestamp.json",
    ]
    assert names(sim, layout.STAGED) == []
    assert names(sim, layout.KEYS) == ["root.json", "snapshot.json", "targets.json", "timestamp.json"]


def test_a_client_follows_a_release(sim: Simulator) -> None:
    client = sim.new_client()
    client.refresh()
    sim.release("agent/linux/stable/agent", b"v1")
    assert client.refresh().targets == 2
    into = MemoryStore()
    client.download("agent/linux/stable/agent", into)
    assert [into.read(entry.name) for entry in into.list()] == [b"v1"]


def test_artifacts_lie_under_both_hashes_and_keep_their_executable_bit(sim: Simulator) -> None:
    sim.store.write_stream("staged/targets/dir/tool", [b"#!/bin/sh\n"], executable=True)
    workspace = sim.workspace
    with workspace.edit("add") as edit:
        edit.add_artifacts([Source(path="dir/tool", file=None)])
    sim.commit(workspace)
    found = list(sim.store.list("repository/targets/"))
    assert len(found) == 2
    assert all(entry.executable and entry.name.endswith(".tool") for entry in found)


def test_many_changes_make_one_version(sim: Simulator) -> None:
    for version in ("1", "2", "3"):
        workspace = sim.workspace
        sim.store.write_stream(f"staged/targets/tool-{version}", [version.encode()])
        with workspace.edit("add") as edit:
            edit.add_artifacts([Source(path=f"tool-{version}", file=None)])
    sim.commit(sim.workspace)
    state = sim.workspace.state
    assert {role: state.committed(role).version for role in layout.ROLES} == {  # type: ignore[union-attr]
        "root": 1,
        "targets": 2,
        "snapshot": 2,
        "timestamp": 2,
    }


def test_a_new_root_key_signs_together_with_the_old_one(clock: FakeClock) -> None:
    sim = Simulator(clock, root_keys=3)
    client = sim.new_client()
    client.refresh()
    workspace = sim.workspace
    key = generate()
    workspace.keyring.add(key, role="root", passphrase=None)
    with workspace.edit("key new") as edit:
        edit.add_key("root", key.public_key)
    staged = edit.staged["root"]
    assert len(staged.signatures) == 4
    sim.commit(workspace)
    assert client.refresh().root == 2


def test_all_root_keys_are_rotated_away_and_the_first_client_follows(clock: FakeClock) -> None:
    sim = Simulator(clock, root_keys=3)
    client = sim.new_client()
    client.refresh()
    old = list(sim.workspace.state.root.signed.roles["root"].keyids)
    workspace = sim.workspace
    new = [generate() for _ in old]
    for key in new:
        workspace.keyring.add(key, role="root", passphrase=None)
    with workspace.edit("rotate") as edit:
        for key in new:
            edit.add_key("root", key.public_key)
    sim.commit(workspace)
    workspace = sim.workspace
    with workspace.edit("rotate") as edit:
        for keyid in old:
            edit.revoke_key("root", keyid)
    sim.commit(workspace)
    assert client.refresh().root == 3
    assert set(sim.workspace.state.root.signed.roles["root"].keyids) == {key.keyid for key in new}
    assert sim.new_client().refresh().root == 3


def test_a_root_that_the_old_root_did_not_sign_is_not_committed(sim: Simulator) -> None:
    old = sim.workspace.state.root.signed.roles["root"].keyids[0]
    key = generate()
    workspace = sim.workspace
    sim.store.delete("keys/root.json")
    workspace.keyring.add(key, role="root", passphrase=None)
    with workspace.edit("rotate") as edit:
        edit.add_key("root", key.public_key)
        edit.revoke_key("root", old)
    with pytest.raises(RootChainBroken, match=r"root v2: signed by 0 of 1 keys of root v1"):
        workspace.plan_commit()


def test_the_last_key_of_a_role_is_not_revoked(sim: Simulator) -> None:
    with pytest.raises(ThresholdUnreachable), sim.workspace.edit("revoke") as edit:
        edit.revoke_key("targets", sim.workspace.state.root.signed.roles["targets"].keyids[0])
    assert names(sim, layout.STAGED) == []


@pytest.mark.parametrize("role", ["targets", "snapshot", "timestamp"])
def test_a_rotated_online_key_signs_what_the_old_one_had_signed(sim: Simulator, role: str) -> None:
    sim.release("tool", b"tool")
    client = sim.new_client()
    client.refresh()
    old = sim.workspace.state.root.signed.roles[role].keyids[0]
    workspace = sim.workspace
    key = generate()
    workspace.keyring.add(key, role=role, passphrase=None)
    with workspace.edit("rotate") as edit:
        edit.add_key(role, key.public_key)
        edit.revoke_key(role, old)
    sim.commit(workspace)
    assert client.refresh().root == 2
    assert sim.new_client().refresh().root == 2


def test_what_is_expired_is_named_and_does_not_stop_what_is_mended(sim: Simulator, clock: FakeClock) -> None:
    client = sim.new_client()
    client.refresh()
    clock.advance(days=100)  # snapshot and timestamp are over
    with pytest.raises(ExpiredMetadata):
        client.refresh()
    workspace = sim.workspace
    with workspace.edit("renew", follow=False) as edit:
        edit.renew("timestamp")
    plan = workspace.plan_commit()
    assert plan.proof is not None
    assert plan.proof.expired == ("snapshot",)
    workspace.commit(plan)
    sim.renew("snapshot")
    assert client.refresh().snapshot == 2


def test_a_new_version_never_ends_earlier_by_accident(sim: Simulator) -> None:
    workspace = sim.workspace
    with workspace.edit("expire") as edit:
        edit.set_expiry("targets", edit.now + timedelta(days=3000))
    sim.commit(workspace)
    before = sim.workspace.state.committed("targets")
    sim.release("tool", b"tool")
    after = sim.workspace.state.committed("targets")
    assert before is not None
    assert after is not None
    assert after.expires == before.expires


@pytest.mark.parametrize(
    ("before", "after"),
    [(b'"signed":{', b'"signed":{"version":99,'), (b'{"signatures"', b'{"signed":{},"signatures"')],
    ids=["inside", "envelope"],
)
def test_metadata_that_two_readers_may_read_differently_is_not_committed(
    sim: Simulator, before: bytes, after: bytes
) -> None:
    with sim.workspace.edit("renew") as edit:
        edit.renew("timestamp")
    name = layout.staged("timestamp")
    sim.store.write(name, sim.store.read(name).replace(before, after, 1))
    with pytest.raises(MalformedMetadata, match="names a member twice"):
        sim.workspace.plan_commit()


@pytest.mark.parametrize(
    ("other", "fact"),
    [
        (b"other!", "sha256 [0-9a-f]{16}... is signed, the staged file has [0-9a-f]{16}..."),
        (b"much longer", "length 6 is signed, the staged file has 11"),
    ],
)
def test_an_artifact_that_is_exchanged_after_it_was_hashed_is_not_committed(
    sim: Simulator, other: bytes, fact: str
) -> None:
    workspace = sim.workspace
    sim.store.write_stream("staged/targets/tool", [b"signed"])
    with workspace.edit("add") as edit:
        edit.add_artifacts([Source(path="tool", file=None)])
    plan = workspace.plan_commit()
    sim.store.write_stream("staged/targets/tool", [other])
    with pytest.raises(ArtifactChanged, match=f"target tool: {fact}"):
        workspace.commit(plan)
