"""One artifact on a server, to be read in spite of cut connections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tufkeep.client.errors import FileChanged, Unreachable
from tufkeep.client.fetch import Fetcher
from tufkeep.client.limits import Limits
from tufkeep.logs import logger

_log = logger("client")


@dataclass(slots=True, kw_only=True)
class RemoteFile:
    """One file of a known length."""

    fetcher: Fetcher
    name: str
    length_bytes: int
    limits: Limits
    tag: str | None = None  # of the bytes read so far, where the server names them

    def read(self, offset: int = 0) -> Iterator[bytes]:
        """Yield the bytes from an offset to the end, coming back after a cut where it was cut.

        What ends early without a cut is left to whoever checks length and hashes: asking again
        would bring the same.

        Raises:
            Unreachable: nothing came in several attempts, with growing pauses between them.
            FileChanged: other bytes are served now than those before the offset.
            FetchError: see `Fetcher.fetch`.
        """
        failures = 0
        while offset < self.length_bytes:
            try:
                for chunk in self._stream(offset):
                    yield chunk
                    offset, failures = offset + len(chunk), 0
                return
            except Unreachable as error:
                failures += 1
                if failures >= self.limits.attempts:
                    raise
                _log.warning("%s: asked again from byte %d", type(error).__name__, offset)
                self.limits.sleep(self.limits.first_pause_seconds * 2 ** (failures - 1))

    def _stream(self, offset: int) -> Iterator[bytes]:
        known = self.tag if offset else None
        with self.fetcher.fetch(self.name, limit=self.length_bytes, offset=offset, if_match=known) as body:
            if known is not None and body.tag not in (None, known):
                raise FileChanged(self.fetcher.where(self.name))
            self.tag = body.tag
            surplus = offset - body.offset
            for chunk in body.chunks:
                if len(chunk) > surplus:
                    yield chunk[surplus:]
                surplus = max(0, surplus - len(chunk))
