"""No answer of a server holds a client: each ends in time, with an error of its own, and the next run succeeds.

All cases run at once, since each is mostly waiting; the tests look at how they ended. The default run plays every
answer for one use, the slow run for all.
"""

from __future__ import annotations

import hashlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tufkeep.agent.agent import Agent
from tufkeep.agent.component import Component
from tufkeep.client import Client, HttpFetcher, Limits, Wait
from tufkeep.client.errors import EndlessAnswer, FetchError
from tufkeep.client.fetch import fetch_whole
from tufkeep.errors import StoreError, TrustRefused
from tufkeep.stores.network import Network
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.forge import Forge
from tufkeep.testing.hostile import ANSWERS, Answer, HostileServer

SHORT = Limits(
    request_seconds=0.3, refresh_seconds=0.5, download_seconds=0.5, window_seconds=0.2, first_pause_seconds=0.01
)
NETWORK = Network(connect_seconds=5, silence_seconds=0.15)
LATEST_SECONDS = 20  # a busy machine; a client that is held takes for ever
APP = Component(name="app", platform="linux", check=())
DATA = b"\x7fELF" + bytes(range(256)) * 20
ARTIFACT = f"targets/app/linux/stable/{hashlib.sha256(DATA).hexdigest()}.app"

Use = Callable[[Path, str, Limits, Network], object]


def refresh(folder: Path, url: str, limits: Limits, network: Network) -> object:
    return _client(folder, url, limits, network).refresh()


def download(folder: Path, url: str, limits: Limits, network: Network) -> object:
    return _client(folder, url, limits, network).download(APP.target_path, folder / "files")


def agent(folder: Path, url: str, limits: Limits, network: Network) -> object:
    clock, root = FakeClock(), (folder / "root").read_bytes()
    return Agent.open(folder / "agent", url, root=root, clock=clock, limits=limits, network=network).once(APP)


def _client(folder: Path, url: str, limits: Limits, network: Network) -> Client:
    root = folder / "root"
    return Client.open(folder / "state", url, root=root, clock=FakeClock(), limits=limits, network=network)


# What is used, and the file that is answered for.
USES: dict[str, tuple[Use, str]] = {
    "refresh": (refresh, "timestamp.json"),
    "download": (download, ARTIFACT),
    "agent": (agent, "2.root.json"),
}


@dataclass(frozen=True)
class End:
    """How one case ended."""

    error: Exception | None
    seconds: float
    afterwards: Exception | None  # of the next run, against an honest server


@pytest.fixture(scope="module")
def forge() -> Forge:
    forge = Forge(now=FakeClock()())
    forge.add(APP.target_path, DATA, version="1.0")
    forge.publish()
    return forge


CASES = [(kind, use) for kind in ANSWERS for use in USES]
NOW = [case for number, case in enumerate(CASES) if number // len(USES) % len(USES) == number % len(USES)]
LATER = [case for case in CASES if case not in NOW]


def play_all(forge: Forge, folder: Path, cases: list[tuple[str, str]]) -> Iterator[dict[tuple[str, str], Future[End]]]:
    with ThreadPoolExecutor(24) as pool:
        yield {
            (kind, use): pool.submit(play, forge, folder / str(number), ANSWERS[kind], use)
            for number, (kind, use) in enumerate(cases)
        }


@pytest.fixture(scope="module")
def ends(forge: Forge, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str], Future[End]]]:
    yield from play_all(forge, tmp_path_factory.mktemp("now"), NOW)


@pytest.fixture(scope="module")
def later_ends(forge: Forge, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str], Future[End]]]:
    yield from play_all(forge, tmp_path_factory.mktemp("later"), LATER)


def play(forge: Forge, folder: Path, answer: Answer, use: str) -> End:
    function, name = USES[use]
    folder.mkdir()
    (folder / "root").write_bytes(forge.root())
    with HostileServer(forge.store) as server:
        server.answers[f"/{name}"] = answer
        begin = time.monotonic()
        error = _error(lambda: function(folder, server.url, SHORT, NETWORK))
        seconds = time.monotonic() - begin
        server.answers.clear()
        afterwards = _error(lambda: function(folder, server.url, Limits(), Network()))
    return End(error=error, seconds=seconds, afterwards=afterwards)


def _error(act: Callable[[], object]) -> Exception | None:
    try:
        act()
    except Exception as error:
        return error
    return None


@pytest.mark.parametrize(("kind", "use"), NOW)
def test_every_answer_ends_in_time_and_leaves_nothing_behind(
    ends: dict[tuple[str, str], Future[End]], kind: str, use: str
) -> None:
    require_good_end(ends[kind, use].result(timeout=60))


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "use"), LATER)
def test_every_answer_ends_in_time_whatever_is_asked_for(
    later_ends: dict[tuple[str, str], Future[End]], kind: str, use: str
) -> None:
    require_good_end(later_ends[kind, use].result(timeout=60))


def require_good_end(end: End) -> None:
    assert end.afterwards is None, repr(end.afterwards)
    assert isinstance(end.error, StoreError | TrustRefused), repr(end.error)
    assert end.seconds < LATEST_SECONDS
    assert str(end.error).isprintable()
    assert len(str(end.error)) < 500


@pytest.mark.parametrize(
    "kind",
    [
        "headers without end",
        "a folded header without end",
        "100 Continue without end",
        "chunks with long extensions",
        "trailers without end",
    ],
)
def test_what_comes_around_a_file_is_bounded_in_bytes(forge: Forge, kind: str) -> None:
    with HostileServer(forge.store) as server:
        server.answers["/timestamp.json"] = ANSWERS[kind]
        with pytest.raises(EndlessAnswer):
            fetch_whole(HttpFetcher(server.url), "timestamp.json", limit=100_000, wait=Wait(Limits(), seconds=60))


@pytest.mark.parametrize(
    "kind", ["silence", "a header byte by byte", "headers without end", "100 Continue without end", "binary"]
)
def test_no_proxy_holds_a_client(forge: Forge, kind: str) -> None:
    with HostileServer(forge.store) as proxy:
        proxy.answers["repository.invalid:443"] = ANSWERS[kind]
        network = Network(https_proxy=proxy.url, silence_seconds=0.15)
        fetcher = HttpFetcher("https://repository.invalid/", network=network)
        require_fast_failure(fetcher)


def test_no_tls_handshake_holds_a_client() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            sock, _ = listener.accept()
            with sock, suppress(OSError):
                sock.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
                while True:
                    sock.sendall(b"\x00")
                    time.sleep(0.01)

        threading.Thread(target=drip, daemon=True).start()
        network = Network(connect_seconds=0.2)
        require_fast_failure(HttpFetcher(f"https://127.0.0.1:{listener.getsockname()[1]}/", network=network))


def require_fast_failure(fetcher: HttpFetcher) -> None:
    begin = time.monotonic()
    with pytest.raises(FetchError) as caught:
        fetch_whole(fetcher, "timestamp.json", limit=100_000, wait=Wait(SHORT, seconds=SHORT.request_seconds))
    assert time.monotonic() - begin < LATEST_SECONDS
    assert str(caught.value).isprintable()
