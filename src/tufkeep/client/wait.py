"""How long a client waits: one deadline for all that it asks for, and a pace below which it gives up.

A server that sends something now and then is never silent, so a limit on silence alone would hold a client for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tufkeep.client.errors import ServerBusy, TooSlow, Unreachable
from tufkeep.client.limits import Limits
from tufkeep.logs import logger

_log = logger("client")


class Wait:
    """The time that is left for one refresh, one request or one download.

    The pace is that of the last window of time, not the average: a fast beginning buys no slow end, and neither a new
    attempt nor a byte now and then begins it again.

    Args:
        limits: with the clock, which never goes back.
        seconds: until all must be done.
    """

    def __init__(self, limits: Limits, *, seconds: float):
        self._limits = limits
        self._seconds = seconds
        self._deadline = limits.monotonic() + seconds
        self._since = limits.monotonic()
        self._bytes = 0

    def within(self, seconds: float) -> Wait:
        """Return the wait for one part of this, which ends no later than the whole."""
        part = Wait(self._limits, seconds=seconds)
        if self._deadline < part._deadline:
            part._deadline, part._seconds = self._deadline, self._seconds
        return part

    def left(self, where: str) -> float:
        """Return for how many seconds nothing more need be decided; more than 0.

        Raises:
            TooSlow: the time is over, or too little came in the last window.
        """
        now = self._limits.monotonic()
        if now >= self._deadline:
            raise TooSlow(where, f"not done within {self._seconds:.3g} seconds")
        spent = now - self._since
        if spent >= self._limits.window_seconds:
            if self._bytes < spent * self._limits.slowest_bytes_per_second:
                raise TooSlow(where, f"only {self._bytes:,} bytes came in {spent:.3g} seconds")
            self._since, self._bytes, spent = now, 0, 0
        return min(self._deadline - now, self._limits.window_seconds - spent)

    def came(self, count: int) -> None:
        """Count bytes of the file."""
        self._bytes += count

    @contextmanager
    def away(self) -> Iterator[None]:
        """Leave the time of the block out of the pace: nothing was asked for in it. The deadline stays."""
        begin = self._limits.monotonic()
        try:
            yield
        finally:
            self._since += self._limits.monotonic() - begin

    def pause(self, error: Unreachable | ServerBusy, *, failures: int) -> None:
        """Wait before the next attempt, longer each time, no two clients equally long; as long as a busy server asks.

        Args:
            failures: so far, one after the other; at least 1.

        Raises:
            Unreachable, ServerBusy: the error itself; no more attempts are left, or no time.
        """
        limits = self._limits
        pause = limits.first_pause_seconds * 2 ** (failures - 1) * limits.jitter(1, 2)
        asked = error.retry_after_seconds if isinstance(error, ServerBusy) else None
        if asked is not None:
            pause += asked
        if failures >= limits.attempts or limits.monotonic() + pause >= self._deadline:
            raise error
        _log.warning("%s: asked again in %.1f seconds", type(error).__name__, pause)
        if asked is None:
            limits.sleep(pause)
        else:
            with self.away():
                limits.sleep(pause)
