"""A program publishes with plain arguments, and what it gets wrong is one clear error."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tufkeep import (
    BadLocation,
    Client,
    Deployment,
    NoCredentials,
    NoSuchRemote,
    NotARepository,
    ObjectMissing,
    Publisher,
    Remote,
    Workspace,
)
from tufkeep.stores import MemoryStore
from tufkeep.testing.clock import FakeClock

TOML = """
[remotes.staging]
url = "www"

[remotes.production]
url = "s3://updates/fleet"
"""


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def workspace(tmp_path: Path, clock: FakeClock) -> Workspace:
    workspace = Workspace.create(tmp_path / "updates", insecure_plaintext=True, clock=clock)
    (tmp_path / "updates" / "tufkeep.toml").write_text(TOML)
    (tmp_path / "agent").write_bytes(b"agent 1.0")
    workspace.add(tmp_path / "agent")
    workspace.commit()
    return Workspace.open(tmp_path / "updates", insecure_plaintext=True, clock=clock)


def test_a_remote_is_called_by_its_name(workspace: Workspace, tmp_path: Path, clock: FakeClock) -> None:
    pushed = Publisher.open(workspace, "staging", environment={"TUFKEEP_WHO": "ci"}).push(note="first")
    assert pushed.versions == {"root": 1, "timestamp": 2, "snapshot": 2, "targets": 2}
    assert (tmp_path / "updates" / "www" / "timestamp.json").exists()  # beside tufkeep.toml, wherever this process is
    publisher = Publisher.open(workspace, "staging", environment={})
    (logged,) = publisher.log()
    assert (logged.entry.who, logged.entry.note) == ("ci", "first")
    assert publisher.plan_push().empty
    assert publisher.status().difference.relation == "in step"
    assert repr(publisher) == f"Publisher({workspace!r}, 'staging')"


@pytest.mark.parametrize("given", ["text", "path", "one word"])
def test_a_remote_may_be_a_folder(
    given: str, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder: Any = {"text": "./served", "path": tmp_path / "served", "one word": Path("served")}[given]
    Publisher.open(workspace, folder).push()
    assert (tmp_path / "served" / "timestamp.json").exists()


def test_a_remote_may_be_any_store_with_a_name(workspace: Workspace, clock: FakeClock, tmp_path: Path) -> None:
    store = MemoryStore()
    Publisher.open(workspace, Remote.at(store, name="mine")).push()
    root = (tmp_path / "updates" / "repository" / "1.root.json").read_bytes()
    client = Client.open(MemoryStore(), store, root=root, clock=clock)
    assert client.download("agent", to=MemoryStore()).fetched


def test_an_empty_folder_takes_in_what_is_published(workspace: Workspace, tmp_path: Path, clock: FakeClock) -> None:
    Publisher.open(workspace, "staging").push()
    new = Workspace.open(tmp_path / "new", clock=clock, missing_ok=True)
    root = tmp_path / "updates" / "repository" / "1.root.json"
    pulled = Publisher.open(new, tmp_path / "updates" / "www").pull(root=root, targets=True)
    assert pulled.versions["targets"] == 2
    assert Workspace.open(tmp_path / "new", clock=clock).commit().versions == {}


def test_a_state_is_brought_from_one_remote_to_another(workspace: Workspace, tmp_path: Path, clock: FakeClock) -> None:
    Publisher.open(workspace, "staging").push()
    deployment = Deployment.open(workspace, "staging", tmp_path / "production", who="ci")
    assert deployment.run(approved_by="Ana").versions["timestamp"] == 2
    mirror = Deployment.mirror(workspace, "staging", tmp_path / "mirror")
    assert mirror.run().versions["timestamp"] == 2
    nothing = Workspace.open(tmp_path / "nothing", clock=clock, missing_ok=True)
    with pytest.raises(NotARepository):
        Deployment.mirror(nothing, tmp_path / "mirror", tmp_path / "second")
    first = tmp_path / "updates" / "repository" / "1.root.json"
    assert Deployment.mirror(nothing, tmp_path / "mirror", tmp_path / "second", root=first).run().read_back.timestamp


def test_a_remote_that_lost_its_state_is_published_again(workspace: Workspace, tmp_path: Path) -> None:
    publisher = Publisher.open(workspace, "staging")
    publisher.push()
    (tmp_path / "updates" / "www" / "2.targets.json").unlink()
    assert not publisher.verify().right
    assert publisher.rollforward(above=10).versions["timestamp"] == 11
    assert publisher.verify().right


def test_plans_show_what_they_will_do_without_every_byte(workspace: Workspace, tmp_path: Path) -> None:
    publisher = Publisher.open(workspace, "staging")
    assert repr(publisher.plan_push()).startswith("<PushPlan for staging: ")
    workspace.add(tmp_path / "agent", as_="other")
    assert "roles=('targets', 'snapshot', 'timestamp')" in repr(workspace.plan_commit())
    assert len(repr(publisher.plan_push())) < 400
    assert len(repr(workspace.plan_commit())) < 400
    assert repr(workspace.state.staged("targets")).startswith("<Document v3, ")


def test_a_remote_is_tried(workspace: Workspace) -> None:
    assert Publisher.open(workspace, "staging").conditions().kept


def test_credentials_are_looked_for_in_the_environment_of_the_process(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AK")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very secret")
    publisher = Publisher.open(workspace, "production")
    assert publisher.remote.credentials is not None
    assert "very secret" not in repr(publisher) + repr(publisher.remote)
    with pytest.raises(NoCredentials):
        Publisher.open(workspace, "production", environment={})


WRONG: list[tuple[Any, type[Exception], str]] = [
    ("nowhere", NoSuchRemote, "names no remote 'nowhere'; known are production, staging"),
    ("gopher://host/x", BadLocation, "no store is called gopher://"),
]


@pytest.mark.parametrize(("remote", "kind", "words"), WRONG)
def test_a_wrong_remote_is_one_clear_error(
    workspace: Workspace, remote: Any, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        Publisher.open(workspace, remote)


def test_a_root_that_is_not_there_is_named(workspace: Workspace, tmp_path: Path, clock: FakeClock) -> None:
    Publisher.open(workspace, "staging").push()
    new = Workspace.open(tmp_path / "new", clock=clock, missing_ok=True)
    with pytest.raises(ObjectMissing, match=r"nothing\.json"):
        Publisher.open(new, tmp_path / "updates" / "www").pull(root="nothing.json")
