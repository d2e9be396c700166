"""Fetching over HTTP, encrypted or not.

Redirects are followed here, because urllib3 would follow one off an encrypted connection. Nothing
is retried here: what asks knows where to go on.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import copy
from datetime import timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import urllib3
from urllib3.exceptions import HTTPError, LocationValueError, ProtocolError

from tufkeep import __version__
from tufkeep.client.connections import Connections
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
    WrongPart,
)
from tufkeep.client.fetch import CHUNK_BYTES, Body, strong_tag
from tufkeep.client.limits import Limits
from tufkeep.client.trouble import UNTRUSTED, what_happened
from tufkeep.client.wait import Wait
from tufkeep.client.wire import Wire, bounded
from tufkeep.stores.network import Network

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_MOST_REDIRECTS = 5
_ERROR_PAGE_BYTES = 1 << 16  # read so that the connection can be used again; a longer one closes it
_LONGEST_NUMBER = 19  # digits of 2**63; int() refuses 5,000
_CONTENT_RANGE = re.compile(rf"bytes (\d{{1,{_LONGEST_NUMBER}}})-", re.ASCII)


class HttpFetcher:
    """The files below a URL, over one pool of connections.

    Args:
        url: where the repository lies; a name and password in it are sent, and never shown.
        network: proxies, certificates, headers and time limits of a connection.
        limits: how long to wait for one file, where the one who asks does not say.
    """

    def __init__(self, url: str, *, network: Network | None = None, limits: Limits | None = None):
        self._url, who = _split(url)
        self._network = Network() if network is None else network
        self._limits = Limits() if limits is None else limits
        self._connections = Connections(self._network)
        self._secret = dict(self._network.headers)
        if who:
            self._secret["Authorization"] = f"Basic {b64encode(who.encode()).decode()}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url!r})"

    def below(self, folder: str) -> HttpFetcher:
        below = copy(self)
        below._url = f"{self._url}{folder.strip('/')}/"
        return below

    def where(self, name: str) -> str:
        return f"{self._url}{name}"

    @contextmanager
    def fetch(
        self, name: str, *, limit: int, offset: int = 0, if_match: str | None = None, wait: Wait | None = None
    ) -> Iterator[Body]:
        """Open one file; see `Fetcher.fetch`.

        Raises:
            AccessForbidden, LoginNeeded, ServerBusy, ServerFault, FileChanged, WrongPart, RedirectRefused: what else a
                server may answer.
            EndlessAnswer: it does not come to an end.
        """
        headers = {"User-Agent": f"tufkeep/{__version__}"}
        headers["Accept-Encoding"] = "identity"  # lengths and hashes are those of the file, not of a compressed body
        if offset:
            headers["Range"] = f"bytes={offset}-"
            headers |= {"If-Match": if_match} if if_match else {}
        where = self.where(name)
        mine = wait is None
        wait = wait or Wait(self._limits, seconds=self._limits.request_seconds)
        wire = Wire(wait, where=where, silence_seconds=self._network.silence_seconds)
        response = self._get(where, headers, wire)
        try:
            _require_file(response, where)
            start = _start(response, where, offset)
            chunks = _chunks(response, wire, limit=limit, read=start)
            yield Body(chunks=_counted(chunks, wait) if mine else chunks, offset=start, tag=_tag(response))
        finally:
            _let_go(response, wire)

    def _get(self, where: str, headers: Mapping[str, str], wire: Wire) -> urllib3.BaseHTTPResponse:
        url, ours = where, True
        for _ in range(_MOST_REDIRECTS + 1):
            response = self._request(url, wire, headers, ours=ours)
            target = response.headers.get("Location") if response.status in _REDIRECTS else None
            if target is None:
                return response
            _let_go(response, wire)
            following = _follow(url, target, where)
            ours = ours and urlsplit(url).netloc.lower() == urlsplit(following).netloc.lower()
            url = following
        raise RedirectRefused(where, f"more than {_MOST_REDIRECTS} redirects")

    def _request(self, url: str, wire: Wire, headers: Mapping[str, str], *, ours: bool) -> urllib3.BaseHTTPResponse:
        """Send one request; what is secret goes to the server that we were given alone."""
        sent = {**headers, **(self._secret if ours else {})}
        pool = self._connections.pool(url, with_certificate=ours)
        try:
            with bounded(wire):
                try:
                    return _send(pool, url, sent, wire)
                except ProtocolError:  # a connection kept from an earlier request, closed while we sent this one
                    return _send(pool, url, sent, wire)
        except LocationValueError as error:
            raise (NoAddress(wire.where) if url == wire.where else _nowhere(wire.where)) from error
        except (HTTPError, HTTPException, OSError, ValueError) as error:  # ValueError: headers that nobody can read
            raise Unreachable(wire.where, self._told(error, url, wire)) from error

    def _told(self, error: Exception, url: str, wire: Wire) -> str:
        said = what_happened(error, url)
        if not said.startswith(UNTRUSTED) or self._network.proxy_for(url) is not None:
            return said
        from tufkeep.client.certificate import describe_certificate

        shown = describe_certificate(url, seconds=min(wire.seconds(), self._network.connect_seconds) / 2)
        return said if shown is None else f"{said} ({shown})"


def _split(url: str) -> tuple[str, str]:
    """Return a URL as it may be shown, and the name and password that stood in it."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise NoAddress(url.rpartition("@")[2])
    who, _, host = parts.netloc.rpartition("@")
    return urlunsplit((parts.scheme, host, f"{parts.path.rstrip('/')}/", "", "")), unquote(who)


