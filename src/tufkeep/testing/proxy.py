"""A proxy that does to requests what a network or a server may do to them.

    def decide(request: SeenRequest) -> Disturbance: ...
    with FaultProxy("http://127.0.0.1:8333", decide) as proxy:
        ...  # talk to proxy.url

Each request is decided about once, in the order of arrival. The host that a client signs is passed on, so signed
requests stay valid.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

_CHUNK_BYTES = 4096
_SLOW_SECONDS = 0.01  # between two chunks
_HOPS = frozenset(("connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"))


class Disturbance(Enum):
    """What becomes of one request."""

    NONE = "none"
    REFUSE = "the connection is reset before the server sees it"
    LOSE = "the server does it, and the reply is lost"
    FAIL = "a 500 in place of it"
    SLOW = "the reply comes slowly"
    CUT = "the reply is cut in the middle"
    SPOIL_SENT = "one bit of the body that is sent is flipped"
    SPOIL_RECEIVED = "one bit of the body that comes back is flipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRequest:
    """One request as it came."""

    number: int  # from 1
    method: str
    path: str
    length_bytes: int


Decide = Callable[[SeenRequest], Disturbance]


class FaultProxy:
    """A proxy before one server, on a port of this machine's loopback.

    Args:
        upload_bytes_per_second: of each connection, as behind an ordinary line; None for as fast as it goes.
    """

    def __init__(
        self,
        upstream: str,
        decide: Decide = lambda request: Disturbance.NONE,
        *,
        upload_bytes_per_second: int | None = None,
    ):
        self.decide = decide
        self.upload_bytes_per_second = upload_bytes_per_second
        self.requests: list[SeenRequest] = []
        self._upstream = urlsplit(upstream).netloc
        self._guard = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FaultProxy:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def arrived(self, method: str, path: str, length_bytes: int) -> Disturbance:
        """Count a request, and decide about it."""
        with self._guard:
            request = SeenRequest(number=len(self.requests) + 1, method=method, path=path, length_bytes=length_bytes)
            self.requests.append(request)
            return self.decide(request)

    def forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[HTTPResponse, bytes]:
        """Do a request at the server."""
        connection = HTTPConnection(self._upstream, timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders(body or None)
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:  # a client that went away
                    self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                return

            def __getattr__(self, name: str) -> Callable[[], None]:
                if name.startswith("do_"):
                    return self._pass_on
                raise AttributeError(name)

            def _pass_on(self) -> None:
                length_bytes = int(self.headers.get("Content-Length") or 0)
                body = self._body(length_bytes)
                fault = proxy.arrived(self.command, self.path, length_bytes)
                if fault is Disturbance.REFUSE:
                    self.close_connection = True
                elif fault is Disturbance.FAIL:
                    self._answer(500, {}, b"<Error><Code>InternalError</Code></Error>", fault)
                else:
                    sent = spoiled(body) if fault is Disturbance.SPOIL_SENT else body
                    answer, data = proxy.forward(self.command, self.path, dict(self.headers.items()), sent)
                    if fault is Disturbance.LOSE:
                        self.close_connection = True
                        return
                    headers = {name: value for name, value in answer.getheaders() if name.lower() not in _HOPS}
                    self._answer(answer.status, headers, data, fault, declared=answer.getheader("Content-Length"))

            def _body(self, length_bytes: int) -> bytes:
                if proxy.upload_bytes_per_second is None:
                    return self.rfile.read(length_bytes)
                body = b""
                while chunk := self.rfile.read(min(_CHUNK_BYTES * 16, length_bytes - len(body))):
                    body += chunk
                    time.sleep(len(chunk) / proxy.upload_bytes_per_second)
                return body

            def _answer(
                self,
                status: int,
                headers: dict[str, str],
                data: bytes,
                fault: Disturbance,
                *,
                declared: str | None = None,
            ) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                length = declared if self.command == "HEAD" and declared else str(len(data))
                self.send_header("Content-Length", length)
                self.end_headers()
                if self.command == "HEAD":
                    return
                data = spoiled(data) if fault is Disturbance.SPOIL_RECEIVED else data
                if fault is Disturbance.CUT:
                    data = data[: len(data) // 2]
                    self.close_connection = True
                for start in range(0, len(data), _CHUNK_BYTES):
                    if fault is Disturbance.SLOW:
                        time.sleep(_SLOW_SECONDS)
                    self.wfile.write(data[start : start + _CHUNK_BYTES])

        return Handler


def spoiled(data: bytes) -> bytes:
    """Return the bytes with one bit in the middle flipped; nothing has no bit to flip."""
    middle = len(data) // 2
    return data[:middle] + bytes((data[middle] ^ 1,)) + data[middle + 1 :] if data else data
