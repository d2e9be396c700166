"""A web server over one repository, for trying things out.

It serves a store whose root is the repository: keys/ and staged/ are not in it, whatever the request says. It lists
nothing, takes nothing in, and listens on the loopback address unless told otherwise.
"""

from __future__ import annotations

import hashlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import UnsupportedOperation
from socketserver import TCPServer
from typing import Any, BinaryIO

from tuf.api.metadata import Root

from tufkeep.errors import StoreError, WorkspaceError
from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.document import Document
from tufkeep.metadata.filenames import metadata_name
from tufkeep.stores import LinkRefused, NotAFile, NotAFolder, ObjectMissing, Store, StoreFault, UnsafeName
from tufkeep.watch.answering import Answer, answer, object_name, refusal

LOOPBACK = "127.0.0.1"
IDLE_SECONDS = 60  # a connection that says nothing is closed

_CHUNK_BYTES = 1 << 20
_ROOT_LIMIT_BYTES = 1 << 20
_NOT_SERVED = (ObjectMissing, NotAFile, NotAFolder, LinkRefused, UnsafeName)  # from outside they are all the same


class CannotListen(StoreError):
    """The address or port can't be had."""

    exit_code = 30

    def __init__(self, address: str, port: int, reason: str):
        super().__init__(f"{address} port {port}: {reason.lower()}")
        self.address = address
        self.port = port


class NothingToServe(WorkspaceError):
    """The folder is not what a web server would serve."""

    exit_code = 10

    def __init__(self, reason: str):
        super().__init__(f"no repository to serve: {reason}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """One request, as it was answered."""

    method: str
    target: str
    status: int
    length_bytes: int  # of the body
    seconds: float


class RepositoryServer(ThreadingHTTPServer):
    """A server of one store, one thread for each connection."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self, store: Store, *, address: str = LOOPBACK, port: int = 0, log: Callable[[Answered], None] | None = None
    ):
        """Listen.

        Args:
            store: its root is the repository.
            port: 0 takes any that is free.
            log: told of every request, from many threads.

        Raises:
            NothingToServe: there is no root metadata, or keys are beside it.
            CannotListen: the address is taken, forbidden or not ours.
        """
        _require_repository(store)
        self.store = store
        self.log = log or (lambda request: None)
        self.address_family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            super().__init__((address, port), _Handler)
        except (OSError, OverflowError) as error:
            raise CannotListen(address, port, getattr(error, "strerror", None) or str(error)) from None

    @property
    def url(self) -> str:
        """Where the repository is, with a slash at the end."""
        address, port = self.server_address[:2]
        host = f"[{address!s}]" if self.address_family == socket.AF_INET6 else str(address)
        return f"http://{host}:{port}/"

    def server_bind(self) -> None:
        # Without http.server's look-up of our own name, which takes seconds where no name server answers.
        TCPServer.server_bind(self)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that went away is no error of ours."""


@contextmanager
def serving(store: Store, **options: Any) -> Iterator[RepositoryServer]:
    """Serve in the background until the block ends; takes what RepositoryServer takes."""
    with RepositoryServer(store, **options) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: RepositoryServer
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True  # else the second half of a short answer waits for the first to be acknowledged
    wbufsize = 1 << 16  # head and a short body in one packet

    def do_GET(self) -> None:
        started = time.monotonic()
        sent, stream = self._answer()
        body = b"" if stream else _plain(sent.status)
        try:
            self._send_head(sent, body)
            if self.command != "HEAD":
                self._send_part(stream, sent) if stream else self.wfile.write(body)
        finally:
            if stream:
                stream.close()
        self._tell(sent.status, sent.length_bytes or len(body), started)

    do_HEAD = do_GET  # noqa: N815  http.server's names

    def refuse_method(self) -> None:
        # What such a request carries is not read, so nothing after it on this connection would be understood.
        self.close_connection = True
        self._send_head(refusal(405, {"Allow": "GET, HEAD", "Connection": "close"}), body := _plain(405))
        self.wfile.write(body)
        self._tell(405, len(body), time.monotonic())

    do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = refuse_method  # noqa: N815

    def _answer(self) -> tuple[Answer, BinaryIO | None]:
        name = object_name(self.path)
        if name is None:
            return refusal(404), None
        try:
            stream = self._open(name)
        except _NOT_SERVED:
            return refusal(404), None
        except StoreFault:  # never a 404: a client takes that for the end of the root versions
            return refusal(503), None
        asked = dict(self.headers.items())
        return answer(name, length_bytes=_length_bytes(stream), tag=_tag(stream), request=asked), stream

    def _open(self, name: str) -> BinaryIO:
        """Open an object; a role's file may carry its name as it was asked for, too: a%2Fb.json for the role a/b."""
        try:
            return self.server.store.open(name)
        except _NOT_SERVED:
            return self.server.store.open(self.path.partition("?")[0].removeprefix("/"))

    def _send_head(self, sent: Answer, body: bytes) -> None:
        self.send_response(sent.status)
        for key, value in sent.headers.items():
            self.send_header(key, value)
        self.send_header("X-Content-Type-Options", "nosniff")
        if "Content-Length" not in sent.headers and sent.status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()

    def _send_part(self, stream: BinaryIO, sent: Answer) -> None:
        stream.seek(sent.start)
        left = sent.length_bytes
        while left and (chunk := stream.read(min(left, _CHUNK_BYTES))):
            self.wfile.write(chunk)
            left -= len(chunk)
        if left:
            self.close_connection = True  # shorter than promised: only a cut connection says so

    def _tell(self, status: int, length_bytes: int, started: float) -> None:
        self.server.log(
            Answered(
                method=self.command,
                target=self.path,
                status=status,
                length_bytes=length_bytes,
                seconds=time.monotonic() - started,
            )
        )

    def version_string(self) -> str:
        return "tufkeep"

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing; `_tell` does."""


def _require_repository(store: Store) -> None:
    """Refuse a store that is no repository, such as a folder of keys, which has a root.json of its own.

    Raises:
        NothingToServe: with the reason.
    """
    root = next(
        (name for name in (metadata_name("root"), metadata_name("root", 1)) if store.stat(name) is not None), None
    )
    if root is None:
        raise NothingToServe("there is no root.json")
    try:
        Document.parse(store.read(root, limit=_ROOT_LIMIT_BYTES), Root)
    except MalformedMetadata:
        raise NothingToServe(f"{root} is no root metadata") from None
    for folder in ("keys/", "staged/"):
        if next(store.list(folder), None) is not None:
            raise NothingToServe(f"{folder} is in it, which must not be served")


def _plain(status: int) -> bytes:
    return f"{status} {HTTPStatus(status).phrase.lower()}\n".encode()


def _length_bytes(stream: BinaryIO) -> int:
    return stream.seek(0, os.SEEK_END)


def _tag(stream: BinaryIO) -> str:
    """Return a strong tag of the very bytes behind the stream.

    For a file its inode, length and time of change: every write makes a new file, so equal tags mean equal bytes, and
    nothing needs to be read. What is no file is hashed.
    """
    try:
        seen = os.fstat(stream.fileno())
    except (AttributeError, OSError, UnsupportedOperation):
        stream.seek(0)
        return f'"{hashlib.sha256(stream.read()).hexdigest()}"'
    return f'"{seen.st_ino:x}-{seen.st_size:x}-{seen.st_mtime_ns:x}"'
