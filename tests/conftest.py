"""What every test can ask for: the peers, the checkout, one Hypothesis profile."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import HealthCheck, settings

from tests.peers import CHECKOUT, REQUIRED, corpora, find_peer, missing_peer, node_modules
from tests.same import draw_the_same_examples, neutral_surroundings, seed_by_name
from tests.servers import AzureServer, S3Server, azurite, rclone_s3, seaweedfs

SOAK = os.environ.get("TUFKEEP_SOAK") == "1"
neutral_surroundings()

# Nothing that depends on how fast the machine is just now, and no example database: what a run prints reproduces it.
_EVERYWHERE = settings(
    database=None,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("same", _EVERYWHERE, max_examples=100, derandomize=True)
settings.register_profile("soak", _EVERYWHERE, max_examples=5000)
settings.load_profile("soak" if SOAK else "same")
if not SOAK:
    draw_the_same_examples()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the slow tests to `make soak`."""
    if not SOAK:
        slow = pytest.mark.skip(reason="slow: make soak runs it")
        for item in items:
            if item.get_closest_marker("slow"):
                item.add_marker(slow)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose peer is missing, or fail it where every peer is required; let a property test draw as ever."""
    if not SOAK:
        seed_by_name(item)
    for marker in item.iter_markers("peer"):
        for name in marker.args:
            need_peer(name)


def need_peer(name: str) -> Path:
    """Return the program of the peer `name`; without it the test skips, or fails where peers are required."""
    return find_peer(name) or _cannot_run(missing_peer(name))


def _cannot_run(reason: str) -> NoReturn:
    if REQUIRED:
        pytest.fail(f"{reason}; TUFKEEP_REQUIRE_PEERS=1 wants it", pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def peer() -> Callable[[str], Path]:
    """Any peer by name: `peer("nginx")`."""
    return need_peer


@pytest.fixture(scope="session")
def peer_tuf() -> Path:
    """The real go-tuf v0.5.2 `tuf`."""
    return need_peer("tuf")


@pytest.fixture(scope="session")
def peer_tuf_client() -> Path:
    """The real go-tuf v0.5.2 `tuf-client`."""
    return need_peer("tuf-client")


@pytest.fixture(scope="session")
def peer_actionlint() -> Path:
    """A linter of workflows for hosted continuous integration."""
    return need_peer("actionlint")


@pytest.fixture(scope="session")
def peer_tuf_js() -> Path:
    """The Node.js that finds tuf-js when NODE_PATH is `node_modules()`."""
    return need_peer("tuf-js")


@pytest.fixture(scope="session")
def peer_weed() -> Path:
    """SeaweedFS, a real S3 server in one file."""
    return need_peer("weed")


@pytest.fixture(scope="session")
def peer_rclone() -> Path:
    """rclone, whose S3 server accepts conditions without keeping them."""
    return need_peer("rclone")


@pytest.fixture(scope="session")
def peer_azurite() -> Path:
    """The Node.js that runs Azure's emulator."""
    return need_peer("azurite")


@pytest.fixture(scope="session")
def peer_strace() -> Path:
    return need_peer("strace")


@pytest.fixture(scope="session")
def peer_faketime() -> Path:
    return need_peer("faketime")


@pytest.fixture(scope="session")
def peer_nginx() -> Path:
    return need_peer("nginx")


@pytest.fixture(scope="session")
def foreign_corpora() -> Path:
    """The folder of foreign repositories that TUFKEEP_CORPORA names; they are too large to come with the project."""
    folder = corpora()
    if folder is None:
        pytest.skip("TUFKEEP_CORPORA names no folder of foreign repositories")
    return folder


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder that this project is checked out in."""
    return CHECKOUT


@pytest.fixture(scope="session")
def seaweed(peer_weed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A real S3 server; tests keep apart by folder."""
    with seaweedfs(peer_weed, tmp_path_factory.mktemp("seaweed")) as server:
        yield server


@pytest.fixture(scope="session")
def lying_s3(peer_rclone: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """An S3 server that takes conditions and ignores them."""
    with rclone_s3(peer_rclone, tmp_path_factory.mktemp("rclone")) as server:
        yield server


@pytest.fixture(scope="session")
def azure(peer_azurite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzureServer]:
    """Azure's emulator; tests keep apart by folder."""
    script = node_modules() / "azurite" / "dist" / "src" / "blob" / "main.js"
    with azurite(peer_azurite, script, tmp_path_factory.mktemp("azurite")) as server:
        yield server
