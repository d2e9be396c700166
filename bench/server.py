"""A web server that counts what it is asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Counter:
    """How many requests have come."""

    def __init__(self) -> None:
        self.requests = 0
        self._lock = threading.Lock()

    def count(self) -> None:
        with self._lock:
            self.requests += 1


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: object, counter: Counter, directory: str):
        self.counter = counter
        super().__init__(*arguments, directory=directory)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        self.counter.count()
        super().do_GET()

    def log_message(self, format: str, *arguments: object) -> None:
        return


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, Counter]]:
    """Serve a folder on loopback; give its URL and the counter."""
    counter = Counter()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, counter=counter, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", counter
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
