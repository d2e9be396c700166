"""A TUF client: verified files from a repository that nobody has to trust.

Names are imported when they are asked for: a command that only catches their errors starts at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tufkeep.client.client import Client as Client
    from tufkeep.client.client import Refresh as Refresh
    from tufkeep.client.download import Downloaded as Downloaded
    from tufkeep.client.fetch import Body as Body
    from tufkeep.client.fetch import Fetcher as Fetcher
    from tufkeep.client.fetch import FolderFetcher as FolderFetcher
    from tufkeep.client.fetch import StoreFetcher as StoreFetcher
    from tufkeep.client.http import HttpFetcher as HttpFetcher
    from tufkeep.client.limits import Limits as Limits
    from tufkeep.client.origin import open_fetcher as open_fetcher
    from tufkeep.client.wait import Wait as Wait

_HOMES = {
    "Body": "fetch",
    "Client": "client",
    "Downloaded": "download",
    "Fetcher": "fetch",
    "FolderFetcher": "fetch",
    "HttpFetcher": "http",
    "Limits": "limits",
    "Refresh": "client",
    "StoreFetcher": "fetch",
    "Wait": "wait",
    "open_fetcher": "origin",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
