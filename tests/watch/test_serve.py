"""The local server hands out a repository as a good web server does, and nothing else."""

from __future__ import annotations

import http.client
import io
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tuf.api.metadata import Metadata, Root

from tufkeep.metadata.filenames import NEVER_KEPT
from tufkeep.stores import FolderStore, MemoryStore, Store, StoreBroken
from tufkeep.watch.answering import answer, object_name
from tufkeep.watch.serve import Answered, CannotListen, NothingToServe, RepositoryServer, serving

ROOT = Metadata(Root()).to_bytes()
HASH = "ab" * 32
DATA = bytes(range(256)) * 4
FILES = {
    "root.json": ROOT,
    "1.root.json": b"{}",
    "timestamp.json": b'{"signed": {}}',
    "a/b.json": b"{}",
    "targets/app/agent": DATA,
    f"targets/app/{HASH}.agent": DATA,
    "targets/sp ace%20?#&": b"odd",
}


@dataclass(frozen=True, kw_only=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes


def ask(url: str, target: str, method: str = "GET", **headers: str) -> Reply:
    """Ask on a connection of its own; `If_Range` in the arguments is If-Range in the request."""
    with connection(url) as open_connection:
        return ask_on(open_connection, target, method, **headers)


@contextmanager
def connection(url: str) -> Iterator[http.client.HTTPConnection]:
    parts = urlsplit(url)
    made = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    try:
        yield made
    finally:
        made.close()


def ask_on(made: http.client.HTTPConnection, target: str, method: str = "GET", **headers: str) -> Reply:
    made.putrequest(method, target, skip_accept_encoding=True)
    for name, value in headers.items():
        made.putheader(name.replace("_", "-"), value)
    made.endheaders()
    reply = made.getresponse()
    return Reply(status=reply.status, headers=dict(reply.getheaders()), body=reply.read())


@pytest.fixture(params=["memory", "folder"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    filled: Store = MemoryStore() if request.param == "memory" else FolderStore(tmp_path / "repository")
    for name, data in FILES.items():
        filled.write(name, data)
    return filled


@pytest.fixture
def url(store: Store) -> Iterator[str]:
    with serving(store) as server:
        yield server.url


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("/root.json", "root.json"),
        ("/1.root.json?cachebust=1", "1.root.json"),
        ("/targets/app/agent", "targets/app/agent"),
        ("/targets/sp%20ace%2520%3F%23%26", "targets/sp ace%20?#&"),
        ("/a%2Fb.json", "a/b.json"),
    ],
)
def test_a_file_is_served_whole(url: str, target: str, name: str) -> None:
    reply = ask(url, target)
    assert (reply.status, reply.body) == (200, FILES[name])
    assert reply.headers["Content-Length"] == str(len(FILES[name]))


def test_a_role_file_may_carry_its_encoded_name(store: Store) -> None:
    store.write("c%2Fd.json", b"encoded")
    with serving(store) as server:
        assert ask(server.url, "/c%2Fd.json").body == b"encoded"


@pytest.mark.parametrize(
    "target",
    [
        "/",
        "/2.root.json",
        "/targets",
        "/targets/",
        "/targets/app",
        "/./root.json",
        "/targets/../root.json",
        "/%2e%2e/keys/root.json",
        "/..%2fkeys/root.json",
        "/..%5ckeys%5croot.json",
        "/%00root.json",
        "/%ff.json",
        "/keys/root.json",
        "/staged/root.json",
        "/.tufkeep/journal",
        "root.json",
        "http://elsewhere/root.json",
    ],
)
def test_anything_else_is_not_found_and_not_remembered(url: str, target: str) -> None:
    reply = ask(url, target)
    assert reply.status == 404
    assert reply.headers["Cache-Control"] == NEVER_KEPT
    assert reply.body == b"404 not found\n"


def test_files_beside_the_repository_are_out_of_reach(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "repository")
    store.write("root.json", ROOT)
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "root.json").write_text("secret")
    (tmp_path / "repository" / "link.json").symlink_to(tmp_path / "keys" / "root.json")
    with serving(store) as server:
        for target in ("/link.json", "/../keys/root.json", "/%2e%2e/keys/root.json", "/repository/root.json"):
            assert ask(server.url, target).status == 404


