"""Where a client's repository is: a URL, a folder, a store; text that the client's folder remembers."""

from __future__ import annotations

import os
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TypeAlias

import msgspec

from tufkeep.client.errors import NoAddress
from tufkeep.client.fetch import Fetcher, FolderFetcher, StoreFetcher
from tufkeep.decoding import Undecodable, decode_json
from tufkeep.errors import WorkspaceError
from tufkeep.stores import FilePath, FolderStore, NotAFile, ObjectMissing, ObjectTooLarge, Store, file_path
from tufkeep.stores.network import Network

_ORIGIN = ".tufkeep/origin"  # no .json: a client takes every such file for metadata
_LIMIT_BYTES = 16_384

Repository: TypeAlias = str | PathLike[str] | Store | Fetcher


class NoOrigin(WorkspaceError):
    """A client's folder that does not say where its repository is."""

    exit_code = 10

    def __init__(self) -> None:
        super().__init__("this folder belongs to no client yet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a repository is: URLs or folders."""

    metadata: str
    artifacts: str | None  # None: in targets/ beside the metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What a client fetches with."""

    metadata: Fetcher
    artifacts: Fetcher | None
    origin: Origin | None  # to be written down; None where it is no text


def read_origin(state: Store) -> Origin:
    """Return where the repository of a client is.

    Raises:
        NoOrigin: it was never written down here.
    """
    try:
        origin = decode_json(state.read(_ORIGIN, limit=_LIMIT_BYTES), Origin)
    except (ObjectMissing, ObjectTooLarge, NotAFile, Undecodable):
        raise NoOrigin from None
    if "\0" in f"{origin.metadata}{origin.artifacts}":
        raise NoOrigin
    return origin


def write_origin(state: Store, origin: Origin) -> None:
    """Write down where the repository is, so that the next one who opens the client need not say it."""
    data = msgspec.json.encode(origin)
    try:
        if state.read(_ORIGIN, limit=_LIMIT_BYTES) == data:
            return
    except (ObjectMissing, ObjectTooLarge):
        pass
    state.write(_ORIGIN, data)


def connect(
    state: Store,
    url: Repository | None,
    artifacts: Repository | None,
    *,
    network: Network | None = None,
) -> Connection:
    """Return where a client fetches from: where a caller says, else where its state says.

    Raises:
        NoOrigin: nobody says it.
        NoAddress, TypeError: see `fetcher_at`.
    """
    if url is None and artifacts is not None:
        raise TypeError("artifacts go with the url of their repository")
    if url is None:
        origin = read_origin(state)
        below = open_fetcher(origin.artifacts, network=network) if origin.artifacts is not None else None
        return Connection(metadata=open_fetcher(origin.metadata, network=network), artifacts=below, origin=origin)
    return Connection(
        metadata=fetcher_at(url, network=network),
        artifacts=fetcher_at(artifacts, network=network) if artifacts is not None else None,
        origin=_origin(url, artifacts),
    )


def read_root(root: FilePath | bytes, *, limit: int) -> bytes:
    """Return root metadata that a caller gives as a file or as its bytes."""
    if isinstance(root, bytes):
        return root
    path = file_path(root)
    if str(root).lstrip().startswith("{"):
        raise ValueError("root is the text of root metadata: give the path of its file, or its bytes")
    return FolderStore(path.parent).read(path.name, limit=limit)


def fetcher_at(where: Repository, *, network: Network | None = None) -> Fetcher:
    """Return what fetches the files of a repository from where a caller says that it is.

    Raises:
        NoAddress: the text is neither a URL that can be fetched from nor a folder.
        TypeError: it is something else altogether.
    """
    if not isinstance(where, str | PathLike):
        if isinstance(where, Store):
            return StoreFetcher(where)
        if isinstance(where, Fetcher):
            return where
        raise TypeError(f"a repository is at a URL, in a folder or in a store, not in {type(where).__name__}")
    text = os.fspath(where)
    if "://" not in text and not file_path(text).is_dir():
        raise NoAddress(text)
    return open_fetcher(_absolute(text), network=network)


def open_fetcher(where: str, *, network: Network | None = None) -> Fetcher:
    """Return the fetcher for a repository's URL, or for its folder.

    Raises:
        NoAddress: a URL that can't be fetched from.
    """
    if where.startswith(("http://", "https://")):
        from tufkeep.client.http import HttpFetcher

        return HttpFetcher(where, network=network)
    if "://" in where:
        raise NoAddress(where)
    return FolderFetcher(Path(where))


def _origin(metadata: Repository, artifacts: Repository | None) -> Origin | None:
    where, below = _text(metadata), _text(artifacts)
    if where is None or (artifacts is not None and below is None):
        return None
    return Origin(metadata=where, artifacts=below)


def _text(where: Repository | None) -> str | None:
    """Return a URL or a folder as it can be written down, None for anything else."""
    return _absolute(os.fspath(where)) if isinstance(where, str | PathLike) else None


def _absolute(where: str) -> str:
    """Return a URL as it is, a folder so that it is the same one wherever the next process runs."""
    return where if "://" in where else os.path.abspath(where)  # noqa: PTH100  text: no link is followed
