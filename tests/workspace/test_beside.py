"""A renewal beside what is staged: agents stay fresh, and a person's change stays whole."""

from __future__ import annotations

from typing import Literal

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from tufkeep.client import Client, StoreFetcher
from tufkeep.keys.folder import KeyFolder
from tufkeep.keys.keyring import Keyring
from tufkeep.keys.private import generate
from tufkeep.stores import MemoryStore, Store
from tufkeep.testing.broken import clone, stopped_everywhere
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.workspace import NeverCommitted, PlanOutdated, Source, Workspace, layout
from tufkeep.workspace.base import read_bases
from tufkeep.workspace.beside import DueElsewhere, Renewed

ONLINE = ("snapshot", "timestamp")


def having(store: Store, clock: FakeClock, *roles: str) -> Workspace:
    """Return the working directory on a machine that has the keys of these roles only."""
    keys = MemoryStore()
    for entry in store.list(layout.KEYS):
        name = entry.name.removeprefix(layout.KEYS)
        if name.removesuffix(".json").rstrip("0123456789") in roles:
            keys.write(name, store.read(entry.name), private=True)
    return Workspace(store, clock=clock, keyring=Keyring(KeyFolder(store=keys), passphrases=None))


def stage(workspace: Workspace, path: str, data: bytes = b"new") -> None:
    workspace.store.write_stream(layout.STAGED_TARGETS + path, [data])
    with workspace.edit("add") as edit:
        edit.add_artifacts([Source(path=path, file=None)])


def agent(store: Store, clock: FakeClock, root: bytes) -> Client:
    client = Client(MemoryStore(), StoreFetcher(store, folder="repository"), clock=clock)
    client.init(root)
    return client


def meant(store: Store) -> dict[str, bytes]:
    """What a person has staged: all but the snapshot and timestamp that follow from it."""
    follows = {layout.staged("snapshot"), layout.staged("timestamp")}
    return {entry.name: store.read(entry.name) for entry in store.list(layout.STAGED) if entry.name not in follows}


def nightly(sim: Simulator, *roles: str) -> Renewed:
    return having(sim.store, sim.clock, *(roles or ("timestamp",))).renew_committed()


def targets(workspace: Workspace) -> set[str]:
    committed = workspace.state.committed("targets")
    assert committed is not None
    return set(committed.signed.targets)


def test_a_releaser_stages_and_forgets_for_months_and_agents_stay_fresh(sim: Simulator, clock: FakeClock) -> None:
    sim.release("app", b"one")
    stage(sim.workspace, "app-2")
    before = meant(sim.store)
    client = agent(sim.store, clock, sim.first_root)
    for _ in range(60):
        clock.advance(days=4)
        nightly(sim, *ONLINE).require_all()
        assert client.refresh().timestamp > 1
        assert meant(sim.store) == before
    assert targets(sim.workspace) == {"app"}
    committed = sim.workspace.commit()
    assert set(committed.versions) == {"targets", "snapshot", "timestamp"}
    assert targets(sim.workspace) == {"app", "app-2"}
    client.refresh()


def test_what_a_person_staged_and_nobody_reviewed_is_not_committed_along(sim: Simulator, clock: FakeClock) -> None:
    stage(sim.workspace, "app")
    clock.advance(days=13)
    assert set(nightly(sim).committed.versions) == {"timestamp"}
    assert targets(sim.workspace) == set()


def test_a_plan_that_a_person_looked_at_holds_though_a_renewal_came_between(sim: Simulator, clock: FakeClock) -> None:
    workspace = sim.workspace
    stage(workspace, "app")
    plan = workspace.plan_commit()
    clock.advance(days=13)
    nightly(sim).require_all()
    with pytest.raises(PlanOutdated):
        other = clone(sim.store)
        stage(Workspace(other, clock=clock), "app-2")
        Workspace(other, clock=clock).commit(plan)
    assert workspace.commit(plan).versions["timestamp"] == 3
    assert agent(sim.store, clock, sim.first_root).refresh().timestamp == 3


def test_due_is_what_is_committed_though_it_is_renewed_in_what_is_staged(sim: Simulator, clock: FakeClock) -> None:
    clock.advance(days=13)
    sim.workspace.renew()
    assert sim.workspace.due() == ()
    assert set(nightly(sim).committed.versions) == {"timestamp"}
    assert nightly(sim).committed.versions == {}


def test_roles_whose_keys_are_elsewhere_are_named_and_stop_no_other(sim: Simulator, clock: FakeClock) -> None:
    client = agent(sim.store, clock, sim.first_root)
    for day in range(0, 360, 3):
        clock.advance(days=3)
        renewed = nightly(sim, *ONLINE)
        client.refresh()
        assert {each.role for each in renewed.waiting} <= {"root", "targets"}
        assert list(sim.store.list(layout.STAGED)) == []
        if day > 340:
            assert [each.role for each in renewed.waiting] == ["root", "targets"]
            with pytest.raises(DueElsewhere, match=r"root v1 and targets: due, and can't be renewed here"):
                renewed.require_all()
    sim.workspace.renew_committed().require_all()
    clock.advance(days=13)
    nightly(sim, *ONLINE).require_all()
    client.refresh()


