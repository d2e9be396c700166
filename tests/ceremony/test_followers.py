"""Other implementations' clients follow a change that was approved, then the end of a stolen key."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tuf.ngclient import Updater

from tests.interop.test_foreign_clients import Publisher
from tufkeep.ceremony.accept import accept
from tufkeep.ceremony.approve import sign
from tufkeep.ceremony.ask import Wish, ask
from tufkeep.ceremony.compromise import revoke_compromised
from tufkeep.ceremony.proposal import propose
from tufkeep.ceremony.request import Leaver, request_letter
from tufkeep.stores import FolderStore
from tufkeep.watch.serve import RepositoryServer, serving

Fetch = Callable[[str], bytes]


@pytest.fixture(params=[True, False], ids=["consistent", "plain"])
def publisher(request: pytest.FixtureRequest, tmp_path: Path) -> Publisher:
    return Publisher(tmp_path / "mirror", consistent_snapshot=request.param)


@pytest.fixture
def server(publisher: Publisher) -> Iterator[RepositoryServer]:
    with serving(FolderStore(publisher.folder)) as server:
        yield server


def story(publisher: Publisher, fetch: Fetch) -> None:
    sim = publisher.sim
    sim.release("app/tool", b"first")
    publisher.publish()
    assert fetch("app/tool") == b"first"
    roles = ("targets", "snapshot", "timestamp")
    old = {role: sim.workspace.state.root.signed.roles[role].keyids[0] for role in roles}
    wish = Wish(add=(*roles, "root"), owner="new", retire=tuple(Leaver(role=r, keyid=k) for r, k in old.items()))
    letter = ask(sim.workspace, wish, new_passphrase=lambda request: None)
    workspace = sim.workspace
    approved = sign(workspace, propose(workspace, request_letter(letter, heading=())))
    accept(sim.workspace, [approved.data])
    sim.release("app/tool", b"second")
    publisher.publish()
    assert fetch("app/tool") == b"second"
    for role in roles:
        stolen = sim.workspace.state.root.signed.roles[role].keyids[0]
        revoke_compromised(sim.workspace, role, stolen, new_passphrase=lambda request: None)
    sim.release("app/tool", b"third")
    publisher.publish()
    assert fetch("app/tool") == b"third"


def test_python_tuf_follows(publisher: Publisher, server: RepositoryServer, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()

    def fetch(path: str) -> bytes:
        base = server.url.rstrip("/")
        updater = Updater(str(state), base, str(tmp_path), f"{base}/targets", bootstrap=publisher.sim.first_root)
        found = updater.get_targetinfo(path)
        assert found is not None
        return Path(updater.download_target(found)).read_bytes()

    story(publisher, fetch)


@pytest.mark.peer("tuf-client")
def test_go_tuf_follows(publisher: Publisher, server: RepositoryServer, tmp_path: Path, peer_tuf_client: Path) -> None:
    root, store = tmp_path / "root.json", tmp_path / "tuf.db"
    root.write_bytes(publisher.sim.first_root)
    base = server.url.rstrip("/")
    subprocess.run([peer_tuf_client, "init", "-s", store, base, root], check=True)

    def fetch(path: str) -> bytes:
        return subprocess.run([peer_tuf_client, "get", "-s", store, base, path], check=True, capture_output=True).stdout

    story(publisher, fetch)