@pytest.mark.parametrize("folder", ["keys", "staged"])
def test_a_whole_working_directory_is_not_served(folder: str) -> None:
    store = MemoryStore()
    store.write("root.json", ROOT)
    store.write(f"{folder}/root.json", b"{}")
    with pytest.raises(NothingToServe, match=folder):
        RepositoryServer(store)


@pytest.mark.parametrize("files", [{}, {"root.json": b'{"encrypted": true, "data": {}}'}, {"root.json": b""}])
def test_what_is_no_repository_is_not_served(files: dict[str, bytes]) -> None:
    store = MemoryStore()
    for name, data in files.items():
        store.write(name, data)
    with pytest.raises(NothingToServe, match=r"root\.json"):
        RepositoryServer(store)


def test_head_says_the_same_without_the_body(url: str) -> None:
    whole, head = ask(url, "/targets/app/agent"), ask(url, "/targets/app/agent", "HEAD")
    del whole.headers["Date"], head.headers["Date"]
    assert (head.status, head.headers, head.body) == (200, whole.headers, b"")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_is_taken_in(url: str, method: str) -> None:
    reply = ask(url, "/root.json", method)
    assert reply.status == 405
    assert reply.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    ("asked", "status", "start", "end"),
    [
        ("bytes=0-", 206, 0, 1024),
        ("bytes=1000-", 206, 1000, 1024),
        ("bytes=0-0", 206, 0, 1),
        ("bytes=10-19", 206, 10, 20),
        ("bytes=1000-5000", 206, 1000, 1024),
        ("bytes=-24", 206, 1000, 1024),
        ("bytes=-5000", 206, 0, 1024),
        ("bytes=5-4", 200, 0, 1024),
        ("bytes=0-1,3-4", 200, 0, 1024),
        ("lines=1-2", 200, 0, 1024),
        ("bytes=x-", 200, 0, 1024),
    ],
)
def test_a_part_is_served(url: str, asked: str, status: int, start: int, end: int) -> None:
    reply = ask(url, "/targets/app/agent", Range=asked)
    assert (reply.status, reply.body) == (status, DATA[start:end])
    assert reply.headers["Content-Length"] == str(end - start)
    assert reply.headers.get("Content-Range") == (f"bytes {start}-{end - 1}/1024" if status == 206 else None)


@pytest.mark.parametrize("asked", ["bytes=1024-", "bytes=9999-", "bytes=-0"])
def test_a_part_behind_the_end_is_refused(url: str, asked: str) -> None:
    reply = ask(url, "/targets/app/agent", Range=asked)
    assert reply.status == 416
    assert reply.headers["Content-Range"] == "bytes */1024"


def test_a_download_is_taken_up_only_on_the_same_bytes(url: str, store: Store) -> None:
    tag = ask(url, "/targets/app/agent").headers["ETag"]
    assert ask(url, "/targets/app/agent", Range="bytes=4-", If_Match=tag).status == 206
    assert ask(url, "/targets/app/agent", Range="bytes=4-", If_Range=tag).body == DATA[4:]

    store.write("targets/app/agent", b"x" * len(DATA))
    assert ask(url, "/targets/app/agent", Range="bytes=4-", If_Match=tag).status == 412
    whole = ask(url, "/targets/app/agent", Range="bytes=4-", If_Range=tag)
    assert (whole.status, whole.body) == (200, b"x" * len(DATA))


def test_a_date_never_stands_for_the_same_bytes(url: str) -> None:
    reply = ask(url, "/targets/app/agent", Range="bytes=4-", If_Range="Sat, 01 Jan 2028 00:00:00 GMT")
    assert reply.status == 200


def test_what_a_cache_has_already_is_not_sent_again(url: str, store: Store) -> None:
    tag = ask(url, "/timestamp.json").headers["ETag"]
    for asked in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        reply = ask(url, "/timestamp.json", If_None_Match=asked)
        assert (reply.status, reply.body, reply.headers["ETag"]) == (304, b"", tag)
    store.write("timestamp.json", b"next")
    assert ask(url, "/timestamp.json", If_None_Match=tag).body == b"next"