def test_a_role_waits_with_the_key_that_it_needs(sim: Simulator, clock: FakeClock) -> None:
    renewed = having(sim.store, clock, "targets", "timestamp").renew_committed(["targets", "timestamp"])
    assert set(renewed.committed.versions) == {"timestamp"}
    (waiting,) = renewed.waiting
    assert waiting.role == "targets"
    assert waiting.needs is not None
    assert waiting.needs.role == "snapshot"
    assert waiting.needs.waiting == set(sim.workspace.state.root.signed.roles["snapshot"].keyids)


def test_a_renewal_that_can_sign_nothing_changes_nothing(sim: Simulator, clock: FakeClock) -> None:
    stage(sim.workspace, "app")
    before = {entry.name: sim.store.read(entry.name) for entry in sim.store.list("") if "lock" not in entry.name}
    clock.advance(days=13)
    renewed = nightly(sim, "root")
    assert [each.role for each in renewed.waiting] == ["timestamp"]
    assert {
        entry.name: sim.store.read(entry.name) for entry in sim.store.list("") if "lock" not in entry.name
    } == before


def test_staged_targets_are_made_again_where_the_keys_that_signed_them_are(sim: Simulator, clock: FakeClock) -> None:
    stage(sim.workspace, "app")
    renewed = sim.workspace.renew_committed(["targets"])
    assert set(renewed.again) == {"targets", "snapshot", "timestamp"}
    made_from = {role: base.made_from for role, base in read_bases(sim.store).items()}
    assert made_from == {role: document.sha256 for role, document in renewed.documents.items()}
    assert targets(sim.workspace) == set()
    sim.workspace.commit()
    assert targets(sim.workspace) == {"app"}
    assert agent(sim.store, clock, sim.first_root).refresh().targets == 3


def test_approvals_of_a_staged_root_are_kept_and_none_is_given(clock: FakeClock) -> None:
    sim = Simulator(clock, root_keys=3, root_threshold=2)
    first = MemoryStore()
    first.write("root1.json", sim.store.read("keys/root1.json"), private=True)
    one = Workspace(sim.store, clock=clock, keyring=Keyring(KeyFolder(store=first), passphrases=None))
    with one.edit("key new") as edit:
        edit.add_key("targets", generate().public_key)
    staged = sim.store.read("staged/root.json")
    renewed = sim.workspace.renew_committed(["root", "timestamp"])  # with all three keys at hand
    assert {each.keyid for each in sim.workspace.state.staged_documents["root"].signatures} == {
        each.keyid for each in one.state.root.signatures
    }
    assert set(renewed.committed.versions) == {"root", "timestamp"}
    again = sim.store.read("staged/root.json")
    assert again != staged

    two = having(sim.store, clock, "timestamp")
    for name in ("root2.json", "root3.json"):
        two.keyring._folder.store.write(name, sim.store.read(f"keys/{name}"), private=True)
    renewed = two.renew_committed(["root", "timestamp"])  # enough for root, but the one who signed is not here
    assert set(renewed.committed.versions) == {"timestamp"}
    assert [(each.role, each.needs) for each in renewed.waiting] == [("root", None)]
    assert sim.store.read("staged/root.json") == again
    sim.workspace.sign()
    assert "root" in sim.workspace.commit().versions


def test_a_staged_root_that_changes_the_online_keys_is_no_obstacle(sim: Simulator, clock: FakeClock) -> None:
    workspace = sim.workspace
    key = generate()
    workspace.keyring.add(key, role="timestamp", passphrase=None)
    old = list(workspace.state.root.signed.roles["timestamp"].keyids)
    with workspace.edit("rotate") as edit:
        edit.add_key("timestamp", key.public_key)
        for keyid in old:
            edit.revoke_key("timestamp", keyid)
    clock.advance(days=10)
    nightly(sim).require_all()
    client = agent(sim.store, clock, sim.first_root)
    assert client.refresh().timestamp == 2
    sim.workspace.commit()
    assert client.refresh().root == 2


@pytest.mark.parametrize("name", ["staged/targets.json", "staged/root.json", "staged/timestamp.json", ".tufkeep/base"])
@pytest.mark.parametrize("data", [b"", b"\xff{", b"[]"])
def test_what_is_staged_and_damaged_stops_no_renewal(sim: Simulator, clock: FakeClock, name: str, data: bytes) -> None:
    stage(sim.workspace, "app")
    sim.store.write(name, data)
    clock.advance(days=13)
    renewed = nightly(sim)
    assert set(renewed.committed.versions) == {"timestamp"}
    assert sim.store.read(name) == data or name == ".tufkeep/base"
    assert bool(renewed.left) == (name != ".tufkeep/base")


