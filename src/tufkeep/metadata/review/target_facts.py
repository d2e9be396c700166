"""Facts about target paths."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tufkeep.metadata.review.change import ABSENT, Change, place_text, value_text
from tufkeep.metadata.review.fact import NOBODY, Fact, Owners, about, folded
from tufkeep.metadata.shown import shown, shown_exactly
from tufkeep.metadata.targets import is_safe, path_warnings


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetAdded(Fact):
    """A target path that was not there."""

    path: str
    length_bytes: int
    version: str | None = None  # what its custom data calls its version
    custom: Any = ABSENT

    @property
    def warning(self) -> bool:
        return bool(self._fault())

    def sentence(self, owners: Owners = NOBODY) -> str:
        what = about(self.length_bytes, self.version)
        custom = f", custom data {folded(value_text(self.custom))}" if self.says_more else ""
        return f"adds target {shown_exactly(self.path)} ({what}){_by(self.role)}{self._fault()}{custom}"

    @property
    def says_more(self) -> bool:
        """Whether it has custom data beside a version."""
        return self.custom is not ABSENT and self.custom != {"version": self.version}

    def _fault(self) -> str:
        if not is_safe(self.path):
            return ", which could be stored outside its folder: clients refuse it"
        return "".join(f", which {each.fault}" for each in path_warnings(self.path))


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetReplaced(Fact):
    """A target path that stands for other bytes."""

    path: str
    length_before_bytes: int
    length_bytes: int
    version_before: str | None = None
    version: str | None = None

    def sentence(self, owners: Owners = NOBODY) -> str:
        now = about(self.length_bytes, self.version)
        was = about(self.length_before_bytes, self.version_before)
        more = f": {_said(self._custom)}" if self.says_more else ""
        return f"replaces target {shown_exactly(self.path)} ({now}, was {was}){_by(self.role)}{more}"

    @property
    def says_more(self) -> bool:
        """Whether more than its bytes and its version differ."""
        return bool(self._custom)

    @property
    def _custom(self) -> tuple[Change, ...]:
        return tuple(each for each in self.changes if each.place[2:] != _VERSION and each.place[2:3] not in _BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetEntryChanged(Fact):
    """The same bytes, of which metadata says something else."""

    path: str

    def sentence(self, owners: Owners = NOBODY) -> str:
        what = f": {_said(self.changes)}" if self.changes else ""
        return f"changes what is said of target {shown_exactly(self.path)}, not its bytes{_by(self.role)}{what}"

    @property
    def says_more(self) -> bool:
        """Whether custom data differs."""
        return any(change.place[2:3] == ("custom",) for change in self.changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRemoved(Fact):
    """A target path that is gone."""

    path: str
    length_bytes: int

    def sentence(self, owners: Owners = NOBODY) -> str:
        return f"removes target {shown_exactly(self.path)}{_by(self.role)}"

    @property
    def says_more(self) -> bool:
        return False


_VERSION = ("custom", "version")
_BYTES = (("length",), ("hashes",))


def _said(changes: tuple[Change, ...]) -> str:
    """Return what differs in an entry, whose path is said already."""
    return folded("; ".join(f"{place_text(change.place[2:])}{change.becoming}" for change in changes))


def _by(role: str) -> str:
    return "" if role == "targets" else f" in role {shown(role)}"
