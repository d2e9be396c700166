"""What a cache adds on the way from a server, as the headers of an answer tell it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException

from urllib3.exceptions import HTTPError

from tufkeep.client.connections import Connections
from tufkeep.client.errors import Unreachable
from tufkeep.client.limits import Limits
from tufkeep.client.trouble import what_happened
from tufkeep.client.wait import Wait
from tufkeep.client.wire import Wire, bounded
from tufkeep.stores.network import Network

_TOLD = ("age", "cache-control", "cf-cache-status", "x-cache", "etag", "content-length", "content-encoding", "expires")
_MAX_AGE = re.compile(r"(?:^|[ ,])(?:s-maxage|max-age)=(\d{1,10})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """The head of one answer."""

    url: str
    status: int
    headers: Mapping[str, str]  # lower-case names, of those that caches care about

    @property
    def age_seconds(self) -> int:
        """How long a cache has kept it."""
        age = self.headers.get("age", "")
        return int(age) if age.isascii() and age.isdigit() and len(age) < 20 else 0

    @property
    def may_be_kept_seconds(self) -> int:
        """How long caches may hand it out without asking."""
        control = self.headers.get("cache-control", "")
        if "no-store" in control or "no-cache" in control:
            return 0
        return max((int(found) for found in _MAX_AGE.findall(control)), default=0)


def look(url: str, *, network: Network | None = None, limits: Limits | None = None) -> Edge:
    """Ask for the head of an object as any client would, without getting around a cache.

    Raises:
        Unreachable: nobody answers, or not in time.
    """
    network, limits = network or Network(), limits or Limits()
    wait = Wait(limits, seconds=limits.request_seconds)
    try:
        with bounded(Wire(wait, where=url, silence_seconds=network.silence_seconds)):
            pool = Connections(network).pool(url, with_certificate=True)
            answer = pool.request("HEAD", url, headers=network.headers, redirect=False, retries=False)
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        raise Unreachable(url, what_happened(error, url)) from error
    headers = {name: value for name in _TOLD if (value := answer.headers.get(name))}
    return Edge(url=url, status=answer.status, headers=headers)
