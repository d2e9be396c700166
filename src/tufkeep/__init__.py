"""TUF repositories: made, kept, released.

    from tufkeep import Client, Workspace

Names are imported when they are asked for, so `import tufkeep` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

# names: written by docs/generate.py
if TYPE_CHECKING:
    from tufkeep.errors import TufkeepError as TufkeepError

_HOMES = {
    "TufkeepError": "tufkeep.errors",
}
# end of names


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
