"""What an agent remembers of one component: the version on trial, the one before, what failed when.

Kept as JSON in `state.json` beside the versions:

    {"before": "1.0-0123456789abcdef",          the last good one before the one in use
      "trial": {"from": "1.0-…", "to": "1.1-…",   switched to and not yet seen to start, else null
               "started": false},                whether its start was begun
     "failures": {"<hash>": {"count": 2, "last": "2026-01-01T00:00:00Z"}}}

It may be lost without harm: the pointer alone says which version is in use.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tufkeep.agent.pointer import is_folder_name
from tufkeep.stores import Store, StoreFault

_ATTEMPTS = 3
_PAUSE = timedelta(hours=24)
_MOST_FAILURES = 20  # remembered; a release that failed longer ago is tried anew
_MOST_BYTES = 1 << 16
_STAMP = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Trial:
    """A switch whose new version has not yet been seen to start."""

    source: str | None  # the version before the switch
    target: str
    started: bool = False  # its start was begun


@dataclass(slots=True)
class FailedRelease:
    """How often a release did not start, and when it did not last."""

    count: int
    last: datetime


@dataclass(slots=True)
class History:
    """What is remembered of one component."""

    before: str | None = None
    trial: Trial | None = None
    failures: dict[str, FailedRelease] = field(default_factory=dict)

    def held_until(self, digest: str, *, now: datetime) -> datetime | None:
        """Return the end of a release's pause; None when it may be tried.

        Three attempts, then a day: a release that cannot start must not keep a fleet busy. Another
        content of the channel is tried at once.
        """
        failure = self.failures.get(digest)
        if failure is None or failure.count < _ATTEMPTS or not failure.last <= now < failure.last + _PAUSE:
            return None
        return failure.last + _PAUSE

    def failed(self, digest: str, *, now: datetime) -> None:
        """Count one more failure of a release; after its pause the count begins anew."""
        known = self.failures.pop(digest, None)
        count = known.count % _ATTEMPTS + 1 if known else 1
        self.failures[digest] = FailedRelease(count, now)
        while len(self.failures) > _MOST_FAILURES:
            del self.failures[min(self.failures, key=lambda each: self.failures[each].last)]

    def write(self, store: Store, name: str) -> None:
        """Keep it, whole or not at all."""
        trial = self.trial and {"from": self.trial.source, "to": self.trial.target, "started": self.trial.started}
        failures = {
            digest: {"count": failure.count, "last": failure.last.strftime(_STAMP)}
            for digest, failure in self.failures.items()
        }
        value = {"before": self.before, "trial": trial, "failures": failures}
        store.write(name, json.dumps(value, indent=1).encode())

    @classmethod
    def read(cls, store: Store, name: str) -> History:
        """Return what is remembered; nothing where the file is missing or damaged."""
        try:
            value = json.loads(store.read(name, limit=_MOST_BYTES))
            return cls(_name(value["before"]), _trial(value["trial"]), _failures(value["failures"]))
        except (StoreFault, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            return cls()


def _name(value: Any) -> str | None:
    if value is not None and not (isinstance(value, str) and is_folder_name(value)):
        raise ValueError("not a version's folder")
    return value


def _trial(value: Any) -> Trial | None:
    if value is None:
        return None
    target = _name(value["to"])
    if target is None:
        raise ValueError("a trial of nothing")
    return Trial(_name(value["from"]), target, value["started"] is True)


def _failures(value: Any) -> dict[str, FailedRelease]:
    return {
        str(digest): FailedRelease(int(each["count"]), datetime.strptime(each["last"], _STAMP).replace(tzinfo=UTC))
        for digest, each in value.items()
    }
