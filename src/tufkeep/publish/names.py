"""Names of objects in a remote: what they hold, how caches may keep them."""

from __future__ import annotations

import re
from typing import Final

from tufkeep.stores.object import Attributes

OWN: Final = ".tufkeep/"  # ours, and no metadata: clients never look there
JOURNAL: Final = ".tufkeep/journal/"
INCOMING: Final = ".tufkeep/incoming/"
PUSHING: Final = ".tufkeep/push"
TARGETS: Final = "targets/"
TIMESTAMP: Final = "timestamp.json"

IMMUTABLE: Final = "public, max-age=31536000, immutable"
_VERSIONED = re.compile(r"([1-9][0-9]*)\.(.+)\.json", re.DOTALL)
_HASHED = re.compile(r"targets/(?:.*/)?(?:[0-9a-f]{64}|[0-9a-f]{128})\.[^/]+", re.DOTALL)


def metadata_name(role: str, version: int | None = None) -> str:
    """Return the name of a role's metadata, version-prefixed where a version is given."""
    return f"{role}.json" if version is None else f"{version}.{role}.json"


def versioned(name: str) -> tuple[int, str] | None:
    """Return version and role of a version-prefixed metadata name."""
    match = None if name.startswith((TARGETS, OWN)) else _VERSIONED.fullmatch(name)
    return (int(match[1]), match[2]) if match else None


def is_immutable(name: str) -> bool:
    """Whether other bytes get another name."""
    return versioned(name) is not None or _HASHED.fullmatch(name) is not None


def attributes(name: str, *, timestamp_max_age: int = 0, plain_max_age: int = 0) -> Attributes:
    """Return what an object is served with.

    A kept timestamp would hide an update; a kept snapshot.json under a new timestamp would break one.

    Args:
        timestamp_max_age: seconds; 0 forbids caches to keep it.
        plain_max_age: seconds, for other names whose content changes; 0 makes caches ask each time.
    """
    return {
        "Cache-Control": _cache_control(name, timestamp_max_age, plain_max_age),
        "Content-Type": _content_type(name),
    }


def _cache_control(name: str, timestamp_max_age: int, plain_max_age: int) -> str:
    if name.startswith(OWN) and not name.startswith(INCOMING):  # what is incoming is served under its name soon
        return "no-store"
    if is_immutable(name):
        return IMMUTABLE
    if name == TIMESTAMP:
        return f"public, max-age={timestamp_max_age}, must-revalidate" if timestamp_max_age else "no-store"
    return f"public, max-age={plain_max_age}, must-revalidate" if plain_max_age else "no-cache"


def _content_type(name: str) -> str:
    """An artifact is never something that a browser would run."""
    return "application/json" if name.endswith(".json") and not name.startswith(TARGETS) else "application/octet-stream"
