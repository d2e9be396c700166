"""What a cache adds on the way from a server, as the headers of an answer tell it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from urllib3.exceptions import HTTPError

from tufkeep.client.errors import Unreachable
from tufkeep.client.http import new_pool

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
        return int(age) if age.isdigit() else 0

    @property
    def may_be_kept_seconds(self) -> int:
        """How long caches may hand it out without asking."""
        control = self.headers.get("cache-control", "")
        if "no-store" in control or "no-cache" in control:
            return 0
        return max((int(found) for found in _MAX_AGE.findall(control)), default=0)


def look(url: str) -> Edge:
    """Ask for the head of an object as any client would, without getting around a cache.

    Raises:
        Unreachable: nobody answers.
    """
    try:
        answer = new_pool().request("HEAD", url, redirect=False, retries=False)
    except HTTPError as error:
        raise Unreachable(url, type(error).__name__) from error
    headers = {name: value for name in _TOLD if (value := answer.headers.get(name))}
    return Edge(url=url, status=answer.status, headers=headers)
