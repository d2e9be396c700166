from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from securesystemslib.signer import Key
from tuf.api.metadata import Root
from tuf.ngclient import Updater

from tests.client.web import Web, web_server
from tufkeep.ceremony.compromise import already_revoked, harms, revoke_compromised
from tufkeep.clock import system_clock
from tufkeep.metadata.chain import RootChainBroken
from tufkeep.metadata.document import Document, editable
from tufkeep.metadata.edit import KeyNotListed
from tufkeep.metadata.plan import entry
from tufkeep.metadata.refusal import RollbackRefused
from tufkeep.stores import MemoryStore
from tufkeep.testing.broken import BrokenStore, StoreStopped
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.workspace import Workspace, layout
from tufkeep.workspace.unfinished import OperationUnfinished, StagedInTheWay

HIGH = 1_000_000


def _keyid(sim: Simulator, role: str) -> str:
    (keyid,) = sim.workspace.state.root.signed.roles[role].keyids
    return keyid


def _raise_versions(sim: Simulator, *roles: str) -> None:
    """Do what the thief of these keys would do: publish versions that no honest one reaches."""
    state, ring = sim.workspace.state, sim.workspace.keyring
    documents = {role: found for role in layout.ROLES if (found := state.committed(role)) is not None}
    for role in ("targets", "snapshot", "timestamp"):
        if role not in roles:
            continue
        model = editable(documents[role])
        model.version = HIGH
        if role == "snapshot" and "targets" in roles:
            model.meta["targets.json"] = entry(documents["targets"])
        if role == "timestamp":
            model.snapshot_meta = entry(documents["snapshot"])
        document = Document.of(model)
        (key,) = ring.find(state.root.signed.roles[role].keyids, role=role)
        documents[role] = document.with_signatures([key.sign(document.payload)])
        names = [f"{role}.json"] if role == "timestamp" else [f"{role}.json", f"{HIGH}.{role}.json"]
        for name in names:
            sim.mirror.write(name, documents[role].data)


def _revoke(sim: Simulator, role: str) -> None:
    revoke_compromised(sim.workspace, role, _keyid(sim, role)[:8], new_passphrase=lambda request: None)
    sim.publish()


@pytest.mark.parametrize(
    "stolen", [("timestamp",), ("snapshot", "timestamp"), ("targets", "snapshot", "timestamp")], ids="+".join
)
def test_agents_that_saw_versions_beyond_reach_follow_again(clock: FakeClock, stolen: tuple[str, ...]) -> None:
    sim = Simulator(clock)
    sim.release("tool", b"tool")
    victim, spared = sim.new_client(), sim.new_client()
    spared.refresh()
    _raise_versions(sim, *stolen)
    victim.refresh()
    sim.publish()
    with pytest.raises(RollbackRefused):
        victim.refresh()
    for role in stolen:
        _revoke(sim, role)
    assert victim.refresh().root == spared.refresh().root == 1 + len(stolen)
    sim.release("tool", b"mended")
    into = MemoryStore()
    victim.refresh()
    victim.download("tool", into)
    assert [into.read(entry.name) for entry in into.list()] == [b"mended"]


def test_versions_that_were_pulled_from_the_thief_are_gone_on_from(clock: FakeClock) -> None:
    sim = Simulator(clock)
    victim, spared = sim.new_client(), sim.new_client()
    spared.refresh()
    _raise_versions(sim, "snapshot", "timestamp")
    victim.refresh()
    for served in sim.mirror.list():
        sim.store.write(layout.REPOSITORY + served.name, sim.mirror.read(served.name))
    for role in ("snapshot", "timestamp"):
        _revoke(sim, role)
    assert victim.refresh().root == spared.refresh().root == 3
    assert sim.new_client().refresh().root == 3


def test_without_the_revocation_the_renewed_metadata_would_be_refused(clock: FakeClock) -> None:
    sim = Simulator(clock)
    victim = sim.new_client()
    _raise_versions(sim, "timestamp")
    victim.refresh()
    sim.renew("timestamp")
    with pytest.raises(RollbackRefused):
        victim.refresh()


@pytest.fixture
def web() -> Iterator[Web]:
    with web_server() as web:
        yield web


def test_python_tuf_follows_after_a_theft(web: Web, tmp_path: Path) -> None:
    now = system_clock()
    sim = Simulator(FakeClock(now))
    sim.release("tool", b"tool")
    state = tmp_path / "metadata"
    state.mkdir()

    def updater() -> Updater:
        return Updater(str(state), web.url, str(tmp_path), f"{web.url}/targets/", bootstrap=sim.first_root)

    def serve() -> None:
        for served in sim.mirror.list():
            web.file(f"/{served.name}", sim.mirror.read(served.name))

    _raise_versions(sim, "snapshot", "timestamp")
    serve()
    updater().refresh()
    for role in ("snapshot", "timestamp"):
        _revoke(sim, role)
    serve()
    after = updater()
    after.refresh()
    target = after.get_targetinfo("tool")
    assert target is not None
    assert Path(after.download_target(target)).read_bytes() == b"tool"


def test_it_is_said_what_the_thief_can_do_and_since_when(clock: FakeClock) -> None:
    sim = Simulator(clock, root_keys=3, root_threshold=2)
    keyid, (harm,) = harms(sim.workspace, "timestamp", _keyid(sim, "timestamp")[:8])
    assert (keyid, harm.alone, harm.since_root) == (_keyid(sim, "timestamp"), True, 1)
    assert harm.signed == ("timestamp v1",)
    assert "alone" in harm.sentence
    root_keyid = sim.workspace.state.root.signed.roles["root"].keyids[0]
    _, (shared,) = harms(sim.workspace, "root", root_keyid)
    assert "together with 1 of the 2 other root keys" in shared.sentence
    with pytest.raises(KeyNotListed):
        harms(sim.workspace, "targets", "ffff")


