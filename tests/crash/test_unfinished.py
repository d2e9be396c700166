"""An operation that is killed at any of its writes is finished by the same call, or abandoned without a trace."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import pytest

from tests.publish.conftest import Releaser, memory_remote, new_releaser
from tufkeep.ceremony.compromise import revoke_compromised
from tufkeep.ceremony.rotate import rotate
from tufkeep.client import Client, StoreFetcher
from tufkeep.errors import TufkeepError
from tufkeep.publish.publisher import Publisher
from tufkeep.publish.remote import Remote
from tufkeep.stores import MemoryStore, Store
from tufkeep.testing.broken import BrokenStore, StoreStopped
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.watch.status import status
from tufkeep.watch.verify import diagnose
from tufkeep.workspace import NotARepository, Workspace, layout
from tufkeep.workspace.abandon import abandon
from tufkeep.workspace.create import create
from tufkeep.workspace.operations import Blueprint
from tufkeep.workspace.unfinished import unfinished

When = Literal["before", "after"]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A directory and what is done in it."""

    store: Store
    work: Callable[[Workspace], object]
    reached: Callable[[Workspace], bool]  # what the work was to reach
    root: bytes = b""  # that old agents trust; empty where there is no repository yet
    again: bool = True  # doing it once more after it was done changes nothing
    lacking: frozenset[str] = frozenset()  # checks that fail where it was abandoned


def _init(clock: FakeClock) -> Scene:
    blueprint = Blueprint(root_keys=3, root_threshold=2)
    return Scene(
        store=MemoryStore(),
        work=lambda workspace: create(workspace, blueprint, new_passphrase=lambda request: None),
        reached=lambda workspace: workspace.state.committed("timestamp") is not None,
    )


def _rotation(role: str, *, one_step: bool = False) -> Callable[[FakeClock], Scene]:
    def scene(clock: FakeClock) -> Scene:
        sim = Simulator(clock, root_keys=2)
        old = set(sim.workspace.state.root.signed.roles[role].keyids)
        return Scene(
            store=sim.store,
            work=lambda workspace: rotate(workspace, role, new_passphrase=lambda request: None, one_step=one_step),
            reached=lambda workspace: old.isdisjoint(workspace.state.root.signed.roles[role].keyids),
            root=sim.first_root,
            again=False,
        )

    return scene


def _revocation(clock: FakeClock) -> Scene:
    sim = Simulator(clock)
    (stolen,) = sim.workspace.state.root.signed.roles["timestamp"].keyids
    return Scene(
        store=sim.store,
        work=lambda workspace: revoke_compromised(workspace, "timestamp", stolen, new_passphrase=lambda request: None),
        reached=lambda workspace: stolen not in workspace.state.root.signed.keys,
        root=sim.first_root,
    )


def _pull(clock: FakeClock) -> Scene:
    remote: Remote = memory_remote()
    first = new_releaser(remote, clock)
    root = first.store.read("repository/1.root.json")
    first.release("app", b"app")
    first.push()
    second = first.copy("second")
    second.pull()
    first.release("theirs", b"1")
    first.push()
    second.release("mine", b"2")
    return Scene(
        store=second.store,
        work=lambda workspace: Publisher(workspace, remote).pull(targets=True),
        reached=lambda workspace: Releaser(workspace.store, remote, clock).targets() == {"app", "theirs", "mine"},
        root=root,
        lacking=frozenset({"artifacts"}),
    )


def _first_pull(clock: FakeClock) -> Scene:
    remote = memory_remote()
    first = new_releaser(remote, clock)
    root = first.store.read("repository/1.root.json")
    first.release("app", b"app")
    first.push()
    return Scene(
        store=MemoryStore(),
        work=lambda workspace: Publisher(workspace, remote).pull(root=root, targets=True),
        reached=lambda workspace: Releaser(workspace.store, remote, clock).targets() == {"app"},
        lacking=frozenset({"artifacts"}),
    )


def _fetch(clock: FakeClock) -> Scene:
    """Return a directory whose metadata was pulled before, without the artifacts."""
    remote = memory_remote()
    first = new_releaser(remote, clock)
    for number in range(12):
        first.release(f"app-{number}", b"%d" % number)
    first.push()
    store = MemoryStore()
    root = first.store.read("repository/1.root.json")
    Publisher(Workspace(store, clock=clock), remote).pull(root=root)
    return Scene(
        store=store,
        work=lambda workspace: Publisher(workspace, remote).pull(targets=unfinished(workspace.store) == ()),
        reached=lambda workspace: len(list(workspace.store.list(layout.REPOSITORY_TARGETS))) == 24,
        lacking=frozenset({"artifacts"}),
    )


