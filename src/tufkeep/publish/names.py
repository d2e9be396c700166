"""Names of our own objects in a remote, and what every object there is served with."""

from __future__ import annotations

from typing import Final

from tufkeep.metadata.filenames import OWN, cache_control, content_type
from tufkeep.stores.object import Attributes

JOURNAL: Final = f"{OWN}journal/"
INCOMING: Final = f"{OWN}incoming/"  # artifacts that get their name in a moment, with what they are served with
PUSHING: Final = f"{OWN}push"
DELETING: Final = f"{OWN}deleting"  # who deletes what nobody needs, see `deleting`


def attributes(name: str, *, timestamp_max_age: int = 0, plain_max_age: int = 0) -> Attributes:
    """Return what an object is served with.

    Args:
        timestamp_max_age, plain_max_age: as of `cache_control`.
    """
    served = name.removeprefix(INCOMING)
    rule = cache_control(served, timestamp_max_age=timestamp_max_age, plain_max_age=plain_max_age)
    return {"Cache-Control": rule, "Content-Type": content_type(served)}
