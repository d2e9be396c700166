"""The base error and its families; every concrete error class lives in the room that raises it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, TypeVar

Found = TypeVar("Found")
Other = TypeVar("Other")


class TufkeepError(Exception):
    """One fact that stops the work, said as one sentence.

    Catch a family to decide what to do, a class to know what happened. Exit codes by family: 0 done, 1 unspecific,
    2 `BadRequest`, 10-19 `WorkspaceError`, 20-29 `TrustRefused`, 30-39 `StoreError`, 40-49 `PersonNeeded`.
    """

    exit_code: ClassVar[int] = 1
    codes: ClassVar[range] = range(1, 2)  # of the family


class BadRequest(TufkeepError):
    """What was asked for makes no sense: a value that can't be used, a change that changes nothing."""

    exit_code = 2
    codes = range(2, 3)


class WorkspaceError(TufkeepError):
    """The working directory is not in a state in which this can be done."""

    exit_code = 19
    codes = range(10, 20)


class TrustRefused(TufkeepError):
    """Metadata, an artifact or a key is not what somebody who has to trust it may accept."""

    exit_code = 28
    codes = range(20, 30)


class StoreError(TufkeepError):
    """A disk, a bucket, a server or the network did not do what it was asked to."""

    exit_code = 30
    codes = range(30, 40)


class PersonNeeded(TufkeepError):
    """A person must answer, decide, or bring a key or a device."""

    exit_code = 40
    codes = range(40, 50)


class Tries:
    """Looks that go on where one of them fails: `faults` has each thing that stopped one, once."""

    def __init__(self) -> None:
        self._faults: dict[str, TufkeepError] = {}

    def __call__(self, look: Callable[[], Found], otherwise: Other) -> Found | Other:
        """Return what a look finds; what is given in its place where it is stopped."""
        try:
            return look()
        except TufkeepError as error:
            self.fault(error)
            return otherwise

    def fault(self, error: TufkeepError) -> None:
        """Take down one more."""
        self._faults.setdefault(str(error), error)

    @property
    def faults(self) -> tuple[TufkeepError, ...]:
        return tuple(self._faults.values())