SCENES = {
    "init": _init,
    "rotate root": _rotation("root"),
    "rotate timestamp": _rotation("timestamp"),
    "rotate targets in one step": _rotation("targets", one_step=True),
    "key revoke": _revocation,
    "pull": _pull,
    "first pull": _first_pull,
    "pull --targets": _fetch,
}


def clone(store: Store) -> MemoryStore:
    copy = MemoryStore()
    for entry in store.list():
        copy.write(entry.name, store.read(entry.name), private=entry.name.startswith(layout.KEYS))
    return copy


def killed(scene: Scene, clock: FakeClock, when: When) -> Iterator[tuple[int, MemoryStore]]:
    """Yield the directory as each kill leaves it."""
    for stop_at in itertools.count(1):
        inner = clone(scene.store)
        store = BrokenStore(inner, stop_at=stop_at, when=when)
        try:
            scene.work(Workspace(store, clock=clock))
        except StoreStopped:
            yield stop_at, inner
        else:
            assert stop_at > 10
            return


def require_healthy(store: Store, clock: FakeClock, scene: Scene, *, lacking: frozenset[str] = frozenset()) -> None:
    """Nothing is unfinished, doctor finds no error, agents follow, and another operation can begin.

    Args:
        lacking: checks that may fail.
    """
    workspace = Workspace(store, clock=clock)
    assert unfinished(store) == ()
    if not workspace.state.exists:
        with pytest.raises(NotARepository):
            diagnose(workspace)
        return
    errors = [finding for finding in diagnose(workspace).errors if finding.check not in lacking]
    assert [finding.sentence for finding in errors] == []
    if any(store.list(layout.KEYS)):
        rotate(Workspace(store, clock=clock), "snapshot", new_passphrase=lambda request: None)
    client = Client(MemoryStore(), StoreFetcher(store, folder="repository"), clock=clock)
    client.init(scene.root or store.read("repository/1.root.json"))
    client.refresh()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", SCENES)
def test_killed_at_any_write_the_same_call_finishes(clock: FakeClock, name: str, when: When) -> None:
    scene = SCENES[name](clock)
    for stop_at, store in killed(scene, clock, when):
        workspace = Workspace(store, clock=clock)
        done = not unfinished(store) and not workspace.interrupted and _reached(workspace, scene)
        if scene.again or not done:
            scene.work(workspace)
        assert _reached(Workspace(store, clock=clock), scene), stop_at
        require_healthy(store, clock, scene)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", SCENES)
def test_killed_at_any_write_it_can_be_abandoned(clock: FakeClock, name: str, when: When) -> None:
    scene = SCENES[name](clock)
    shown = 0
    for _, store in killed(scene, clock, when):
        keys = {entry.name for entry in store.list(layout.KEYS)}
        for found in unfinished(store):
            shown += 1
            assert found in status(Workspace(store, clock=clock)).unfinished
            lost = abandon(Workspace(store, clock=clock), found)
            assert set(lost.keys) <= keys
            if name == "pull":
                targets = Workspace(store, clock=clock).state.current("targets")
                assert ("target mine" in lost.changes) != (targets is not None and "mine" in targets.signed.targets)
        assert keys <= {entry.name for entry in store.list(layout.KEYS)}
        with Workspace(store, clock=clock).exclusive("look"):
            pass
        if name == "pull":
            _clean_unadded(store, clock)
        require_healthy(store, clock, scene, lacking=scene.lacking)
    assert shown > 5


@pytest.mark.parametrize("name", ["rotate root", "init", "pull"])
def test_an_abandonment_that_is_killed_can_be_made_again(clock: FakeClock, name: str) -> None:
    scene = SCENES[name](clock)
    for _, left in killed(scene, clock, "before"):
        for found in unfinished(left):
            for stop_at in itertools.count(1):
                inner = clone(left)
                store = BrokenStore(inner, stop_at=stop_at)
                try:
                    abandon(Workspace(store, clock=clock), found)
                except StoreStopped:
                    for again in unfinished(inner):
                        abandon(Workspace(inner, clock=clock), again)
                    with Workspace(inner, clock=clock).exclusive("look"):
                        pass
                    assert unfinished(inner) == ()
                    assert Workspace(inner, clock=clock).staged_files() == () or name == "pull"
                else:
                    break


def _reached(workspace: Workspace, scene: Scene) -> bool:
    try:
        return scene.reached(workspace)
    except (TufkeepError, AssertionError):
        return False


def _clean_unadded(store: Store, clock: FakeClock) -> None:
    if Workspace(store, clock=clock).staged_files():
        Workspace(store, clock=clock).clean()
