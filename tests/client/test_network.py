"""Proxies, certificates and headers: what is used for which server, and what no redirect takes along."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trustme

from tests.client.web import Web, web_server
from tufkeep.client import HttpFetcher, Limits
from tufkeep.client.errors import NotServed, RedirectRefused, Unreachable
from tufkeep.stores import MemoryStore
from tufkeep.stores.network import BadHeader, BadProxy, Network, UnusableFile, network_of, read_headers
from tufkeep.testing.hostile import HostileServer, head

PROXIED = Network(http_proxy="http://proxy:3128", https_proxy="proxy:3129", no_proxy="*.lan, 10.0.0.0/8,[::1],x.org:81")


def read(url: str, network: Network | None = None, name: str = "a") -> bytes:
    with HttpFetcher(url, network=network, limits=Limits(request_seconds=20)).fetch(name, limit=1000) as body:
        return b"".join(body.chunks)


@pytest.fixture
def web() -> Iterator[Web]:
    with web_server() as web:
        yield web


@contextmanager
def tls_server(
    authority: trustme.CA, *, answer: bytes, clients: trustme.CA | None = None, shown: trustme.LeafCert | None = None
) -> Iterator[str]:
    """Serve one answer over TLS, asking for a client certificate where somebody issues them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (shown or authority.issue_cert("127.0.0.1")).configure_cert(context)
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        clients.configure_trust(context)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                sock, _ = listener.accept()
                with suppress(OSError), sock, context.wrap_socket(sock, server_side=True) as wrapped:
                    wrapped.recv(10_000)
                    wrapped.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    return tmp_path / "ca.pem"


FILE = head(Content_Length=4, Connection="close") + b"data"


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("http://host/", "http://proxy:3128"),
        ("https://host/", "http://proxy:3129"),
        ("https://a.lan/", None),
        ("https://lan/", None),
        ("https://alan/", "http://proxy:3129"),
        ("http://10.1.2.3/", None),
        ("http://11.1.2.3/", "http://proxy:3128"),
        ("http://[::1]/", None),
        ("http://x.org:81/", None),
        ("http://x.org/", "http://proxy:3128"),
    ],
)
def test_a_proxy_is_used_where_no_proxy_does_not_say_otherwise(url: str, proxy: str | None) -> None:
    assert PROXIED.proxy_for(url) == proxy


@pytest.mark.parametrize(
    ("environment", "url", "proxy"),
    [
        ({"HTTPS_PROXY": "http://p"}, "https://host/", "http://p"),
        ({"HTTPS_PROXY": "http://p"}, "http://host/", None),
        ({"http_proxy": "http://p", "HTTP_PROXY": "http://q"}, "http://host/", "http://p"),
        ({"ALL_PROXY": "http://p"}, "http://host/", "http://p"),
        ({"ALL_PROXY": "http://p", "NO_PROXY": "*"}, "http://host/", None),
        ({"HTTP_PROXY": "http://p", "REQUEST_METHOD": "GET"}, "http://host/", None),
        ({}, "http://host/", None),
    ],
)
def test_the_environment_says_which_proxy(environment: Mapping[str, str], url: str, proxy: str | None) -> None:
    assert network_of(environment).proxy_for(url) == proxy


def test_headers_and_certificates_come_from_the_environment_too() -> None:
    found = network_of({"TUFKEEP_CA_FILE": "ca", "TUFKEEP_HEADERS": "X-A: b\nAuthorization: Bearer c\n"})
    assert found.ca_file == Path("ca")
    assert found.headers == {"X-A": "b", "Authorization": "Bearer c"}
    assert "Bearer" not in repr(found)


@pytest.mark.parametrize("line", ["secret", "X A: secret", "X: \x00secret", ": secret", "X: \xe4secret"])
def test_what_is_no_header_is_refused_and_not_shown(line: str) -> None:
    with pytest.raises(BadHeader) as caught:
        read_headers(line)
    assert "secret" not in str(caught.value)


def test_a_file_is_asked_for_through_a_proxy() -> None:
    with HostileServer(MemoryStore()) as proxy:
        proxy.answers["http://repository.invalid/a"] = lambda peer, data: peer.send(FILE)
        assert read("http://repository.invalid/", Network(http_proxy=proxy.url)) == b"data"


@pytest.mark.parametrize(
    "proxy", ["socks5://u:secret@host:1080", "http://", "http://u:secret@host:port", "http://[::1"]
)
def test_what_is_no_http_proxy_is_refused_and_not_shown(proxy: str) -> None:
    for network in (Network(http_proxy=proxy), network_of({"ALL_PROXY": proxy})):
        with pytest.raises(BadProxy) as caught:
            read("http://host/", network)
        assert "secret" not in f"{caught.value}{network!r}"


