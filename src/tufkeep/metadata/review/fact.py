"""A fact: one thing that a change of metadata does, in words.

Names and paths in metadata are somebody else's text: what a terminal would not print plainly is
shown escaped, so that a reader sees what is signed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from tufkeep.metadata.review.change import ABSENT, Change
from tufkeep.metadata.shown import shown

Owners = Mapping[str, str]  # keyid -> who holds the key
NOBODY: Owners = MappingProxyType({})

_LISTED_WHOLE: Final = 12  # names in one sentence
_LONGEST_VALUE: Final = 200  # characters of values in one sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that differs between two versions of a repository's metadata."""

    role: str
    changes: tuple[Change, ...] = ()  # the places that it speaks of, with both values

    @property
    def warning(self) -> bool:
        """Whether somebody should stop here and be sure that it is meant."""
        return False

    @property
    def kind(self) -> str:
        """The name of the fact for machines: `key_added`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    def sentence(self, owners: Owners = NOBODY) -> str:
        raise NotImplementedError

    def as_json(self) -> dict[str, Any]:
        """Return the fact as values that JSON has; a value that was not there has no member."""
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "changes"}
        own = {name: _plain(value) for name, value in values.items() if value is not ABSENT}
        changes = [change.as_json() for change in self.changes]
        return {"fact": self.kind, "warning": self.warning, **own, "changes": changes}


def named(keyid: str, owners: Owners) -> str:
    """Return how a key is spoken of: the beginning of its keyid, and its owner where one is known."""
    owner = owners.get(keyid)
    return shown(keyid[:8]) + (f" of owner {shown(owner)}" if owner else "")


def about(length_bytes: int, version: str | None = None) -> str:
    """Return a length in the unit that people read, with a version where there is one."""
    return size(length_bytes) + (f", version {shown(version)}" if version else "")


def size(length_bytes: int) -> str:
    """Return `512 bytes`, `1.5 MB`: decimal units, one digit after the point."""
    if length_bytes < 1000:
        return f"{length_bytes} byte{'' if length_bytes == 1 else 's'}"
    amount = float(length_bytes)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.95:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1000:,.1f} TB"


def listed(names: Sequence[str]) -> str:
    """Return names as a sentence lists them: all of a dozen, else some and how many more."""
    if len(names) <= _LISTED_WHOLE:
        return ", ".join(names)
    return f"{', '.join(names[:_LISTED_WHOLE])} and {len(names) - _LISTED_WHOLE:,} more"


def folded(text: str) -> str:
    """Return a value as a sentence has room for it: its beginning and how long it is, where it is long."""
    if len(text) <= _LONGEST_VALUE:
        return text
    return f"{text[: _LONGEST_VALUE // 2]}... ({len(text):,} characters)"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    return list(value) if isinstance(value, tuple) else value
