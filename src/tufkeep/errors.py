"""The base error; every other error class lives in the room that raises it."""

from __future__ import annotations

from typing import ClassVar


class TufkeepError(Exception):
    """One fact that stops the work, told as a sentence.

    Exit codes by family: 0 done, 1 unspecific, 2 usage, 10-19 working directory,
    20-29 trust refused, 30-39 store or network, 40-49 a person, key or device needed.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, sentence: str, *, hint: str | None = None):
        super().__init__(sentence)
        self.hint = hint  # the next command to type
