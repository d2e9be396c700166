"""A program holds a client and an agent with plain arguments, and what it gets wrong is one clear error."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tufkeep import (
    Agent,
    Client,
    Component,
    NoAddress,
    NoOrigin,
    NothingTrusted,
    ObjectMissing,
    OtherAnchor,
    TargetNotFound,
    TrustInTheWay,
    UnsafeTargetPath,
)
from tufkeep.client import HttpFetcher, StoreFetcher
from tufkeep.stores import FolderStore, MemoryStore
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator

SCRIPT = b"#!/bin/sh\nexit 0\n"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def sim(clock: FakeClock) -> Simulator:
    sim = Simulator(clock)
    sim.release("tool/linux/stable/tool", SCRIPT, {"version": "1.0"})
    return sim


@pytest.fixture
def served(sim: Simulator, tmp_path: Path) -> Path:
    """Return a folder with what a web server would serve."""
    folder = FolderStore(tmp_path / "served")
    for entry in sim.mirror.list():
        folder.write(entry.name, sim.mirror.read(entry.name))
    return tmp_path / "served"


@pytest.fixture
def root(sim: Simulator, tmp_path: Path) -> Path:
    path = tmp_path / "first-root.json"
    path.write_bytes(sim.first_root)
    return path


def test_a_verified_file_is_two_lines(tmp_path: Path, served: Path, root: Path, clock: FakeClock) -> None:
    client = Client.open(tmp_path / "state", str(served), root=str(root), clock=clock)
    done = client.download("tool/linux/stable/tool", to=tmp_path / "bin")
    assert done.file == tmp_path / "bin" / "tool/linux/stable/tool"
    assert done.file.read_bytes() == SCRIPT
    assert done.fetched
    assert not client.download("tool/linux/stable/tool", to=str(tmp_path / "bin")).fetched


def test_the_folder_remembers_where_its_repository_is(
    tmp_path: Path, served: Path, root: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Client.open("state", "served", root="first-root.json", clock=clock)
    monkeypatch.chdir(served)
    client = Client.open(tmp_path / "state", clock=clock)
    assert client.refresh().targets == 2
    assert client.where == str(served)


def test_a_root_may_be_given_at_each_start_as_bytes(
    tmp_path: Path, sim: Simulator, served: Path, clock: FakeClock
) -> None:
    for _ in range(2):
        client = Client.open(tmp_path / "state", served, root=sim.first_root, clock=clock)
    assert [target.path for target in client.list("tool/*")] == ["tool/linux/stable/tool"]
    assert list(client.list("other/*")) == []


def test_stores_and_fetchers_are_taken_in_place_of_folders(sim: Simulator, clock: FakeClock) -> None:
    for where in (sim.mirror, StoreFetcher(sim.mirror)):
        client = Client.open(MemoryStore(), where, root=sim.first_root, clock=clock)
        into = MemoryStore()
        assert client.download("tool/linux/stable/tool", to=into, name="tool").file is None
        assert into.read("tool") == SCRIPT


def test_a_url_with_a_password_is_shown_without_it(tmp_path: Path) -> None:
    client = Client.open(tmp_path / "state", "https://ana:secret@updates.example.com/x")
    assert repr(client) == f"Client(FolderStore('{tmp_path / 'state'}'), 'https://updates.example.com/x/')"
    assert repr(HttpFetcher("https://ana:secret@host/")) == "HttpFetcher('https://host/')"


def test_a_client_without_a_root_trusts_nothing(tmp_path: Path, served: Path, clock: FakeClock) -> None:
    with pytest.raises(NoOrigin):
        Client.open(tmp_path / "state", clock=clock)
    with pytest.raises(NothingTrusted):
        Client.open(tmp_path / "state", served, clock=clock).refresh()


def test_another_root_is_refused(tmp_path: Path, served: Path, root: Path, clock: FakeClock) -> None:
    Client.open(tmp_path / "state", served, root=root, clock=clock)
    with pytest.raises(OtherAnchor):
        Client.open(tmp_path / "state", served, root=Simulator(clock).first_root, clock=clock)


def test_a_target_cannot_overwrite_what_is_trusted(tmp_path: Path, served: Path, root: Path, clock: FakeClock) -> None:
    client = Client.open(tmp_path / "state", served, root=root, clock=clock)
    for folder in (tmp_path, tmp_path / "state", tmp_path / "state" / ".tufkeep"):
        with pytest.raises(TrustInTheWay):
            client.download("tool/linux/stable/tool", to=folder)
    assert client.download("tool/linux/stable/tool", to=tmp_path / "state" / "targets").fetched


NOWHERE: list[tuple[Any, type[Exception], str]] = [
    ("updates.example.com", NoAddress, "neither an http or https URL of a server nor a folder"),
    ("ftp://updates.example.com/", NoAddress, "neither an http"),
    ("https://", NoAddress, "neither an http"),
    ("", ValueError, "is no path"),
]


@pytest.mark.parametrize(("where", "kind", "words"), NOWHERE)
def test_a_repository_that_is_nowhere_is_one_clear_error(
    tmp_path: Path, where: Any, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        Client.open(tmp_path / "state", where)
    assert not (tmp_path / "state").exists()


WRONG: list[tuple[str, Any, type[Exception], str]] = [
    ("root file", lambda c, t: Client.open(t / "s", t, root="nowhere.json"), ObjectMissing, "nowhere.json"),
    ("root text", lambda c, t: Client.open(t / "s", t, root='{"signed": {}}'), ValueError, "the text of root metadata"),
    ("artifacts", lambda c, t: Client.open(t / "s", artifacts=t), TypeError, "artifacts go with the url"),
    ("absent", lambda c, t: c.download("nothing", to=t / "bin"), TargetNotFound, "nothing"),
    ("unsafe", lambda c, t: c.download("../x", to=t / "bin"), UnsafeTargetPath, "x"),
]


@pytest.mark.parametrize(("what", "call", "kind", "words"), WRONG, ids=[each[0] for each in WRONG])
def test_a_wrong_argument_is_one_clear_error(
    what: str, call: Any, kind: type[Exception], words: str, tmp_path: Path, sim: Simulator, clock: FakeClock
) -> None:
    client = Client.open(tmp_path / "state", sim.mirror, root=sim.first_root, clock=clock)
    with pytest.raises(kind, match=words):
        call(client, tmp_path)
    assert not (tmp_path / "bin").exists(), what


@pytest.mark.skipif(os.name == "nt", reason="the component is a shell script")
def test_a_component_is_installed_by_its_name(
    tmp_path: Path, served: Path, root: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    agent = Agent.open(tmp_path / "agent", served, root=root, clock=clock)
    update = agent.once("tool")
    assert update.version == "1.0"
    assert agent.executable("tool") == update.executable
    assert Agent.open(tmp_path / "agent", clock=clock).once(Component(name="tool")).before == "1.0"
    assert repr(agent).startswith(f"Agent('{tmp_path / 'agent'}', Client(")


def test_a_wrong_component_is_one_clear_error() -> None:
    with pytest.raises(TypeError, match="a command is given word by word"):
        Component(name="tool", start="systemctl restart tool")  # type: ignore[arg-type]
