"""One artifact on a server, to be read in spite of cut connections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tufkeep.client.errors import FileChanged, ServerBusy, TooSlow, Unreachable, WrongPart
from tufkeep.client.fetch import Fetcher
from tufkeep.client.limits import Limits
from tufkeep.client.wait import Wait


@dataclass(slots=True, kw_only=True)
class RemoteFile:
    """One file of a known length."""

    fetcher: Fetcher
    name: str
    length_bytes: int
    limits: Limits
    tag: str | None = None  # of the bytes read so far, where the server names them
    wait: Wait = field(init=False)
    _ranges: bool = field(default=True, init=False)
    _again_bytes: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.wait = Wait(self.limits, seconds=self.limits.download_seconds)

    def read(self, offset: int = 0) -> Iterator[bytes]:
        """Yield the bytes from an offset to the end, coming back after a cut where it was cut.

        What ends early without a cut is left to whoever checks length and hashes: asking again
        would bring the same.

        A server that answers a range with another part is asked for the whole, of which the beginning is skipped.

        Raises:
            Unreachable, ServerBusy: nothing came in several attempts, with growing pauses between them.
            TooSlow: too little came in too long a time, however many attempts were made.
            FileChanged: other bytes are served now than those before the offset.
            FetchError: see `Fetcher.fetch`.
        """
        failures = 0
        where = self.fetcher.where(self.name)
        while offset < self.length_bytes:
            try:
                self.wait.left(where)
                for chunk in self._stream(offset):
                    yield chunk
                    offset, failures = offset + len(chunk), 0
                return
            except TooSlow:
                raise
            except WrongPart:
                if not self._ranges:
                    raise
                self._ranges = False
            except (Unreachable, ServerBusy) as error:
                failures += 1
                self.wait.pause(error, failures=failures)

    def _stream(self, offset: int) -> Iterator[bytes]:
        known = self.tag if offset else None
        asked = offset if self._ranges else 0
        with self.fetcher.fetch(
            self.name, limit=self.length_bytes, offset=asked, if_match=known, wait=self.wait
        ) as body:
            if known is not None and body.tag not in (None, known):
                raise FileChanged(self.fetcher.where(self.name))
            self.tag = body.tag
            surplus = offset - body.offset
            for chunk in body.chunks:
                self.wait.came(len(chunk))
                self._count_again(min(surplus, len(chunk)))
                if len(chunk) > surplus:
                    yield chunk[surplus:]
                surplus = max(0, surplus - len(chunk))

    def _count_again(self, count: int) -> None:
        """Bound what comes again from a server that always begins at the beginning, and never gets to the end."""
        self._again_bytes += count
        if self._again_bytes > self.length_bytes * self.limits.attempts:
            raise TooSlow(self.fetcher.where(self.name), "begins at the beginning after every cut, and is always cut")
