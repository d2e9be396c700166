"""Facts about target paths."""

from __future__ import annotations

from dataclasses import dataclass

from tufkeep.metadata.review.fact import NOBODY, Fact, Owners, about
from tufkeep.metadata.shown import shown
from tufkeep.metadata.targets import is_safe, path_warnings


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetAdded(Fact):
    """A target path that was not there."""

    path: str
    length_bytes: int
    version: str | None = None  # what its custom data calls its version

    @property
    def warning(self) -> bool:
        return bool(self._fault())

    def sentence(self, owners: Owners = NOBODY) -> str:
        what = about(self.length_bytes, self.version)
        return f"adds target {shown(self.path)} ({what}){_by(self.role)}{self._fault()}"

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
        return f"replaces target {shown(self.path)} ({now}, was {was}){_by(self.role)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetEntryChanged(Fact):
    """The same bytes, of which metadata says something else."""

    path: str

    def sentence(self, owners: Owners = NOBODY) -> str:
        return f"changes what is said of target {shown(self.path)}, not its bytes{_by(self.role)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRemoved(Fact):
    """A target path that is gone."""

    path: str
    length_bytes: int

    def sentence(self, owners: Owners = NOBODY) -> str:
        return f"removes target {shown(self.path)}{_by(self.role)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationAdded(Fact):
    """A role that may sign for target paths from now on."""

    name: str
    covers: tuple[str, ...]  # path patterns, or hash prefixes

    def sentence(self, owners: Owners = NOBODY) -> str:
        covers = ", ".join(map(shown, self.covers[:3])) + (" ..." if len(self.covers) > 3 else "")
        return f"{shown(self.role)} delegates {covers or 'nothing'} to {shown(self.name)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationRemoved(Fact):
    """A role that signs for target paths no longer."""

    name: str

    def sentence(self, owners: Owners = NOBODY) -> str:
        return f"{shown(self.role)} delegates to {shown(self.name)} no longer"


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationChanged(Fact):
    """Other paths, or another place in the order, for a delegated role."""

    name: str

    def sentence(self, owners: Owners = NOBODY) -> str:
        return f"{shown(self.role)} changes what it delegates to {shown(self.name)}"


def _by(role: str) -> str:
    return "" if role == "targets" else f" in role {shown(role)}"