def test_a_stolen_root_key_is_replaced_and_an_agent_on_the_first_root_follows(clock: FakeClock) -> None:
    sim = Simulator(clock, root_keys=3, root_threshold=2)
    stolen = sim.workspace.state.root.signed.roles["root"].keyids[0]
    revoked = revoke_compromised(sim.workspace, "root", stolen, new_passphrase=lambda request: None)
    sim.publish()
    root = sim.workspace.state.root.signed
    assert stolen not in root.keys
    assert len(root.roles["root"].keyids) == 3
    assert (revoked.root, revoked.forgotten) == (2, ())
    assert sim.new_client().refresh().root == 2


def test_a_key_in_two_roles_leaves_both(clock: FakeClock) -> None:
    sim = Simulator(clock)
    workspace = sim.workspace
    shared = workspace.state.root.signed.keys[_keyid(sim, "timestamp")]
    with workspace.edit("key new") as edit:
        edit.add_key("snapshot", shared)
    sim.commit(workspace)
    revoked = revoke_compromised(sim.workspace, "timestamp", shared.keyid, new_passphrase=lambda request: None)
    sim.publish()
    assert revoked.roles == ("snapshot", "timestamp")
    assert shared.keyid not in sim.workspace.state.root.signed.keys
    assert sim.new_client().refresh().root == 3


def test_without_root_keys_it_waits_for_them_and_goes_on(clock: FakeClock) -> None:
    sim = Simulator(clock)
    old = sim.store.read("keys/root.json")
    sim.store.delete("keys/root.json")
    stolen = _keyid(sim, "timestamp")
    with pytest.raises(RootChainBroken):
        revoke_compromised(sim.workspace, "timestamp", stolen, new_passphrase=lambda request: None)
    with pytest.raises(OperationUnfinished):
        revoke_compromised(sim.workspace, "targets", _keyid(sim, "targets"), new_passphrase=lambda request: None)
    sim.store.write("keys/root.json", old, private=True)
    workspace = sim.workspace
    workspace.sign()
    revoked = revoke_compromised(workspace, "timestamp", stolen, new_passphrase=lambda request: None)
    assert revoked.root == 2
    assert len(list(sim.store.list("keys/timestamp"))) == 2  # no third one was made
    assert sim.store.stat(layout.COMPROMISE) is None


def test_revoked_once_more_it_is_said_what_took_the_key_out(clock: FakeClock) -> None:
    sim = Simulator(clock)
    stolen = _keyid(sim, "timestamp")
    first = revoke_compromised(sim.workspace, "timestamp", stolen, new_passphrase=lambda request: None)
    before = {entry.name: sim.store.read(entry.name) for entry in sim.store.list()}
    assert already_revoked(sim.workspace, "timestamp", stolen[:8]) == first
    assert revoke_compromised(sim.workspace, "timestamp", stolen, new_passphrase=lambda request: None) == first
    assert {entry.name: sim.store.read(entry.name) for entry in sim.store.list()} == before
    assert already_revoked(sim.workspace, "timestamp", _keyid(sim, "timestamp")) is None
    with pytest.raises(KeyNotListed):
        revoke_compromised(sim.workspace, "targets", stolen, new_passphrase=lambda request: None)


def test_a_key_that_is_listed_twice_is_revoked_twice(clock: FakeClock) -> None:
    """One private key is behind both keyids, and its thief signs under either."""
    sim = Simulator(clock)
    stolen, other = _keyid(sim, "timestamp"), "ab" * 32
    with sim.workspace.edit("import") as edit:
        edit.renew("root")
        root = edit.models["root"]
        assert isinstance(root, Root)
        root.keys[other] = Key.from_dict(other, root.keys[stolen].to_dict())
        root.roles["timestamp"].keyids.append(other)
    sim.commit(sim.workspace)
    revoke_compromised(sim.workspace, "timestamp", stolen, new_passphrase=lambda request: None)
    left = sim.workspace.state.root.signed
    assert not {stolen, other} & {*left.keys, *left.roles["timestamp"].keyids}


def test_a_staged_change_is_not_committed_along(clock: FakeClock) -> None:
    sim = Simulator(clock)
    with sim.workspace.edit("renew") as edit:
        edit.renew("targets")
    with pytest.raises(StagedInTheWay):
        _revoke(sim, "timestamp")


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_write_the_same_call_finishes(clock: FakeClock, when: Literal["before", "after"]) -> None:
    for stop_at in itertools.count(1):
        sim = Simulator(clock, store=MemoryStore())
        stolen = _keyid(sim, "timestamp")
        store = BrokenStore(sim.store, stop_at=stop_at, when=when)
        try:
            revoke_compromised(Workspace(store, clock=clock), "timestamp", stolen, new_passphrase=lambda request: None)
        except StoreStopped:
            store.revive()
        else:
            break
        revoke_compromised(Workspace(store, clock=clock), "timestamp", stolen, new_passphrase=lambda request: None)
        assert _committed_without(sim, stolen)
        assert [line.entry.after["timestamp"].version for line in sim.workspace.record.read()] == [1, 2]
        sim.publish()
        assert sim.new_client().refresh().root == 2
    assert stop_at > 10


def _committed_without(sim: Simulator, keyid: str) -> bool:
    with sim.workspace.exclusive("look"):
        root = sim.workspace.state.committed("root")
    return root is not None and keyid not in root.signed.keys


def test_an_expired_repository_recovers_too(clock: FakeClock) -> None:
    sim = Simulator(clock)
    clock.set(clock() + timedelta(days=500))
    _revoke(sim, "timestamp")
    sim.renew("targets", "snapshot", "timestamp")
    assert sim.new_client().refresh().root == 2