def test_a_proxy_that_is_not_there_or_refuses_is_named() -> None:
    with pytest.raises(Unreachable, match="the proxy: connection refused"):
        read("http://repository.invalid/", Network(http_proxy="http://127.0.0.1:1"))
    with HostileServer(MemoryStore()) as proxy:
        proxy.answers["repository.invalid:443"] = lambda peer, data: peer.send(head("407 Who are you"))
        with pytest.raises(Unreachable, match="407 Who are you"):
            read("https://repository.invalid/", Network(https_proxy=proxy.url))


def test_a_certificate_is_trusted_by_a_ca_file_alone(authority: trustme.CA, ca_file: Path) -> None:
    with tls_server(authority, answer=FILE) as url:
        assert read(url, Network(ca_file=ca_file)) == b"data"
        with pytest.raises(Unreachable, match=r"the certificate of 127\.0\.0\.1 is not trusted"):
            read(url)


def test_a_certificate_that_is_not_trusted_is_described(authority: trustme.CA, ca_file: Path) -> None:
    expired = datetime(2020, 1, 2, tzinfo=UTC)
    for issued, why in (
        (authority.issue_cert("127.0.0.1", not_before=datetime(2019, 1, 2, tzinfo=UTC), not_after=expired), "expired"),
        (authority.issue_cert("127.0.0.2", not_after=datetime(2050, 1, 2, tzinfo=UTC)), "IP address mismatch"),
    ):
        with tls_server(authority, answer=FILE, shown=issued) as url, pytest.raises(Unreachable) as caught:
            read(url, Network(ca_file=ca_file))
        assert why in str(caught.value)
        assert "issued by" in str(caught.value)
        assert f"to {'2020' if why == 'expired' else '2050'}-01-02)" in str(caught.value)


def test_a_client_certificate_is_shown(authority: trustme.CA, ca_file: Path, tmp_path: Path) -> None:
    authority.issue_cert("me@example.com").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "me.pem"))
    with tls_server(authority, answer=FILE, clients=authority) as url:
        assert read(url, Network(ca_file=ca_file, certificate_file=tmp_path / "me.pem")) == b"data"
        with pytest.raises(Unreachable):
            read(url, Network(ca_file=ca_file))


def test_a_client_certificate_is_for_its_own_host(
    authority: trustme.CA, ca_file: Path, tmp_path: Path, web: Web
) -> None:
    """The other host asks for one, too, and would see whose it is."""
    authority.issue_cert("me@example.com").private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "me.pem"))
    with tls_server(authority, answer=FILE, clients=authority) as other:
        web.routes["/a"] = lambda request: request.answer(status=302, Location=f"{other}a")
        with pytest.raises(Unreachable):
            read(web.url, Network(ca_file=ca_file, certificate_file=tmp_path / "me.pem"))


def test_headers_go_to_their_own_host_alone(web: Web) -> None:
    web.routes["/a"] = lambda request: request.answer(status=302, Location="/b")
    web.routes["/b"] = lambda request: request.answer(status=302, Location=f"http://localhost:{web.server_port}/c")
    web.routes["/c"] = lambda request: request.answer(status=302, Location=f"{web.url}/d")
    web.file("/d", b"data")
    assert read(web.url, Network(headers={"X-Token": "secret"})) == b"data"
    assert ["X-Token" in headers for _, headers in web.seen] == [True, True, False, False]


def test_https_is_never_left_for_http(authority: trustme.CA, ca_file: Path, web: Web) -> None:
    with (
        tls_server(authority, answer=head("302 Found", Location=f"{web.url}/a", Connection="close")) as url,
        pytest.raises(RedirectRefused, match="from https to http"),
    ):
        read(url, Network(ca_file=ca_file))
    assert web.seen == []


def test_a_plain_port_is_named(web: Web) -> None:
    with pytest.raises(Unreachable, match="does not answer in https"):
        read(web.url.replace("http:", "https:"))


def test_a_tls_port_is_named(authority: trustme.CA) -> None:
    with tls_server(authority, answer=FILE) as url, pytest.raises(Unreachable):
        read(url.replace("https:", "http:"))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match=r"ca\.pem: there is no such file"):
        read("https://host/", Network(ca_file=tmp_path / "ca.pem"))


def test_nothing_is_sent_to_a_server_that_is_reached_directly(web: Web) -> None:
    with pytest.raises(NotServed):
        read(web.url, Network(http_proxy="http://127.0.0.1:1", no_proxy="127.0.0.1"))
