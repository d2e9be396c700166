"""A folder that was pushed to is a repository for any web server: clients read it through nginx."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.interop.test_pushes import our_agent, python_tuf
from tests.interop.test_web_server import nginx_serving
from tests.publish.conftest import new_releaser
from tufkeep.publish.remote import open_remote
from tufkeep.testing.clock import FakeClock
from tufkeep.workspace import layout
from tufkeep.workspace.policy import RemotePolicy


@pytest.mark.parametrize("consistent_snapshot", [True, False], ids=["consistent", "plain"])
def test_clients_follow_a_folder_behind_nginx(tmp_path: Path, peer_nginx: Path, consistent_snapshot: bool) -> None:
    published = tmp_path / "published"
    published.mkdir()
    clock = FakeClock(datetime.now(UTC))  # python-tuf's client has the real time alone
    with nginx_serving(peer_nginx, published, tmp_path / "nginx") as url:
        policy = RemotePolicy(url=str(published), public_url=url)
        remote = open_remote("web", {"web": policy}, None)
        releaser = new_releaser(remote, clock, consistent_snapshot=consistent_snapshot)
        root = releaser.store.read(layout.committed("root", 1))
        agents = [our_agent(url, root, clock), python_tuf(url.rstrip("/"), root, tmp_path / "python-tuf")]
        for number, data in enumerate((b"one", b"another"), start=2):
            releaser.release("app", data)
            assert releaser.push().read_back.timestamp == number
            assert [agent() for agent in agents] == [data, data]
