"""A TUF client, with the agent that installs what it fetched.

Names are imported when they are asked for: a command that only catches their errors starts at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tufkeep.client.agent import Agent as Agent
    from tufkeep.client.client import Client as Client
    from tufkeep.client.client import Refresh as Refresh
    from tufkeep.client.component import Component as Component
    from tufkeep.client.download import Downloaded as Downloaded
    from tufkeep.client.fetch import Body as Body
    from tufkeep.client.fetch import Fetcher as Fetcher
    from tufkeep.client.fetch import FolderFetcher as FolderFetcher
    from tufkeep.client.fetch import StoreFetcher as StoreFetcher
    from tufkeep.client.fetch import open_fetcher as open_fetcher
    from tufkeep.client.http import HttpFetcher as HttpFetcher
    from tufkeep.client.http import new_pool as new_pool
    from tufkeep.client.limits import Limits as Limits
    from tufkeep.client.outcome import Outcome as Outcome
    from tufkeep.client.outcome import Update as Update

_HOMES = {
    "Agent": "agent",
    "Body": "fetch",
    "Client": "client",
    "Component": "component",
    "Downloaded": "download",
    "Fetcher": "fetch",
    "FolderFetcher": "fetch",
    "HttpFetcher": "http",
    "Limits": "limits",
    "Outcome": "outcome",
    "Refresh": "client",
    "StoreFetcher": "fetch",
    "Update": "outcome",
    "new_pool": "http",
    "open_fetcher": "fetch",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
