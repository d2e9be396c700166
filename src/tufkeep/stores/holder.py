"""Who holds a lock: a process on a host, and what it is doing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime

from tufkeep.clock import Clock, system_clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a lock."""

    pid: int
    host: str
    note: str  # what the holder is doing, in its own words
    since: datetime


def this_process(note: str, clock: Clock = system_clock) -> Holder:
    """Return this process as a lock's holder."""
    return Holder(pid=os.getpid(), host=this_host(), note=note, since=clock())


def this_host() -> str:
    """Return the name of this machine."""
    if hasattr(os, "uname"):
        return os.uname().nodename
    import platform  # Windows; elsewhere not worth its start-up time

    return platform.node()
