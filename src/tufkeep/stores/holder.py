"""Who holds a lock, as this process would say it of itself."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from datetime import UTC, datetime

from tufkeep.stores.errors import Holder


def utc_now() -> datetime:
    """Return the time in whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def this_process(note: str, clock: Callable[[], datetime] = utc_now) -> Holder:
    """Return this process as a lock's holder."""
    return Holder(pid=os.getpid(), host=platform.node(), note=note, since=clock())
