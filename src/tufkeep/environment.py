"""The environment of this process, for a caller who hands in none."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TypeAlias

Environment: TypeAlias = Mapping[str, str]


def system_environment() -> Environment:
    """Return the environment: the one place outside of cli/ that reads it."""
    return os.environ
