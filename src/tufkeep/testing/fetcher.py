"""A server that does as a test says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tufkeep.client.errors import TooLong, Unreachable
from tufkeep.client.fetch import Body, Fetcher
from tufkeep.client.wait import Wait


class ScriptedFetcher:
    """Any fetcher, with a record of its requests and answers of a test's own.

    `asked` holds the names in order; `answers` says what comes in place of a file: bytes, or an
    error; `cut` lets the connection break.
    """

    def __init__(self, inner: Fetcher, *, script: ScriptedFetcher | None = None, folder: str = ""):
        self._inner = inner
        self._folder = folder
        self.asked: list[str] = script.asked if script else []
        self.answers: dict[str, bytes | Exception] = script.answers if script else {}
        self.cuts: dict[str, list[int]] = script.cuts if script else {}

    def cut(self, name: str, *after: int) -> None:
        """Let the connection break so many bytes into each of the next bodies of a file."""
        self.cuts[name] = list(after)

    @contextmanager
    def fetch(
        self, name: str, *, limit: int, offset: int = 0, if_match: str | None = None, wait: Wait | None = None
    ) -> Iterator[Body]:
        full = f"{self._folder}{name}"
        self.asked.append(full)
        answer = self.answers.get(full)
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            yield Body(chunks=self._one(answer[offset:], limit=limit - offset, name=name), offset=offset)
            return
        cuts = self.cuts.get(full)
        with self._inner.fetch(name, limit=limit, offset=offset, if_match=if_match, wait=wait) as body:
            chunks = self._until(body.chunks, cuts.pop(0), name) if cuts else body.chunks
            yield Body(chunks=chunks, offset=body.offset, tag=body.tag)

    def below(self, folder: str) -> ScriptedFetcher:
        return ScriptedFetcher(self._inner.below(folder), script=self, folder=f"{self._folder}{folder}/")

    def where(self, name: str) -> str:
        return self._inner.where(name)

    def _one(self, data: bytes, *, limit: int, name: str) -> Iterator[bytes]:
        if len(data) > limit:
            raise TooLong(self.where(name), limit=limit)
        yield data

    def _until(self, chunks: Iterator[bytes], after: int, name: str) -> Iterator[bytes]:
        for chunk in chunks:
            yield chunk[:after]
            after -= len(chunk)
            if after <= 0:
                raise Unreachable(self.where(name), "the connection broke")
