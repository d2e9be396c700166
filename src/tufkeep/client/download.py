"""One artifact on its way from a server to its final name.

It is written whole or not at all, and only with the signed length and hashes: what is not verified
never stands under its final name. A cut connection is taken up where it was cut, and a big
artifact is collected in pieces, so that a killed process loses one piece at most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tuf.api.metadata import TargetFile

from tufkeep.client.errors import AccessForbidden, FileChanged, NotServed, WrongPart
from tufkeep.client.fetch import Fetcher
from tufkeep.client.limits import Limits
from tufkeep.client.pieces import PIECE_BYTES, Pieces, drop_abandoned
from tufkeep.client.remote import RemoteFile
from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.filenames import asked_paths
from tufkeep.metadata.refusal import HashMismatch
from tufkeep.stores import Locked, Store, folder_of
from tufkeep.stores.expected import Comparison, Expected, compare_object, pass_on

Put = Callable[[Iterator[bytes]], None]  # makes chunks the object under the final name


@dataclass(frozen=True, slots=True, kw_only=True)
class Downloaded:
    """An artifact that is verified and in its place."""

    name: str  # in the store it was downloaded to
    target: TargetFile
    fetched: bool  # False: it was there already, and no request was made
    file: Path | None = None  # where it is on this disk, None in a store that is no folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One artifact, to be fetched from one server."""

    target: TargetFile
    source: Fetcher
    partial: Store  # keeps the pieces of a big one until it is whole
    limits: Limits
    consistent_snapshot: bool

    def to(self, store: Store, name: str, *, executable: bool = False) -> Downloaded:
        """Make the artifact an object of the store; see `Client.download`.

        Raises:
            MalformedMetadata: no hash that it could be checked by is signed.
        """
        expected = Expected(length_bytes=self.target.length, hashes=self.target.hashes)
        if not expected.algorithms:
            raise MalformedMetadata(f"target {self.target.path!r} has no hash of a known kind", role="targets")
        if compare_object(store, name, expected).right:
            self._clear()
            return Downloaded(name=name, target=self.target, fetched=False, file=_file(store, name))

        def put(chunks: Iterator[bytes]) -> None:
            store.write_stream(name, pass_on(chunks, expected, refuse=self._refusal), executable=executable)

        absent: NotServed | AccessForbidden | None = None
        for served in asked_paths(self.target, consistent_snapshot=self.consistent_snapshot):
            try:
                self._fetch(served, put)
            except (NotServed, AccessForbidden) as error:
                absent = absent or error
            else:
                return Downloaded(name=name, target=self.target, fetched=True, file=_file(store, name))
        raise absent or NotServed(self.source.where(self.target.path))

    def _refusal(self, compared: Comparison) -> HashMismatch:
        what = f"target {self.target.path!r}"
        return HashMismatch(what, measure=compared.measure, expected=compared.expected, found=compared.found)

    def _fetch(self, served: str, put: Put) -> None:
        if self.target.length <= PIECE_BYTES:
            put(self._remote(served).read())
            return
        pieces = Pieces(self.partial, self.target)
        try:
            with pieces.lock():
                self._fetch_in_pieces(served, pieces, put)
        except Locked:  # another process collects them: fetch it beside that one rather than wait for it
            put(self._remote(served).read())

    def _fetch_in_pieces(self, served: str, pieces: Pieces, put: Put, *, again: bool = True) -> None:
        resumed = pieces.begun
        try:
            pieces.collect(self._remote(served))
            put(pieces.chunks())
        except (FileChanged, HashMismatch, WrongPart) as error:
            pieces.drop()
            if not again or (isinstance(error, HashMismatch) and not resumed):
                raise
            self._fetch_in_pieces(served, pieces, put, again=False)  # pieces may be of a file that was replaced
        else:
            pieces.drop()
            drop_abandoned(self.partial)

    def _clear(self) -> None:
        """Remove the pieces of an artifact that is there: whoever wrote it was killed before it could."""
        pieces = Pieces(self.partial, self.target)
        if self.target.length > PIECE_BYTES and pieces.begun:
            with suppress(Locked), pieces.lock():
                pieces.drop()

    def _remote(self, served: str) -> RemoteFile:
        return RemoteFile(fetcher=self.source, name=served, length_bytes=self.target.length, limits=self.limits)


def _file(store: Store, name: str) -> Path | None:
    folder = folder_of(store)
    return folder / name if folder is not None else None
