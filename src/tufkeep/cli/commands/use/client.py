"""A client's folder, as the `client` commands open it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tufkeep.cli.base.app import App
from tufkeep.errors import WorkspaceError

if TYPE_CHECKING:
    from tufkeep.client import Client
    from tufkeep.stores import Store

_ORIGIN = ".tufkeep/origin"  # no .json: a client takes every such file for metadata
_LIMIT_BYTES = 16_384


class NoOrigin(WorkspaceError):
    """A client's folder that does not say where its repository is."""

    exit_code = 10

    def __init__(self) -> None:
        super().__init__(
            "this folder belongs to no client yet",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a repository is: URLs or folders."""

    metadata: str
    artifacts: str | None  # None: in targets/ beside the metadata


def client_store(app: App, folder: str = "") -> Store:
    """Return the store of the client's folder, which --dir names; an agent's client has a folder below that."""
    from tufkeep.stores import FolderStore

    return FolderStore(app.choices.directory / folder, clock=app.clock)


def remember(store: Store, origin: Origin) -> None:
    """Write down where the repository is, for the commands after `client init`."""
    import msgspec

    store.write(_ORIGIN, msgspec.json.encode(origin))


def open_client(app: App, folder: str = "") -> Client:
    """Return the client whose folder --dir names; see `client_store`.

    Raises:
        NoOrigin: `client init` was not run here.
    """
    import msgspec

    from tufkeep.stores import ObjectMissing

    store = client_store(app, folder)
    try:
        origin = msgspec.json.decode(store.read(_ORIGIN, limit=_LIMIT_BYTES), type=Origin)
    except (ObjectMissing, msgspec.MsgspecError):
        raise NoOrigin from None
    return connect(app, store, origin)


def connect(app: App, store: Store, origin: Origin) -> Client:
    """Return a client that keeps its trust in a store."""
    from tufkeep.client import Client, open_fetcher

    artifacts = open_fetcher(origin.artifacts) if origin.artifacts else None
    return Client(store, open_fetcher(origin.metadata), artifacts, clock=app.clock)


def absolute(where: str) -> str:
    """Return a URL as it is, a folder so that it is the same one wherever the next command runs."""
    return where if "://" in where else os.path.abspath(where)  # noqa: PTH100  text: no link is followed
