"""Who holds a lock, as this process would say it of itself."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime

from tufkeep.stores.errors import Holder


def utc_now() -> datetime:
    """Return the time in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def this_process(note: str, clock: Callable[[], datetime] = utc_now) -> Holder:
    """Return this process as a lock's holder."""
    return Holder(pid=os.getpid(), host=_host(), note=note, since=clock())


def _host() -> str:
    if hasattr(os, "uname"):
        return os.uname().nodename
    import platform  # Windows; elsewhere not worth its start-up time

    return platform.node()
