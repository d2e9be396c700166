"""How much a client takes from a server that it does not trust yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import uniform
from time import monotonic, sleep

from tuf.api.metadata import MetaFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one client. The defaults let a role of 100,000 targets (33 MB) through.

    Root and timestamp have the bounds of every other client, so no repository may exceed them.
    """

    root_bytes: int = 512_000
    timestamp_bytes: int = 16_384
    snapshot_bytes: int = 16_000_000  # where the timestamp gives no length
    targets_bytes: int = 40_000_000  # where the snapshot gives no length
    metadata_bytes: int = 256_000_000  # whatever length is signed: it is all held in memory
    root_rotations: int = 1000  # in one refresh; the next one goes on
    roles: int = 32  # delegated roles visited for one target
    attempts: int = 4  # to fetch one file, without a byte coming in between
    first_pause_seconds: float = 0.5  # before the second attempt; doubles each time
    request_seconds: float = 300  # one metadata file
    refresh_seconds: float = 600  # all metadata of one refresh, or of one search for a target
    download_seconds: float = 86_400  # one artifact; the next run goes on
    window_seconds: float = 60  # in which the slowest pace must be kept
    slowest_bytes_per_second: int = 256  # a modem is faster
    sleep: Callable[[float], None] = sleep
    monotonic: Callable[[], float] = monotonic
    jitter: Callable[[float, float], float] = uniform  # keeps a fleet from coming back all at once

    def length(self, listed: MetaFile, default: int) -> int:
        """Return how many bytes a listed file may have; the signed length, where one is given."""
        return default if listed.length is None else min(listed.length, self.metadata_bytes)
