"""Fetching over HTTP, encrypted or not.

Redirects are followed here, because urllib3 would follow one off an encrypted connection. Nothing
is retried here: what asks knows where to go on.
"""

from __future__ import annotations

import re
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import urllib3
from urllib3.exceptions import HTTPError, LocationValueError
from urllib3.util import Timeout

from tufkeep import __version__
from tufkeep.client.errors import (
    AccessForbidden,
    FetchError,
    FileChanged,
    NoAddress,
    NotServed,
    RedirectRefused,
    ServerFault,
    TooLong,
    Unreachable,
)
from tufkeep.client.fetch import CHUNK_BYTES, Body

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_MOST_REDIRECTS = 5
_ERROR_PAGE_BYTES = 1 << 16  # read so that the connection can be used again; a longer one closes it
_GRACE_SECONDS = 60.0
_SLOWEST_BYTES_PER_SECOND = 256  # a modem is faster; slower would hold the client for ever
_CONTENT_RANGE = re.compile(r"bytes (\d+)-")


class HttpFetcher:
    """The files below a URL, over one pool of connections.

    Args:
        url: where the repository lies; a name and password in it are sent, and never shown.
        pool: with the proxy, certificates or timeouts that somebody wants.
        headers: sent with every request.
        grace_seconds: before a slow server counts as a stalling one.
    """

    def __init__(
        self,
        url: str,
        *,
        pool: urllib3.PoolManager | None = None,
        headers: Mapping[str, str] | None = None,
        grace_seconds: float = _GRACE_SECONDS,
    ):
        self._url, who = _split(url)
        self._pool = new_pool() if pool is None else pool
        self._grace_seconds = grace_seconds
        # identity: lengths and hashes are those of the file, not of a compressed body
        self._headers = {"User-Agent": f"tufkeep/{__version__}", "Accept-Encoding": "identity", **(headers or {})}
        if who:
            self._headers["Authorization"] = f"Basic {b64encode(who.encode()).decode()}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._url!r})"

    def below(self, folder: str) -> HttpFetcher:
        url = f"{self._url}{folder.strip('/')}/"
        return HttpFetcher(url, pool=self._pool, headers=self._headers, grace_seconds=self._grace_seconds)

    def where(self, name: str) -> str:
        return f"{self._url}{name}"

    @contextmanager
    def fetch(self, name: str, *, limit: int, offset: int = 0, if_match: str | None = None) -> Iterator[Body]:
        """Open one file; see `Fetcher.fetch`.

        Raises:
            AccessForbidden, ServerFault, FileChanged, RedirectRefused: what else a server may answer.
        """
        headers = dict(self._headers)
        if offset:
            headers["Range"] = f"bytes={offset}-"
            headers |= {"If-Match": if_match} if if_match else {}
        where = self.where(name)
        response = self._get(where, headers)
        try:
            _require_file(response, where)
            start = _start(response, where, offset)
            chunks = _chunks(response, where, limit=limit, read=start, grace_seconds=self._grace_seconds)
            yield Body(chunks=chunks, offset=start, tag=_tag(response))
        finally:
            _let_go(response, where)

    def _get(self, where: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        url = where
        for _ in range(_MOST_REDIRECTS + 1):
            response = _request(self._pool, url, where, headers)
            target = response.headers.get("Location") if response.status in _REDIRECTS else None
            if target is None:
                return response
            _let_go(response, where)
            url, headers = _follow(url, target, where, headers)
        raise RedirectRefused(where, f"more than {_MOST_REDIRECTS} redirects")


def new_pool(
    *, connect_seconds: float = 10, read_seconds: float = 30, ca_file: str | None = None, proxy: str | None = None
) -> urllib3.PoolManager:
    """Return a pool of connections that gives up on a silent server.

    Args:
        ca_file: certificates to trust in place of the system's.
        proxy: URL of a proxy for every request.
    """
    timeout = Timeout(connect=connect_seconds, read=read_seconds)
    if proxy is not None:
        return urllib3.ProxyManager(proxy, maxsize=8, block=True, timeout=timeout, ca_certs=ca_file)
    return urllib3.PoolManager(num_pools=4, maxsize=8, block=True, timeout=timeout, ca_certs=ca_file)


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


def _request(pool: urllib3.PoolManager, url: str, where: str, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
    try:
        return pool.request("GET", url, headers=headers, preload_content=False, redirect=False, retries=False)
    except LocationValueError as error:
        raise NoAddress(where) from error
    except HTTPError as error:
        raise Unreachable(where, _reason(error)) from error


def _follow(url: str, target: str, where: str, headers: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    try:
        following = urljoin(url, target)
        old, new = urlsplit(url), urlsplit(following)
    except ValueError:
        raise RedirectRefused(where, "redirected to what is no address") from None
    if new.scheme not in ("http", "https") or (old.scheme == "https" and new.scheme == "http"):
        raise RedirectRefused(where, f"redirected from {old.scheme} to {new.scheme}")
    same_host = old.netloc == new.netloc
    kept = {name: value for name, value in headers.items() if same_host or name.lower() != "authorization"}
    return following, kept


def _require_file(response: urllib3.BaseHTTPResponse, where: str) -> None:
    status = response.status
    if status in (404, 410):
        raise NotServed(where)
    if status in (401, 403):
        raise AccessForbidden(where)
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
        raise FetchError(where, f"the server sends another part than the one from byte {offset}")
    return offset


def _tag(response: urllib3.BaseHTTPResponse) -> str | None:
    """Return the ETag where it is a strong one: a weak one names more than one file."""
    tag = response.headers.get("ETag")
    return None if tag is None or tag.startswith("W/") else tag


def _chunks(
    response: urllib3.BaseHTTPResponse, where: str, *, limit: int, read: int, grace_seconds: float = _GRACE_SECONDS
) -> Iterator[bytes]:
    announced = _announced(response)
    if announced is not None and read + announced > limit:
        raise TooLong(where, limit=limit)
    begin, first = time.monotonic(), read
    while chunk := _read(response, where):
        read += len(chunk)
        if read > limit:
            raise TooLong(where, limit=limit)
        spent = time.monotonic() - begin
        if spent > grace_seconds and read - first < spent * _SLOWEST_BYTES_PER_SECOND:
            raise Unreachable(where, f"only {read - first:,} bytes came in {spent:.0f} seconds")
        yield chunk


def _announced(response: urllib3.BaseHTTPResponse) -> int | None:
    length = response.headers.get("Content-Length", "")
    return int(length) if length.isascii() and length.isdigit() else None


def _read(response: urllib3.BaseHTTPResponse, where: str) -> bytes:
    try:
        # read1: what has come, not a full chunk, so that a dripping server is noticed; a body that
        # ends before its announced length is an error of urllib3's
        return response.read1(CHUNK_BYTES, decode_content=False)
    except HTTPError as error:
        raise Unreachable(where, _reason(error)) from error


def _let_go(response: urllib3.BaseHTTPResponse, where: str) -> None:
    """Give the connection back when little is left of the body, else close it."""
    with suppress(FetchError, HTTPError):
        if response.status not in (200, 206):
            for _ in _chunks(response, where, limit=_ERROR_PAGE_BYTES, read=0):
                pass
    if not response.closed:
        response.close()
    response.release_conn()


def _reason(error: HTTPError) -> str:
    """Return urllib3's reason without the objects and addresses it stands among."""
    inner = getattr(error, "reason", None) or error.__cause__ or error
    text = str(inner).rpartition(">: ")[2] or type(inner).__name__
    return text.strip("()'\"") or type(inner).__name__
