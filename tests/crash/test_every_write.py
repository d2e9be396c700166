"""The process is killed at every write of every change: nothing is lost, agents go on, the next command finishes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pytest

from tufkeep.ceremony.rotate import rotate
from tufkeep.client import Client, StoreFetcher
from tufkeep.keys.private import generate
from tufkeep.stores import MemoryStore, Store
from tufkeep.testing.broken import clone, stopped_everywhere
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.workspace import Source, UnaddedArtifacts, Workspace, layout
from tufkeep.workspace.create import create
from tufkeep.workspace.operations import Blueprint

Work = Callable[[Workspace], None]


def release(workspace: Workspace) -> None:
    workspace.store.write_stream("staged/targets/agent/tool", [b"new"], executable=True)
    workspace.store.write_stream("staged/targets/agent/other", [b"other"])
    with workspace.edit("add") as edit:
        edit.add_artifacts([Source(path=path, file=None) for path in ("agent/tool", "agent/other")])
    workspace.commit(workspace.plan_commit())


def remove(workspace: Workspace) -> None:
    with workspace.edit("remove") as edit:
        edit.remove_targets([path for path in ("agent/first",) if _listed(workspace, path)])
    workspace.commit(workspace.plan_commit())


def add_root_key(workspace: Workspace) -> None:
    key = generate()
    workspace.keyring.add(key, role="root", passphrase=None)
    with workspace.edit("key new") as edit:
        edit.add_key("root", key.public_key)
    workspace.commit(workspace.plan_commit())


def rotate_everything(workspace: Workspace) -> None:
    old = {role: list(workspace.state.root.signed.roles[role].keyids) for role in layout.ROLES}
    with workspace.edit("rotate") as edit:
        for role in layout.ROLES:
            key = generate()
            edit.keyring.add(key, role=role, passphrase=None)
            edit.add_key(role, key.public_key)
    workspace.commit(workspace.plan_commit())
    with workspace.edit("rotate") as edit:
        for role, keyids in old.items():
            for keyid in keyids:
                edit.revoke_key(role, keyid)
    workspace.commit(workspace.plan_commit())


def rotate_root(workspace: Workspace) -> None:
    rotate(workspace, "root", new_passphrase=lambda request: None)


def rotate_targets(workspace: Workspace) -> None:
    rotate(workspace, "targets", new_passphrase=lambda request: None)


def renew(workspace: Workspace) -> None:
    with workspace.edit("renew") as edit:
        for role in layout.ROLES:
            edit.renew(role)
    workspace.commit(workspace.plan_commit())


def _listed(workspace: Workspace, path: str) -> bool:
    targets = workspace.state.current("targets")
    return targets is not None and path in targets.signed.targets


def agent(store: Store, clock: FakeClock, root: bytes, *, state: Store | None = None) -> Client:
    client = Client(state or MemoryStore(), StoreFetcher(store, folder="repository"), clock=clock)
    client.init(root)
    return client


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("work", [release, remove, add_root_key, rotate_everything, rotate_root, rotate_targets, renew])
def test_killed_at_any_write_a_change_is_not_made_or_finished_by_the_next(
    clock: FakeClock, work: Work, when: Literal["before", "after"]
) -> None:
    sim = Simulator(clock, root_keys=2)
    sim.release("agent/first", b"first")
    keys_before = {entry.name for entry in sim.store.list(layout.KEYS)}
    state = MemoryStore()
    agent(sim.store, clock, sim.first_root, state=state).refresh()
    for store in stopped_everywhere(
        lambda: clone(sim.store), lambda store: work(Workspace(store, clock=clock)), when=when, at_least=5
    ):
        inner = store.inner
        old_agent = agent(inner, clock, sim.first_root, state=clone(state))
        if not any(entry.name == layout.JOURNAL for entry in inner.list(layout.OWN)):
            # No commit was begun or one has come to its end: agents see a whole repository.
            old_agent.refresh()
            agent(inner, clock, sim.first_root).refresh()
        workspace = Workspace(store, clock=clock)
        with workspace.exclusive("look"):
            pass
        old_agent.refresh()
        agent(inner, clock, sim.first_root).refresh()
        assert keys_before <= {entry.name for entry in inner.list(layout.KEYS)}
        _go_on(workspace, work)
        old_agent.refresh()
        fresh = agent(inner, clock, sim.first_root)
        assert fresh.refresh().root == max(workspace.state.roots)
        into = MemoryStore()
        for target in fresh.list():
            fresh.download(target.path, into)


def _go_on(workspace: Workspace, work: Work) -> None:
    """Do the work again, as a person would who does not know how far it came."""
    workspace.complete()
    try:
        work(workspace)
    except UnaddedArtifacts as left:
        with workspace.edit("add") as edit:
            edit.add_artifacts([Source(path=path, file=None) for path in left.paths])
        workspace.commit(workspace.plan_commit())


@pytest.mark.parametrize("when", ["before", "after"])
def test_init_killed_at_any_write_goes_on_with_the_keys_it_made(
    clock: FakeClock, when: Literal["before", "after"]
) -> None:
    blueprint = Blueprint(root_keys=3, root_threshold=2)

    def work(store: Store) -> None:
        create(Workspace(store, clock=clock), blueprint, new_passphrase=lambda request: None)

    for store in stopped_everywhere(MemoryStore, work, when=when, at_least=20):
        inner = store.inner
        keys = {entry.name: inner.read(entry.name) for entry in inner.list(layout.KEYS)}
        begun = store.stat(layout.INIT) is not None
        done = store.stat("repository/timestamp.json") is not None and not begun
        if not done:
            create(Workspace(store, clock=clock), None if begun else blueprint, new_passphrase=lambda request: None)
        for name, data in keys.items():
            assert inner.read(name) == data
        assert len(list(inner.list(layout.KEYS))) == 6
        assert agent(inner, clock, inner.read("repository/1.root.json")).refresh().root == 1


@pytest.mark.parametrize("work", [release, rotate_everything])
def test_a_full_disk_leaves_what_was_there_and_lets_the_work_be_done_later(clock: FakeClock, work: Work) -> None:
    sim = Simulator(clock, root_keys=2)
    for store in stopped_everywhere(
        lambda: clone(sim.store), lambda store: work(Workspace(store, clock=clock)), full=True, at_least=10
    ):
        inner = store.inner
        workspace = Workspace(store, clock=clock)
        with workspace.exclusive("look"):
            pass
        agent(inner, clock, sim.first_root).refresh()
        _go_on(workspace, work)
        agent(inner, clock, sim.first_root).refresh()