def test_connections_are_kept_open(url: str) -> None:
    with connection(url) as made:
        for target in ("/root.json", "/2.root.json", "/targets/app/agent", "/timestamp.json"):
            ask_on(made, target)
            assert made.sock is not None


def test_many_ask_at_once(url: str) -> None:
    bodies: list[bytes] = []
    threads = [threading.Thread(target=lambda: bodies.append(ask(url, "/targets/app/agent").body)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bodies == [DATA] * 16


def test_requests_are_told(store: Store) -> None:
    told: list[Answered] = []
    with serving(store, log=told.append) as server:
        ask(server.url, "/root.json")
        ask(server.url, "/2.root.json?x", "HEAD")
    assert [(one.method, one.target, one.status) for one in told] == [
        ("GET", "/root.json", 200),
        ("HEAD", "/2.root.json?x", 404),
    ]


def test_a_client_that_goes_away_is_nothing_to_speak_of(store: Store, capfd: pytest.CaptureFixture[str]) -> None:
    store.write_stream("targets/big", (b"x" * (1 << 20) for _ in range(16)))
    with serving(store) as server:
        with socket.create_connection(("127.0.0.1", server.server_address[1])) as raw:
            raw.sendall(b"GET /targets/big HTTP/1.1\r\n\r\n")
            raw.recv(100)
        assert ask(server.url, "/root.json").status == 200
    assert capfd.readouterr() == ("", "")


class Failing(MemoryStore):
    """A medium that cannot be read any more, or only the first bytes of it."""

    def __init__(self, fail: Callable[[str], BinaryIO]):
        super().__init__()
        self.fail = fail
        self.write("root.json", ROOT)

    def open(self, name: str) -> BinaryIO:
        return self.fail(name)


def test_a_broken_medium_is_not_the_end_of_the_root_versions() -> None:
    def pulled(name: str) -> BinaryIO:
        raise StoreBroken(name, "input/output error")

    with serving(Failing(pulled)) as server:
        assert ask(server.url, "/2.root.json").status == 503


def test_a_file_that_breaks_off_is_not_taken_for_whole() -> None:
    class Torn(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(size) if size == -1 or self.tell() < 512 else b""

    with serving(Failing(lambda name: Torn(b"x" * 1024))) as server, pytest.raises(http.client.IncompleteRead):
        ask(server.url, "/root.json", Range="bytes=600-")


def test_an_address_that_is_taken_is_named() -> None:
    store = MemoryStore()
    store.write("root.json", ROOT)
    with serving(store) as server:
        port = server.server_address[1]
        with pytest.raises(CannotListen, match=f"127.0.0.1 port {port}: address already in use"):
            RepositoryServer(store, port=port)
    with pytest.raises(CannotListen):
        RepositoryServer(store, address="192.0.2.1")
    with pytest.raises(CannotListen):
        RepositoryServer(store, port=70_000)


@given(st.binary(max_size=64), st.text(alphabet="bytes=-,0123456789 ", max_size=16))
@example(b"", "bytes=0-")
@example(b"", "bytes=-1")
def test_whatever_range_is_asked_for_the_parts_are_true(data: bytes, asked: str) -> None:
    sent = answer("targets/x", length_bytes=len(data), tag='"t"', request={"Range": asked})
    part = data[sent.start : sent.start + sent.length_bytes]
    assert len(part) == sent.length_bytes
    assert sent.status in {200, 206, 416}
    if sent.status == 200:
        assert part == data
    if sent.status == 206:
        assert part
        assert sent.headers["Content-Range"] == f"bytes {sent.start}-{sent.start + len(part) - 1}/{len(data)}"


@given(st.text(min_size=1, max_size=30))
def test_no_request_target_names_a_private_folder(target: str) -> None:
    name = object_name(target)
    assert name is None or not name.startswith(("/keys/", "keys/", "staged/"))
