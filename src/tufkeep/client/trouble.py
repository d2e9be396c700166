"""What an error of a connection means, in a few words: who reads them should know what to look at."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from urllib3.exceptions import (
    IncompleteRead,
    InvalidHeader,
    NameResolutionError,
    ProxyError,
    ReadTimeoutError,
)

UNTRUSTED = "the certificate"  # how the words for one begin
_NOT_TLS = (
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
    "UNKNOWN_PROTOCOL",
)
_CERTIFICATE_WANTED = ("CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE", "BAD_CERTIFICATE")
_TLS_ALERT = ("\\x15\\x03", "\x15\x03")  # what a server that waits for TLS says to plain text

_SAID: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((NameResolutionError, socket.gaierror), "no address found for {host} (DNS)"),
    ((ConnectionRefusedError,), "connection refused: no server at this address and port"),
    ((ConnectionResetError, BrokenPipeError), "connection reset"),
    ((IncompleteRead, http.client.IncompleteRead), "the connection broke before the end of the file"),
    ((http.client.LineTooLong,), "one line of the answer is longer than 65,536 bytes"),
    ((InvalidHeader,), "headers of the answer contradict each other"),
    ((ReadTimeoutError,), "the server is silent: timed out"),
    ((TimeoutError,), "no connection: timed out"),
)
_NOT_HTTP = (http.client.BadStatusLine, http.client.UnknownProtocol)


def what_happened(error: BaseException, url: str) -> str:
    """Return what stopped a request, without the objects and addresses that urllib3 puts around it."""
    chain, host = list(_chain(error)), urlsplit(url).hostname or "the server"
    said = _tls(chain, host) or _known(chain, host) or _last_words(chain)
    return f"the proxy: {said}" if any(isinstance(one, ProxyError) for one in chain) else said


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and those within it, the innermost last."""
    waiting, seen = [error], set[int]()
    while waiting and len(seen) < 20:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = (getattr(one, "reason", None), getattr(one, "original_error", None), one.__cause__, *one.args)
        waiting += [part for part in inner if isinstance(part, BaseException)]


def _known(chain: list[BaseException], host: str) -> str | None:
    for kinds, words in _SAID:
        if any(isinstance(one, kinds) for one in chain):
            return words.format(host=host)
    alert = any(sign in str(one) for sign in _TLS_ALERT for one in chain)
    if alert:
        return "the server expects https here, not http"
    return "the server does not answer in HTTP" if any(isinstance(one, _NOT_HTTP) for one in chain) else None


def _tls(chain: list[BaseException], host: str) -> str | None:
    error = next((one for one in reversed(chain) if isinstance(one, ssl.SSLError)), None)
    if error is None:
        return None
    reason = error.reason or ""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{UNTRUSTED} of {host} is not trusted: {error.verify_message or reason}"
    if any(sign in reason for sign in _NOT_TLS):
        return "the server does not answer in https: wrong port, or http:// is meant"
    if any(sign in reason for sign in _CERTIFICATE_WANTED):
        return "the server refuses the TLS connection; it may ask for a client certificate"
    return f"TLS failed: {reason.lower().replace('_', ' ')}" if reason else None


def _last_words(chain: list[BaseException]) -> str:
    inner = chain[-1]
    text = (getattr(inner, "strerror", None) or str(inner)).rpartition(">: ")[2].strip("()'\"")
    shown = text[:200] or type(inner).__name__
    return shown if shown.isprintable() else ascii(shown)
