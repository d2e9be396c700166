"""The one place where bytes of an HTTP answer come in: each read is counted, and ends when the wait ends.

Below are urllib3 and http.client, which bound one line and one silence. Here all that they read is bounded, whatever it
is read for: interim answers, headers, chunk lines, the body, trailers, a proxy's answer.
"""

from __future__ import annotations

import http.client
import io
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from tufkeep.client.errors import EndlessAnswer
from tufkeep.client.wait import Wait

_AROUND_BYTES = 1 << 19  # that bring nothing of the body: two reads; http.client alone takes 6 MB of headers
_WIRE_BYTES_PER_BYTE = 8  # a chunk of one byte comes in six
_MOST_ADDRESSES = 8  # of one host


class Wire:
    """What may come in for one file, over all the answers on the way to it."""

    def __init__(self, wait: Wait, *, where: str, silence_seconds: float):
        self.wait, self.where = wait, where
        self._silence_seconds = silence_seconds
        self._left = _AROUND_BYTES

    def seconds(self) -> float:
        """Return how long one read may take; more than 0."""
        return min(self.wait.left(self.where), self._silence_seconds)

    def count(self, received: int) -> None:
        """Count what came.

        Raises:
            EndlessAnswer: it is too much for what it brought.
        """
        self._left -= received
        if self._left < 0:
            raise EndlessAnswer(self.where, limit=_AROUND_BYTES)

    def brought(self, body: int) -> None:
        """Note that bytes of the body were among what came: as much may come again without any."""
        self._left = min(self._left + body * _WIRE_BYTES_PER_BYTE, _AROUND_BYTES)


_wire: ContextVar[Wire | None] = ContextVar("wire", default=None)  # urllib3 hands nothing of ours down


@contextmanager
def bounded(wire: Wire) -> Iterator[None]:
    """Bound what the requests that begin in the block connect to and read, to the end of their answers."""
    token = _wire.set(wire)
    try:
        yield
    finally:
        _wire.reset(token)


def bound(pool: PoolManager) -> PoolManager:
    """Return a pool whose connections are bounded."""
    pool.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}
    return pool


class _Bounded(io.RawIOBase):
    """A socket's incoming side."""

    def __init__(self, inner: io.RawIOBase, sock: socket.socket, wire: Wire):
        self._inner, self._sock, self._wire = inner, sock, wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._wire.seconds())
        try:
            count = self._inner.readinto(buffer)
        except TimeoutError:
            self._wire.seconds()  # the wait is over, rather than the server silent
            raise
        self._wire.count(count or 0)
        return count

    def close(self) -> None:
        self._inner.close()
        super().close()


class _BoundedAnswer(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *arguments: Any, **named: Any):
        super().__init__(sock, *arguments, **named)
        wire = _wire.get()
        if wire is not None:
            raw = self.fp.detach()
            self.fp = io.BufferedReader(_Bounded(raw, sock, wire))


class _Connects(HTTPConnection):
    response_class = _BoundedAnswer

    def _new_conn(self) -> socket.socket:
        """Connect to one of a host's addresses; who owns the name could list a thousand that are silent."""
        host = self._dns_host.strip("[]")
        try:
            host.encode("idna")
            found = socket.getaddrinfo(host, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise NameResolutionError(self.host, self, socket.gaierror(str(error))) from error
        failed: OSError | None = None
        for family, kind, protocol, _, address in found[:_MOST_ADDRESSES]:
            sock = socket.socket(family, kind, protocol)
            try:
                for option in self.socket_options or ():
                    sock.setsockopt(*option)
                sock.settimeout(self._seconds())
                sock.connect(address)
                return sock
            except BaseException as error:
                sock.close()
                if not isinstance(error, OSError):
                    raise
                failed = error
        if isinstance(failed, TimeoutError):
            raise ConnectTimeoutError(self, f"no connection within {self.timeout} seconds") from failed
        raise NewConnectionError(self, str(failed or "no address")) from failed

    def _seconds(self) -> float | None:
        wire = _wire.get()
        if wire is None:
            return self.timeout
        return min(wire.seconds(), self.timeout or wire.seconds())


class _TlsConnects(_Connects, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Connects


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnects
