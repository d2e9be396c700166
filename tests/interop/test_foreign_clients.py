"""Other implementations' clients follow what we publish: through releases, rotations, approvals, and a theft."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tuf.ngclient import Updater

from tests.peers import node_modules
from tufkeep.ceremony.accept import accept
from tufkeep.ceremony.approve import sign
from tufkeep.ceremony.ask import Wish, ask
from tufkeep.ceremony.compromise import revoke_compromised
from tufkeep.ceremony.proposal import propose
from tufkeep.ceremony.request import Leaver, request_letter
from tufkeep.ceremony.rotate import rotate
from tufkeep.stores import FolderStore, Store
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.watch.serve import RepositoryServer, serving

Fetch = Callable[[str], bytes]  # refreshes, then gives an artifact, trusting what it trusted before

TUF_JS = """
const { Updater } = require("tuf-js");
const [base, state, target] = process.argv.slice(1);
const updater = new Updater({
  metadataDir: state, targetDir: state + "/targets", metadataBaseUrl: base, targetBaseUrl: base + "/targets",
  config: { fetchRetry: 0 },
});
(async () => {
  await updater.refresh();
  await updater.downloadTarget(await updater.getTargetInfo(target), state + "/loot");
})().catch((error) => { console.error(error); process.exit(1); });
"""


class Publisher:
    """A repository on a mirror that is served over HTTP."""

    def __init__(self, folder: Path, *, consistent_snapshot: bool):
        clock = FakeClock(datetime.now(UTC))
        self.sim = Simulator(clock, root_keys=2, consistent_snapshot=consistent_snapshot)
        self.folder = folder
        self.publish()

    def publish(self) -> None:
        self.sim.publish()
        mirror: Store = FolderStore(self.folder, durable=False)
        for entry in self.sim.mirror.list():
            mirror.write(entry.name, self.sim.mirror.read(entry.name))


Story = Callable[[Publisher, Fetch], None]


@pytest.fixture(params=[True, False], ids=["consistent", "plain"])
def publisher(request: pytest.FixtureRequest, tmp_path: Path) -> Publisher:
    return Publisher(tmp_path / "mirror", consistent_snapshot=request.param)


@pytest.fixture
def server(publisher: Publisher) -> Iterator[RepositoryServer]:
    with serving(FolderStore(publisher.folder)) as server:
        yield server


def rotations(publisher: Publisher, fetch: Fetch) -> None:
    """Releases, and a rotation of every root key."""
    publisher.sim.release("app/tool", b"first")
    publisher.publish()
    assert fetch("app/tool") == b"first"
    publisher.sim.release("app/tool", b"second")
    rotate(publisher.sim.workspace, "root", new_passphrase=lambda request: None)
    rotate(publisher.sim.workspace, "timestamp", new_passphrase=lambda request: None)
    publisher.publish()
    assert fetch("app/tool") == b"second"


def approval_and_theft(publisher: Publisher, fetch: Fetch) -> None:
    """A change of keys that was approved, then the end of stolen ones."""
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


@pytest.fixture(params=[rotations, approval_and_theft], ids=lambda story: story.__name__)
def story(request: pytest.FixtureRequest) -> Story:
    told: Story = request.param
    return told


def test_python_tuf_follows(publisher: Publisher, server: RepositoryServer, tmp_path: Path, story: Story) -> None:
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
def test_go_tuf_follows(
    publisher: Publisher, server: RepositoryServer, tmp_path: Path, peer_tuf_client: Path, story: Story
) -> None:
    root, store = tmp_path / "root.json", tmp_path / "tuf.db"
    root.write_bytes(publisher.sim.first_root)
    base = server.url.rstrip("/")
    subprocess.run([peer_tuf_client, "init", "-s", store, base, root], check=True)

    def fetch(path: str) -> bytes:
        return subprocess.run([peer_tuf_client, "get", "-s", store, base, path], check=True, capture_output=True).stdout

    story(publisher, fetch)


@pytest.mark.peer("tuf-js")
def test_tuf_js_follows(
    publisher: Publisher, server: RepositoryServer, tmp_path: Path, peer_tuf_js: Path, story: Story
) -> None:
    state = tmp_path / "state"
    (state / "targets").mkdir(parents=True)
    (state / "root.json").write_bytes(publisher.sim.first_root)

    def fetch(path: str) -> bytes:
        line = [str(peer_tuf_js), "-e", TUF_JS, server.url.rstrip("/"), str(state), path]
        environment = {**os.environ, "NODE_PATH": str(node_modules())}
        done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return (state / "loot").read_bytes()

    story(publisher, fetch)