def _send(pool: urllib3.PoolManager, url: str, headers: Mapping[str, str], wire: Wire) -> urllib3.BaseHTTPResponse:
    return pool.request(
        "GET",
        url,
        headers=headers,
        preload_content=False,
        redirect=False,
        retries=False,
        pool_timeout=wire.seconds(),  # for a connection that another thread has
    )


def _follow(url: str, target: str, where: str) -> str:
    """Return where a redirect leads; one off an encrypted connection would show all that follows."""
    try:
        following = urljoin(url, target)
        old, new = urlsplit(url), urlsplit(following)
        known = new.hostname and new.port != 0
    except ValueError:
        raise _nowhere(where) from None
    if new.scheme in ("http", "https") and not known:
        raise _nowhere(where)
    if new.scheme not in ("http", "https") or (old.scheme == "https" and new.scheme == "http"):
        raise RedirectRefused(where, f"redirected from {old.scheme} to {new.scheme[:20]}")
    return following


def _nowhere(where: str) -> RedirectRefused:
    return RedirectRefused(where, "redirected to what is no address")


def _require_file(response: urllib3.BaseHTTPResponse, where: str) -> None:
    status = response.status
    if status in (404, 410):
        raise NotServed(where)
    if status == 401:
        raise LoginNeeded(where)
    if status == 403:
        raise AccessForbidden(where)
    if status in (429, 503):
        raise ServerBusy(where, status=status, retry_after_seconds=_retry_after(response))
    if status in (412, 416):
        raise FileChanged(where)
    if status not in (200, 206):
        raise ServerFault(where, status=status)


def _start(response: urllib3.BaseHTTPResponse, where: str, offset: int) -> int:
    """Return where in the file the body begins: a server may send the whole file when asked for its end."""
    if response.status == 200:
        return 0
    found = _CONTENT_RANGE.match(response.headers.get("Content-Range", ""))
    if found is None or int(found[1]) != offset:
        raise WrongPart(where, offset=offset)
    return offset


def _tag(response: urllib3.BaseHTTPResponse) -> str | None:
    return strong_tag(response.headers.get("ETag"))


def _retry_after(response: urllib3.BaseHTTPResponse) -> int | None:
    """Return how long to wait, given in seconds or as a time by the server's own clock."""
    given = response.headers.get("Retry-After", "").strip()
    seconds = _number(given)
    if seconds is not None or not given:
        return seconds
    try:
        pause = parsedate_to_datetime(given) - parsedate_to_datetime(response.headers.get("Date", ""))
    except (ValueError, TypeError, OverflowError):
        return None
    return max(0, pause // timedelta(seconds=1))


def _number(text: str) -> int | None:
    plain = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
    return int(text) if plain else None


def _chunks(response: urllib3.BaseHTTPResponse, wire: Wire, *, limit: int, read: int) -> Iterator[bytes]:
    announced = response.headers.get("Content-Length", "0")
    length = _number(announced)
    if length is None or read + length > limit:
        raise TooLong(wire.where, limit=limit)
    while chunk := _read(response, wire):
        read += len(chunk)
        if read > limit:
            raise TooLong(wire.where, limit=limit)
        with wire.wait.away():
            yield chunk


def _counted(chunks: Iterator[bytes], wait: Wait) -> Iterator[bytes]:
    for chunk in chunks:
        wait.came(len(chunk))
        yield chunk


def _read(response: urllib3.BaseHTTPResponse, wire: Wire) -> bytes:
    wire.seconds()
    try:
        # read1: what has come, not a full chunk, so that what came is counted; a body that
        # ends before its announced length is an error of urllib3's
        chunk = response.read1(CHUNK_BYTES, decode_content=False)
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        raise Unreachable(wire.where, what_happened(error, wire.where)) from error
    wire.brought(len(chunk))
    return chunk


def _let_go(response: urllib3.BaseHTTPResponse, wire: Wire) -> None:
    """Give the connection back when little is left of the body, else close it."""
    with suppress(FetchError):
        if response.status not in (200, 206):
            for _ in _chunks(response, wire, limit=_ERROR_PAGE_BYTES, read=0):
                pass
    with suppress(HTTPError, OSError):
        if not response.closed:
            response.close()
        response.release_conn()
