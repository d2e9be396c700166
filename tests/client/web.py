"""A web server of a test's own, on loopback, that can also break off, lie and stall."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Request(BaseHTTPRequestHandler):
    """One request; what a route calls to answer it."""

    protocol_version = "HTTP/1.1"
    server: Web

    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.headers))
        self.server.routes.get(self.path, Request.missing)(self)

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def answer(self, body: bytes = b"", *, status: int = 200, length: int | None = None, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)
        if length is not None and length > len(body):
            self.wfile.flush()
            self.close_connection = True

    def missing(self) -> None:
        self.answer(b"<h1>Not Found</h1>", status=404)

    def log_message(self, *_: object) -> None:
        pass


Route = Callable[[Request], None]


class Web(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Request)
        self.routes: dict[str, Route] = {}
        self.seen: list[tuple[str, Message]] = []  # path, headers
        self.connections = 0
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: object) -> None:
        """Clients of these tests hang up; that is no news."""

    def file(self, path: str, data: bytes, *, tag: str | None = '"v1"', cuts: list[int] | None = None) -> None:
        """Serve a file with ranges, breaking off so many bytes into each of the next answers."""
        breaks = cuts if cuts is not None else []

        def serve(request: Request) -> None:
            given = request.headers.get("Range")
            if given and tag and request.headers.get("If-Match") not in (None, tag):
                return request.answer(status=412)
            start = int(given.removeprefix("bytes=").rstrip("-")) if given else 0
            body = data[start:]
            sent = body[: breaks.pop(0)] if breaks else body
            extra = {"ETag": tag} if tag else {}
            if given:
                extra["Content_Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
            return request.answer(sent, status=206 if given else 200, length=len(body), **extra)

        self.routes[path] = serve


@contextmanager
def web_server() -> Iterator[Web]:
    with Web() as web:
        thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield web
        finally:
            web.shutdown()
            thread.join()


def drip(data: bytes, *, pause_seconds: float) -> Route:
    """Return a route that sends a file byte by byte."""

    def serve(request: Request) -> None:
        request.send_response(200)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        for byte in data:
            request.wfile.write(bytes([byte]))
            request.wfile.flush()
            time.sleep(pause_seconds)

    return serve
