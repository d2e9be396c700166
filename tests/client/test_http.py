from __future__ import annotations

import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.client.web import Request, Web, drip, web_server
from tufkeep.client import HttpFetcher, Limits, http, open_fetcher
from tufkeep.client.errors import (
    AccessForbidden,
    FetchError,
    FileChanged,
    LoginNeeded,
    NoAddress,
    NotServed,
    RedirectRefused,
    ServerBusy,
    ServerFault,
    TooLong,
    Unreachable,
)
from tufkeep.stores.network import Network


@pytest.fixture
def web() -> Iterator[Web]:
    with web_server() as web:
        yield web


@pytest.fixture
def fetcher(web: Web) -> HttpFetcher:
    return HttpFetcher(web.url, network=Network(connect_seconds=30))


def read(fetcher: HttpFetcher, name: str, *, limit: int = 1000, offset: int = 0, tag: str | None = None) -> bytes:
    with fetcher.fetch(name, limit=limit, offset=offset, if_match=tag) as body:
        assert body.offset == offset
        return b"".join(body.chunks)


def test_a_file_is_fetched_whole(web: Web, fetcher: HttpFetcher) -> None:
    web.file("/a", b"data")
    assert read(fetcher, "a") == b"data"
    assert web.seen[0][1]["Accept-Encoding"] == "identity"
    assert web.seen[0][1]["User-Agent"].startswith("tufkeep/")


def test_a_folder_below_is_fetched_from(web: Web, fetcher: HttpFetcher) -> None:
    web.file("/targets/dir/a%20b", b"data")
    assert read(fetcher.below("targets"), "dir/a%20b") == b"data"


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (404, NotServed),
        (410, NotServed),
        (401, LoginNeeded),
        (403, AccessForbidden),
        (412, FileChanged),
        (416, FileChanged),
        (429, ServerBusy),
        (500, ServerFault),
        (503, ServerBusy),
        (204, ServerFault),
        (304, ServerFault),
    ],
)
def test_every_answer_has_its_error(web: Web, fetcher: HttpFetcher, status: int, error: type[FetchError]) -> None:
    web.routes["/a"] = lambda request: request.answer(status=status)
    with pytest.raises(FetchError) as caught:
        read(fetcher, "a")
    assert type(caught.value) is error
    assert str(caught.value).startswith(f"{web.url}/a: ")
    assert len(web.seen) == 1  # nothing is tried twice


def test_one_connection_does_for_many_files_and_for_missing_ones(web: Web, fetcher: HttpFetcher) -> None:
    web.file("/a", b"data")
    for _ in range(3):
        read(fetcher, "a")
        with pytest.raises(NotServed):
            read(fetcher, "b")
    assert web.connections == 1


def test_eight_threads_share_a_fetcher(web: Web, fetcher: HttpFetcher) -> None:
    web.file("/a", b"x" * 100_000)
    found: list[int] = []

    def work() -> None:
        for _ in range(5):
            found.append(len(read(fetcher, "a", limit=100_000)))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [100_000] * 40


def test_connections_that_others_keep_are_not_waited_for_without_end(web: Web) -> None:
    web.file("/a", b"x" * 100_000)
    fetcher = HttpFetcher(web.url, network=Network(silence_seconds=0.1))
    with ExitStack() as stack:
        for _ in range(8):
            stack.enter_context(fetcher.fetch("a", limit=100_000))
        with pytest.raises(Unreachable):
            read(fetcher, "a")
    assert len(read(fetcher, "a", limit=100_000)) == 100_000


def test_a_body_longer_than_allowed_is_not_begun(web: Web, fetcher: HttpFetcher) -> None:
    web.routes["/a"] = lambda request: request.answer(b"", length=1001)
    with pytest.raises(TooLong, match="longer than the 1,000 bytes allowed"):
        read(fetcher, "a")


@pytest.mark.parametrize(("status", "refusal"), [(200, TooLong), (404, NotServed)])
def test_an_endless_body_without_a_length_is_not_read_to_its_end(
    web: Web, fetcher: HttpFetcher, status: int, refusal: type[Exception]
) -> None:
    sent = 0

    def endless(request: Request) -> None:
        nonlocal sent
        request.send_response(status)
        request.send_header("Connection", "close")
        request.end_headers()
        while sent < 1 << 28:
            request.wfile.write(b" " * 65536)
            sent += 65536

    web.routes["/a"] = endless
    with pytest.raises(refusal):
        read(fetcher, "a", limit=100_000)
    assert sent < 1 << 26


def test_a_cut_body_is_noticed(web: Web, fetcher: HttpFetcher) -> None:
    web.file("/a", b"x" * 500, cuts=[200])
    with pytest.raises(Unreachable):
        read(fetcher, "a")


def test_a_cut_chunked_body_is_noticed(web: Web, fetcher: HttpFetcher) -> None:
    def cut(request: Request) -> None:
        request.send_response(200)
        request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        request.wfile.write(b"5\r\nhello\r\n")
        request.wfile.flush()
        request.close_connection = True

    web.routes["/a"] = cut
    with pytest.raises(Unreachable):
        read(fetcher, "a")


def test_the_rest_of_a_file_is_asked_for_by_range_and_tag(web: Web, fetcher: HttpFetcher) -> None:
    web.file("/a", b"0123456789")
    assert read(fetcher, "a", offset=4, tag='"v1"') == b"456789"
    assert web.seen[0][1]["Range"] == "bytes=4-"
    assert web.seen[0][1]["If-Match"] == '"v1"'


