"""A server that answers what no honest one does, byte by byte, on this machine's loopback.

    with HostileServer(store) as server:
        server.answers["/timestamp.json"] = drip_head
        ...  # talk to server.url; every other path is served as it is

An answer is a function of the connection and of the bytes that an honest server would send; it may go on for ever: it
ends when the other side hangs up or the block does.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import cycle, repeat
from types import TracebackType
from urllib.parse import unquote

from tufkeep.stores import Store, StoreFault

PAUSE_SECONDS = 0.01  # between two dripped pieces
_LINE = 1 << 16


class Peer:
    """The server's end of one connection."""

    def __init__(self, sock: socket.socket, ended: threading.Event, head: bytes):
        self.sock, self.ended = sock, ended
        self.head = head  # the request, as it came

    def send(self, *parts: bytes) -> None:
        self.sock.sendall(b"".join(parts))

    def flood(self, parts: Iterator[bytes]) -> None:
        """Send as fast as it goes."""
        for part in parts:
            if self.ended.is_set():
                return
            self.sock.sendall(part)

    def drip(self, parts: Iterator[bytes]) -> None:
        """Send a piece now and then."""
        for part in parts:
            self.sock.sendall(part)
            if self.ended.wait(PAUSE_SECONDS):
                return

    def silence(self) -> None:
        self.ended.wait(60)

    def reset(self) -> None:
        """Break the connection, which the other side sees at once."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


Answer = Callable[[Peer, bytes], None]


def head(status: str = "200 OK", **headers: object) -> bytes:
    """Return the head of an answer."""
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def only(status: str, **headers: object) -> Answer:
    """Return an answer without a body."""
    return lambda line, body: line.send(head(status, **{"Content_Length": 0, **headers}))


def says(data: bytes) -> Answer:
    """Return an answer of these very bytes, after which the connection is closed."""
    return lambda line, body: line.send(data)


def then(start: bytes, go_on: Callable[[Peer, Iterator[bytes]], None], parts: Callable[[], Iterator[bytes]]) -> Answer:
    """Return an answer that begins with some bytes and goes on without end."""

    def answer(line: Peer, body: bytes) -> None:
        line.send(start)
        go_on(line, parts())

    return answer


def stalls(start: bytes) -> Answer:
    """Return an answer that stops in the middle, with the connection open."""

    def answer(line: Peer, body: bytes) -> None:
        line.send(start)
        line.silence()

    return answer


def one_byte_then_reset(line: Peer, body: bytes) -> None:
    """Send one more byte of the file at each attempt."""
    begin = asked_from(line)
    line.send(partial_head(begin, len(body)), body[begin : begin + 1])
    line.ended.wait(PAUSE_SECONDS)
    line.reset()


def asked_from(line: Peer) -> int:
    """Return where in the file the request begins."""
    _, found, rest = line.head.lower().partition(b"range: bytes=")
    return int(rest.partition(b"-")[0]) if found else 0


def partial_head(begin: int, length: int, **headers: object) -> bytes:
    """Return the head of an honest answer, from some byte on."""
    if begin:
        headers["Content-Range"] = f"bytes {begin}-{length - 1}/{length}"
    return head("206 Partial Content" if begin else "200 OK", **{"Content-Length": length - begin, **headers})


CHUNKED = head(Transfer_Encoding="chunked")

# By what they do to who asks. None of them is the file.
ANSWERS: dict[str, Answer] = {
    "silence": stalls(b""),
    "silence after the head": stalls(head(Content_Length=100)),
    "silence in the body": stalls(head(Content_Length=100) + b"{"),
    "silence in a chunk": stalls(CHUNKED + b"5\r\n{"),
    "a status line byte by byte": then(b"HTTP/1.1 200 ", Peer.drip, lambda: repeat(b"O")),
    "a header byte by byte": then(b"HTTP/1.1 200 OK\r\nX-A: ", Peer.drip, lambda: repeat(b"a")),
    "headers one by one": then(b"HTTP/1.1 200 OK\r\n", Peer.drip, lambda: cycle([b"X-A: b\r\n"])),
    "headers without end": then(b"HTTP/1.1 200 OK\r\n", Peer.flood, lambda: repeat(b"X-A: " + b"b" * 60000 + b"\r\n")),
    "one header without end": then(b"HTTP/1.1 200 OK\r\nX-A: ", Peer.flood, lambda: repeat(b"a" * _LINE)),
    "a folded header without end": then(b"HTTP/1.1 200 OK\r\nX: ", Peer.flood, lambda: repeat(b"\r\n " + b"a" * 60000)),
    "100 Continue without end": then(b"", Peer.flood, lambda: repeat(head("100 Continue") * 1000)),
    "100 Continue now and then": then(b"", Peer.drip, lambda: repeat(head("100 Continue"))),
    "a chunk line byte by byte": then(CHUNKED, Peer.drip, lambda: repeat(b"0")),
    "a chunk extension without end": then(CHUNKED + b"1;", Peer.flood, lambda: repeat(b"a" * _LINE)),
    "chunks with long extensions": then(CHUNKED, Peer.flood, lambda: repeat(b"1;" + b"a" * 60000 + b"\r\n \r\n")),
    "chunks byte by byte": then(CHUNKED, Peer.drip, lambda: repeat(b"1\r\n \r\n")),
    "trailers without end": then(CHUNKED + b"1\r\n{\r\n0\r\n", Peer.flood, lambda: repeat(b"X-A: b\r\n" * 5000)),
    "trailers one by one": then(CHUNKED + b"1\r\n{\r\n0\r\n", Peer.drip, lambda: repeat(b"X-A: b\r\n")),
    "a body byte by byte": then(head(Content_Length=9000), Peer.drip, lambda: repeat(b" ")),
    "a body without length byte by byte": then(head(), Peer.drip, lambda: repeat(b" ")),
    "a body without end": then(head(), Peer.flood, lambda: repeat(b" " * _LINE)),
    "an error page byte by byte": then(head("500 No", Content_Length=9000), Peer.drip, lambda: repeat(b" ")),
    "an error page without end": then(head("500 No"), Peer.flood, lambda: repeat(b" " * _LINE)),
    "one more byte, then a reset": one_byte_then_reset,
    "a reset": lambda line, body: line.reset(),
    "nothing": says(b""),
    "half a head": says(b"HTTP/1.1 200 OK\r\nContent-"),
    "half a body": says(head(Content_Length=100) + b"{"),
    "half a chunk": says(CHUNKED + b"100\r\n{"),
    "no HTTP": says(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "TLS": says(b"\x15\x03\x01\x00\x02\x02\x46"),
    "binary": says(bytes(range(256)) * 40),
    "HTTP/2": says(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + bytes(18)),
    "HTTP/0.9": says(b"<html>"),
    "a status of many digits": says(b"HTTP/1.1 " + b"9" * 5000 + b" OK\r\n\r\n"),
    "a status below zero": says(b"HTTP/1.1 -20 OK\r\n\r\n"),
    "a length of 5,000 digits": only("200 OK", Content_Length="9" * 5000),
    "a length below zero": only("200 OK", Content_Length=-5),
    "a length in words": only("200 OK", Content_Length="many"),
    "a length in other digits": only("200 OK", Content_Length="\xb2"),
    "two lengths": says(head(Content_Length="5, 6") + b"hello!"),
    "a chunk of 5,000 digits": says(CHUNKED + b"f" * 5000 + b"\r\n{"),
    "a chunk below zero": says(CHUNKED + b"-5\r\n{}\r\n"),
    "a chunk in words": says(CHUNKED + b"many\r\n{}\r\n"),
    "a part nobody asked for": only("206 Partial Content", Content_Range="bytes 5-9/10"),
    "a part of 5,000 digits": only("206 Partial Content", Content_Range=f"bytes {'9' * 5000}-/*"),
    "a name and password wanted": only("401 Unauthorized", WWW_Authenticate="Basic realm=x"),
    "a proxy that asks who we are": only("407 Proxy Authentication Required"),
    "busy": only("503 Service Unavailable"),
    "busy for ever": only("429 Too Many Requests", Retry_After="9" * 5000),
    "busy for a year": only("503 Service Unavailable", Retry_After=31_536_000),
    "busy until 1970": only("503 No", Retry_After="Thu, 01 Jan 1970 00:00:00 GMT", Date="Sat, 01 Jan 2050 0:00:00 GMT"),
    "busy until nonsense": only("429 No", Retry_After="tomorrow"),
    "an error of the server": only("500 Internal Server Error"),
    "not modified": only("304 Not Modified"),
    "no content": only("204 No Content"),
    "another protocol": only("101 Switching Protocols", Upgrade="websocket", Connection="upgrade"),
    "an early hint": only("103 Early Hints"),
    "a redirect to itself": lambda line, body: line.send(
        head("302 Found", Content_Length=0, Location=unquote(line.head.split()[1].decode()))
    ),
    "a redirect without a place": only("302 Found"),
    "a redirect off HTTP": only("302 Found", Location="file:///etc/passwd"),
    "a redirect to no address": only("302 Found", Location="http://[::1"),
    "a redirect to a bad host": only("302 Found", Location=f"http://{'a' * 300}.example/"),
    "a redirect to a bad port": only("302 Found", Location="http://127.0.0.1:99999/"),
    "a redirect to port 0": only("302 Found", Location="http://127.0.0.1:0/"),
    "a redirect in other letters": only("302 Found", Location="http://\xe4\xe9\x80\xff/\x00\xff"),
    "a redirect with a password": only("302 Found", Location="http://a:b@127.0.0.1:1/"),
    "a long redirect": only("302 Found", Location="/" + "a" * 70000),
    "a page of a hotel": says(head(Content_Length=14) + b"<html>pay here"),
    "bytes of its own": says(head(Content_Length=2, Content_Encoding="gzip") + b"\x1f\x8b"),
}  # fmt: skip


class HostileServer:
    """Serves a repository, and something else in place of the files that `answers` names.

    Args:
        store: the repository.
    """

    def __init__(self, store: Store):
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self._store = store
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> HostileServer:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        with sock, suppress(OSError):
            sock.settimeout(30)
            request = b""
            while b"\r\n\r\n" not in request:
                received = sock.recv(_LINE)
                if not received:
                    return
                request += received
            request = _without_body(sock, request)
            path = request.split(b" ", 2)[1].decode("ascii", "replace")
            self.asked.append(path)
            line = Peer(sock, self._ended, request)
            found = self._find(path)
            answer = self.answers.get(path) or (_honest if found is not None else only("404 Not Found"))
            answer(line, found or b"")

    def _find(self, path: str) -> bytes | None:
        try:
            return self._store.read(unquote(path).lstrip("/"), limit=1 << 30)
        except StoreFault:
            return None


def _without_body(sock: socket.socket, request: bytes) -> bytes:
    """Take in what a request sends after its head; who sends would take an early answer for a broken connection."""
    start, _, body = request.partition(b"\r\n\r\n")
    found = re.search(rb"(?i)\r\ncontent-length: (\d+)", start)
    missing = int(found[1]) - len(body) if found else 0
    while missing > 0 and (received := sock.recv(_LINE)):
        missing -= len(received)
    return start + b"\r\n\r\n"


def _honest(line: Peer, body: bytes) -> None:
    begin = asked_from(line)
    line.send(partial_head(begin, len(body), Connection="close"), body[begin:])
