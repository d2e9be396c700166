"""Where a client fetches the files of a repository from: never more of one than it allows.

A name is what follows the repository's address: a path, already percent-encoded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, runtime_checkable
from urllib.parse import unquote

from tufkeep.client.errors import NotServed, TooLong, Unreachable, WebPageInstead
from tufkeep.client.wait import Wait
from tufkeep.stores import FolderStore, ObjectMissing, Store, UnsafeName

CHUNK_BYTES = 1 << 18
_STRONG_TAG = re.compile(r'"[!#-~]{1,200}"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What comes of one file."""

    chunks: Iterator[bytes]
    offset: int = 0  # where in the file the first chunk begins; 0 from a server that knows no ranges
    tag: str | None = None  # names these very bytes, where the server has such names


@runtime_checkable
class Fetcher(Protocol):
    """The files below one address."""

    def fetch(
        self, name: str, *, limit: int, offset: int = 0, if_match: str | None = None, wait: Wait | None = None
    ) -> AbstractContextManager[Body]:
        """Open one file. Errors may come while it is read, too.

        Args:
            name: percent-encoded path below the address.
            limit: bytes of the whole file; it is not read beyond.
            offset: where in the file to begin, to go on after a cut.
            if_match: the tag of the bytes that we have already; other bytes are a FileChanged.
            wait: until when; who asks counts what came.

        Raises:
            NotServed: there is no such file.
            TooLong: it has more bytes than `limit`.
            Unreachable, ServerBusy: asking again may help.
            TooSlow: the wait is over.
            FetchError: anything else that stands between.
        """
        ...

    def below(self, folder: str) -> Fetcher:
        """Return the fetcher of a folder below this address."""
        ...

    def where(self, name: str) -> str:
        """Return how to call a file in a sentence: its URL or path, without any password."""
        ...


class StoreFetcher:
    """A repository in a store: a folder, memory, or a bucket."""

    def __init__(self, store: Store, *, folder: str = "", called: str = ""):
        self._store = store
        self._folder = folder and f"{folder.strip('/')}/"
        self._called = called

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._store!r})"

    @contextmanager
    def fetch(
        self, name: str, *, limit: int, offset: int = 0, if_match: str | None = None, wait: Wait | None = None
    ) -> Iterator[Body]:
        del if_match, wait  # a store's tags would cost reading everything, and its waits are its own
        with self._open(name) as stream:
            stream.seek(offset)
            yield Body(chunks=_limited(stream, limit=limit, read=offset, where=self.where(name)), offset=offset)

    def below(self, folder: str) -> StoreFetcher:
        return StoreFetcher(self._store, folder=f"{self._folder}{folder}", called=self._called)

    def where(self, name: str) -> str:
        return f"{self._called}{self._folder}{name}"

    def _open(self, name: str) -> BinaryIO:
        """Open the file that a web server would, whose name it decodes; else one that was stored encoded."""
        for stored in dict.fromkeys((unquote(name), name)):
            try:
                return self._store.open(f"{self._folder}{stored}")
            except (ObjectMissing, UnsafeName):
                continue
        raise NotServed(self.where(name))


class FolderFetcher(StoreFetcher):
    """A repository in a folder, on a drive for instance."""

    def __init__(self, folder: Path):
        super().__init__(FolderStore(folder), called=f"{folder}/")


def fetch_whole(fetcher: Fetcher, name: str, *, limit: int, wait: Wait) -> bytes:
    """Return a whole file that is small enough to hold.

    Raises:
        WebPageInstead: no metadata begins like that, so somebody else answered.
        FetchError: see `Fetcher.fetch`.
    """
    chunks = []
    with fetcher.fetch(name, limit=limit, wait=wait) as body:
        for chunk in body.chunks:
            wait.came(len(chunk))
            chunks.append(chunk)
    data = b"".join(chunks)
    if data[:512].lstrip().startswith(b"<"):
        raise WebPageInstead(fetcher.where(name))
    return data


def strong_tag(given: str | None) -> str | None:
    """Return an ETag that names exactly one file, None for any other: it is stored, and sent back to other servers."""
    return given if given is not None and _STRONG_TAG.fullmatch(given) else None


def _limited(stream: BinaryIO, *, limit: int, read: int, where: str) -> Iterator[bytes]:
    while chunk := _read(stream, where):
        read += len(chunk)
        if read > limit:
            raise TooLong(where, limit=limit)
        yield chunk


def _read(stream: BinaryIO, where: str) -> bytes:
    try:
        return stream.read(CHUNK_BYTES)
    except OSError as error:  # a drive pulled out
        raise Unreachable(where, error.strerror or type(error).__name__) from error