def test_the_limit_holds_for_the_whole_file_not_for_its_rest(web: Web, fetcher: HttpFetcher) -> None:
    web.file("/a", b"0123456789")
    with pytest.raises(TooLong):
        read(fetcher, "a", offset=4, limit=9)


def test_a_file_that_was_replaced_is_not_gone_on_with(web: Web, fetcher: HttpFetcher) -> None:
    web.file("/a", b"0123456789", tag='"v2"')
    with pytest.raises(FileChanged):
        read(fetcher, "a", offset=4, tag='"v1"')


def test_a_server_without_ranges_sends_the_whole_file(web: Web, fetcher: HttpFetcher) -> None:
    web.routes["/a"] = lambda request: request.answer(b"0123456789")
    with fetcher.fetch("a", limit=10, offset=4) as body:
        assert body.offset == 0
        assert b"".join(body.chunks) == b"0123456789"


@pytest.mark.parametrize("given", ["bytes 3-9/10", "bytes */10", "", "nonsense"])
def test_another_part_than_the_one_asked_for_is_refused(web: Web, fetcher: HttpFetcher, given: str) -> None:
    web.routes["/a"] = lambda request: request.answer(b"456789", status=206, Content_Range=given)
    with pytest.raises(FetchError, match="another part than the one from byte 4"):
        read(fetcher, "a", offset=4)


def test_a_weak_tag_is_none(web: Web, fetcher: HttpFetcher) -> None:
    web.file("/a", b"data", tag='W/"1"')
    with fetcher.fetch("a", limit=10) as body:
        assert body.tag is None


def test_redirects_are_followed(web: Web, fetcher: HttpFetcher) -> None:
    web.routes["/a"] = lambda request: request.answer(status=302, Location="/b")
    web.routes["/b"] = lambda request: request.answer(status=307, Location=f"{web.url}/c")
    web.file("/c", b"data")
    assert read(fetcher, "a") == b"data"


def test_redirects_in_a_circle_end(web: Web, fetcher: HttpFetcher) -> None:
    web.routes["/a"] = lambda request: request.answer(status=302, Location="/a")
    with pytest.raises(RedirectRefused, match="more than 5 redirects"):
        read(fetcher, "a")


@pytest.mark.parametrize("target", ["ftp://host/a", "file:///etc/passwd", "http://[::1", "//[x/"])
def test_a_redirect_off_http_is_refused(web: Web, fetcher: HttpFetcher, target: str) -> None:
    web.routes["/a"] = lambda request: request.answer(status=302, Location=target)
    with pytest.raises(RedirectRefused):
        read(fetcher, "a")


def test_a_redirect_off_an_encrypted_connection_is_refused() -> None:
    with pytest.raises(RedirectRefused, match="redirected from https to http"):
        http._follow("https://host/a", "http://host/a", "https://host/a")


def test_a_password_goes_to_its_own_host_alone(web: Web) -> None:
    fetcher = HttpFetcher(web.url.replace("http://", "http://me:secret-ключ@"))
    web.routes["/a"] = lambda request: request.answer(status=302, Location=f"http://localhost:{web.server_port}/b")
    web.file("/b", b"data")
    assert read(fetcher, "a") == b"data"
    assert web.seen[0][1]["Authorization"].startswith("Basic ")
    assert "Authorization" not in web.seen[1][1]
    with pytest.raises(NotServed) as caught:
        read(fetcher, "missing")
    assert "secret" not in str(caught.value)
    assert b64decode(web.seen[0][1]["Authorization"].split()[1]).decode() == "me:secret-ключ"


def test_nobody_there_is_unreachable() -> None:
    fetcher = HttpFetcher("http://127.0.0.1:9/")
    with pytest.raises(Unreachable, match=r"http://127\.0\.0\.1:9/a: .*refused"):
        read(fetcher, "a")


def test_a_silent_server_is_unreachable(web: Web) -> None:
    done = threading.Event()
    web.routes["/a"] = lambda request: (done.wait(60), None)[1]
    fetcher = HttpFetcher(web.url, network=Network(silence_seconds=0.2))
    with pytest.raises(Unreachable, match="timed out"):
        read(fetcher, "a")
    done.set()


@pytest.mark.parametrize("folder", ["", "targets"])
def test_a_dripping_server_does_not_hold_a_client_for_ever(web: Web, folder: str) -> None:
    fetcher = HttpFetcher(web.url, limits=Limits(window_seconds=0.2))
    web.routes[f"/{folder}/a" if folder else "/a"] = drip(b"x" * 500, pause_seconds=0.02)
    with pytest.raises(Unreachable, match=r"bytes came in [\d.]+ seconds"):
        read(fetcher.below(folder) if folder else fetcher, "a")


@pytest.mark.parametrize(
    "address",
    ["http://", "http:///a", "https://[::1", "http://host:port", "http://host:99999", "ftp://host/", "host/path"],
)
def test_what_is_no_address_is_said_in_a_sentence(address: str) -> None:
    with pytest.raises(NoAddress, match="neither an http or https URL of a server nor a folder"):
        HttpFetcher(address)


def test_an_address_is_a_url_or_a_folder(tmp_path: Path) -> None:
    assert open_fetcher("https://host/repository").where("a") == "https://host/repository/a"
    assert open_fetcher(str(tmp_path)).where("a") == f"{tmp_path}/a"
