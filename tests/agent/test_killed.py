"""The real thing: SIGKILL before every change of the disk, while a client refreshes and an agent installs."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.agent.agent_story import APP, TOOL, Fleet, packed, script
from tests.client.conftest import PATIENT
from tufkeep.agent import Component
from tufkeep.agent.outcome import DidNotStart
from tufkeep.client import Client, StoreFetcher
from tufkeep.stores import FolderStore, MemoryStore
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.forge import Forge
from tufkeep.testing.killing import killed_at

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


Step = Callable[[Path], object]


def every_kill(work: Step, check: Step, *, begin: Step, tmp: Path) -> int:
    """Kill the work at each change of the disk, each time on a fresh folder; return how many there were."""
    for number in itertools.count(1):
        folder = tmp / f"run{number}"
        begin(folder)
        killed = killed_at(number, partial(work, folder))
        check(folder)
        if not killed:
            return number
    raise AssertionError


def test_a_client_killed_at_any_moment_reaches_the_newest_state(tmp_path: Path, clock: FakeClock) -> None:
    forge = Forge(now=clock())
    forge.add("app", b"1.0")
    forge.publish()
    old = {entry.name: forge.store.read(entry.name) for entry in forge.store.list()}
    forge.rotate("root")
    forge.rotate("timestamp")
    forge.publish_root()
    forge.add("app", b"1.1")
    forge.publish()
    new = {entry.name: forge.store.read(entry.name) for entry in forge.store.list()}

    def serve(files: dict[str, bytes]) -> StoreFetcher:
        store = MemoryStore()
        for name, data in files.items():
            store.write(name, data)
        return StoreFetcher(store)

    before, after = serve(old), serve(new)

    def work(folder: Path, server: StoreFetcher = after) -> None:
        client = Client(FolderStore(folder / "state"), server, clock=clock, limits=PATIENT)
        client.init(forge.root())
        client.refresh()
        client.download("app", FolderStore(folder / "files"))

    def check(folder: Path) -> None:
        assert (folder / "files" / "app").read_bytes() in (b"1.0", b"1.1")
        work(folder)
        assert (folder / "files" / "app").read_bytes() == b"1.1"

    assert every_kill(work, check, begin=lambda folder: work(folder, before), tmp=tmp_path) > 20


@pytest.mark.parametrize(("component", "links"), [(TOOL, False), (APP, True)], ids=["file", "archive"])
def test_an_agent_killed_at_any_moment_has_a_whole_version_in_use(
    tmp_path: Path, clock: FakeClock, component: Component, links: bool
) -> None:
    def data(says: str) -> bytes:
        return packed({"app/bin/run": script(says), "app/data": b"data"}) if component is APP else script(says)

    fleets: dict[Path, Fleet] = {}

    def begin(folder: Path) -> None:
        fleet = fleets[folder] = Fleet(folder, clock, links=links)
        for version in ("1.0", "1.1"):
            fleet.release(component, version, data(version))
            fleet.once(component)
        fleet.release(component, "1.2", data("1.2"))

    def work(folder: Path) -> None:
        fleets[folder].once(component)

    def check(folder: Path) -> None:
        fleet = fleets[folder]
        assert fleet.in_use(component) in (script("1.1"), script("1.2"))
        assert os.access(fleet.agent().executable(component) or "", os.X_OK)
        fleet.once(component)
        assert fleet.in_use(component) == script("1.2")
        assert fleet.versions(component) == ["1.1", "1.2"]
        assert fleet.leftovers(component) == []

    assert every_kill(work, check, begin=begin, tmp=tmp_path) > 20


def test_an_agent_killed_while_it_goes_back_has_a_whole_version_in_use(tmp_path: Path, clock: FakeClock) -> None:
    component = replace(TOOL, check=(), start=("{executable}",))
    fleets: dict[Path, Fleet] = {}

    def begin(folder: Path) -> None:
        fleet = fleets[folder] = Fleet(folder, clock)
        fleet.release(component, "1.0", script("1.0"))
        fleet.once(component)
        fleet.release(component, "1.1", script("1.1", code=1))

    def work(folder: Path) -> None:
        with pytest.raises(DidNotStart):
            fleets[folder].once(component)

    def check(folder: Path) -> None:
        fleet = fleets[folder]
        for _ in range(4):
            try:
                fleet.once(component)
            except DidNotStart:
                continue
        assert fleet.in_use(component) == script("1.0")

    assert every_kill(work, check, begin=begin, tmp=tmp_path) > 10
