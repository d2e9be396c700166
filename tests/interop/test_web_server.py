"""The local server answers as nginx does: agents that work against one work against the other."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getuser
from pathlib import Path

import pytest

from tests.watch.test_serve import FILES, HASH, Reply, ask
from tufkeep.stores import FolderStore
from tufkeep.watch.serve import serving

CONFIGURATION = """
user {user}; daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  max_ranges 1;
  server {{ listen 127.0.0.1:{port}; root {root}; if_modified_since off; }}
}}
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    store = FolderStore(tmp_path / "repository")
    for name, data in FILES.items():
        store.write(name, data)
    return tmp_path / "repository"


@pytest.fixture
def nginx(repository: Path, tmp_path: Path, peer_nginx: Path) -> Iterator[str]:
    with nginx_serving(peer_nginx, repository, tmp_path / "nginx") as url:
        yield url


@contextmanager
def nginx_serving(program: Path, root: Path, folder: Path) -> Iterator[str]:
    """Serve the files under `root`; `folder` is for nginx's own."""
    with socket.create_server(("127.0.0.1", 0)) as free:  # a port that was free a moment ago
        port = free.getsockname()[1]
    folder.mkdir()
    (folder / "conf").write_text(CONFIGURATION.format(user=getuser(), folder=folder, port=port, root=root))
    process = subprocess.Popen([program, "-p", folder, "-c", folder / "conf"], stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/")
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()


def _wait_for(url: str) -> None:
    for _ in range(200):
        try:
            ask(url, "/root.json")
        except ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("nginx does not answer")


RANGES = "bytes=0- bytes=5-9 bytes=-7 bytes=1023- bytes=1000-9999 bytes=1024- bytes=-9999 bytes=0-0 pages=1-2"
REQUESTS: list[tuple[str, str, dict[str, str]]] = [
    ("GET", "/root.json", {}),
    ("HEAD", "/root.json", {}),
    ("GET", "/2.root.json", {}),
    ("GET", "/targets/sp%20ace%2520%3F%23%26", {}),
    ("GET", "/a%2Fb.json", {}),
    ("GET", "/a/b.json?query", {}),
    *(("GET", f"/targets/app/{HASH}.agent", {"Range": asked}) for asked in RANGES.split()),
    ("GET", "/targets/app/agent", {"Range": "bytes=9-", "If-Match": "TAG"}),
    ("GET", "/targets/app/agent", {"Range": "bytes=9-", "If-Match": '"other"'}),
    ("GET", "/targets/app/agent", {"Range": "bytes=9-", "If-Range": "TAG"}),
    ("GET", "/targets/app/agent", {"Range": "bytes=9-", "If-Range": '"other"'}),
    ("GET", "/targets/app/agent", {"If-None-Match": "TAG"}),
    ("GET", "/targets/app/agent", {"If-None-Match": '"other"'}),
]


def test_every_request_is_answered_alike(repository: Path, nginx: str) -> None:
    with serving(FolderStore(repository)) as server:
        for method, target, headers in REQUESTS:
            ours, theirs = _facts(server.url, method, target, headers), _facts(nginx, method, target, headers)
            assert ours == theirs, (method, target, headers)


def _facts(url: str, method: str, target: str, headers: dict[str, str]) -> tuple[int, str | None, str | None, bytes]:
    tag = ask(url, target).headers.get("ETag", "") if "TAG" in headers.values() else ""
    asked = {name.replace("-", "_"): tag if value == "TAG" else value for name, value in headers.items()}
    return _reduced(ask(url, target, method, **asked))


def _reduced(reply: Reply) -> tuple[int, str | None, str | None, bytes]:
    """Return what both must agree on; the text of a refusal is everyone's own."""
    if reply.status >= 400:
        return reply.status, reply.headers.get("Content-Range"), None, b""
    return reply.status, reply.headers.get("Content-Range"), reply.headers.get("Content-Length"), reply.body