def test_files_in_staged_targets_stop_no_renewal(sim: Simulator, clock: FakeClock) -> None:
    sim.store.write_stream("staged/targets/app", [b"nobody added it"])
    clock.advance(days=13)
    assert set(nightly(sim).committed.versions) == {"timestamp"}
    assert sim.store.read("staged/targets/app") == b"nobody added it"


def test_a_change_over_another_repository_is_left_alone(sim: Simulator, clock: FakeClock) -> None:
    stage(sim.workspace, "app")
    staged = {entry.name: sim.store.read(entry.name) for entry in sim.store.list(layout.STAGED)}
    other = clone(sim.store)
    for entry in list(other.list(layout.STAGED)):
        other.delete(entry.name)
    theirs = Workspace(other, clock=clock)
    stage(theirs, "theirs")
    theirs.commit()
    for entry in other.list(layout.REPOSITORY):
        sim.store.write(entry.name, other.read(entry.name))
    clock.advance(days=13)
    renewed = nightly(sim)
    assert "was not made from the committed" in renewed.left
    assert {entry.name: sim.store.read(entry.name) for entry in sim.store.list(layout.STAGED)} == staged


def test_nothing_is_renewed_where_nothing_was_committed(clock: FakeClock) -> None:
    store = MemoryStore()
    sim = Simulator(clock)
    store.write("staged/root.json", sim.store.read("repository/root.json"))
    with pytest.raises(NeverCommitted):
        Workspace(store, clock=clock).renew_committed()


@pytest.mark.parametrize(
    ("when", "roles"), [("before", ("timestamp",)), ("after", ("snapshot",)), ("before", ("root", "targets"))]
)
def test_killed_at_any_write_both_the_change_and_the_renewal_survive(
    sim: Simulator, clock: FakeClock, when: Literal["before", "after"], roles: tuple[str, ...]
) -> None:
    sim.release("app", b"one")
    stage(sim.workspace, "app-2")
    with sim.workspace.edit("key new") as edit:
        edit.add_key("timestamp", generate().public_key)
    before = {role: document.version for role, document in sim.workspace.state.staged_documents.items()}
    clock.advance(days=1)

    def work(store: Store) -> None:
        Workspace(store, clock=clock).renew_committed(roles).require_all()

    for store in stopped_everywhere(lambda: clone(sim.store), work, when=when, at_least=5):
        client = agent(store.inner, clock, sim.first_root)
        if store.stat(layout.JOURNAL) is None:
            client.refresh()
        work(store)
        client.refresh()
        workspace = Workspace(store, clock=clock)
        assert set(workspace.state.staged_documents) == set(before)
        assert targets(workspace) == {"app"}
        assert list(store.list(layout.PULLED)) == []
        workspace.commit()
        assert targets(workspace) == {"app", "app-2"}
        assert client.refresh().root >= 2
        assert workspace.record.read()


_ACTS = ["stage", "root", "sign", "commit", "clean", "nightly", "online", "all", "forget"]


def _play(acts: list[str]) -> None:
    """Two machines on one directory: at every hour agents are fresh, and what is staged is as it was meant."""
    clock = FakeClock()
    sim = Simulator(clock)
    client = agent(sim.store, clock, sim.first_root)
    wanted: set[str] = set()
    there: set[str] = set()
    for number, act in enumerate(acts):
        clock.advance(days=9 if act == "forget" else 1)
        workspace = sim.workspace
        if act == "stage":
            stage(workspace, f"app-{number}")
            wanted |= {f"app-{number}"}
        elif act == "root":
            with workspace.edit("key new") as edit:
                edit.add_key("timestamp", generate().public_key)
        elif act == "sign":
            workspace.sign()
        elif act == "commit":
            workspace.commit()
            there = set(wanted)
        elif act == "clean":
            workspace.clean()
            wanted = set(there)
        elif act == "all":
            workspace.renew_committed(layout.ROLES).require_all()
        having(sim.store, clock, *(ONLINE if act == "online" else ("timestamp",))).renew_committed()
        assert client.refresh()
        state = sim.workspace.state
        current = state.current("targets")
        assert current is not None
        assert set(current.signed.targets) == wanted
        assert targets(sim.workspace) == there
    sim.workspace.commit()
    assert targets(sim.workspace) == wanted
    client.refresh()


@settings(max_examples=8, deadline=None)
@given(st.lists(st.sampled_from(_ACTS), min_size=4, max_size=12))
def test_people_and_a_nightly_renewal_take_turns_in_any_order(acts: list[str]) -> None:
    _play(acts)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(_ACTS), min_size=4, max_size=40))
def test_people_and_a_nightly_renewal_take_turns_for_long(acts: list[str]) -> None:
    _play(acts)
