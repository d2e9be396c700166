"""Who holds a lock, as this process would say it of itself."""

from __future__ import annotations

import os

from tufkeep.clock import Clock, system_clock
from tufkeep.stores.errors import Holder


def this_process(note: str, clock: Clock = system_clock) -> Holder:
    """Return this process as a lock's holder."""
    return Holder(pid=os.getpid(), host=this_host(), note=note, since=clock())


def this_host() -> str:
    """Return the name of this machine."""
    if hasattr(os, "uname"):
        return os.uname().nodename
    import platform  # Windows; elsewhere not worth its start-up time

    return platform.node()
