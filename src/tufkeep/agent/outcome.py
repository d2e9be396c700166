"""How the update of one component ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path

from tufkeep.client.walk import TargetNotFound
from tufkeep.errors import TrustRefused


class Outcome(Enum):
    """An end at which nothing went wrong."""

    UNCHANGED = "unchanged"
    INSTALLED = "installed"
    REPAIRED = "repaired"  # the same content again: its files were damaged
    HELD_BACK = "held back"  # it failed before, and waits for its next attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What became of one component."""

    component: str
    outcome: Outcome
    version: str  # offered by the channel
    before: str | None  # in use before, None when nothing was
    executable: Path | None  # in use now
    held_until: datetime | None = None


class NothingOffered(TargetNotFound):
    """A channel has no such component for this platform."""


class DowngradeRefused(TrustRefused):
    """The channel offers an older version than the one in use, and nobody allowed that."""

    exit_code = 23

    def __init__(self, component: str, *, offered: str, installed: str):
        super().__init__(
            f"{component} {offered}: {installed} is installed, which is newer",
        )
        self.component, self.offered, self.installed = component, offered, installed


class DidNotStart(TrustRefused):
    """A version that was verified, and failed its own check or start."""

    def __init__(self, component: str, *, version: str, reason: str, kept: str | None):
        super().__init__(
            f"{component} {version}: did not start: {reason}",
        )
        self.component, self.version, self.reason, self.kept = component, version, reason, kept
