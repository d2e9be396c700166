"""Facts about what every role has: a version, an expiry, a place in the snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tufkeep.metadata.review.change import ABSENT, place_text, value_text
from tufkeep.metadata.review.fact import NOBODY, Fact, Owners, folded
from tufkeep.metadata.shown import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleNew(Fact):
    """A role that had no metadata before."""

    version: int
    expires: datetime

    def sentence(self, owners: Owners = NOBODY) -> str:
        return f"{shown(self.role)} v{self.version} is new, expires {self.expires:%Y-%m-%d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryChanged(Fact):
    """Another end of a role's metadata."""

    before: datetime
    after: datetime

    @property
    def warning(self) -> bool:
        return self.after < self.before

    def sentence(self, owners: Owners = NOBODY) -> str:
        form = "%Y-%m-%d %H:%M:%S" if self.before.date() == self.after.date() else "%Y-%m-%d"
        was = "earlier than before: it was" if self.warning else "was"
        return f"{shown(self.role)} expires {self.after:{form}}, {was} {self.before:{form}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyExpired(Fact):
    """New metadata that no client would take."""

    expires: datetime

    @property
    def warning(self) -> bool:
        return True

    def sentence(self, owners: Owners = NOBODY) -> str:
        return f"{shown(self.role)} is expired already, since {self.expires:%Y-%m-%d %H:%M:%S}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionChanged(Fact):
    """Another version number, usually the next one."""

    before: int
    after: int

    @property
    def warning(self) -> bool:
        return self.after != self.before + 1

    def sentence(self, owners: Owners = NOBODY) -> str:
        role = shown(self.role)
        if self.after == self.before:
            return f"{role} stays v{self.after} but says something else: clients that have it would miss or refuse it"
        if self.after < self.before:
            return f"{role} goes back from v{self.before} to v{self.after}: clients would refuse it"
        skipped = self.after - self.before - 1
        return f"{role} goes from v{self.before} to v{self.after}" + (f" and leaves {skipped:,} out" if skipped else "")

    @property
    def passed(self) -> VersionChanged:
        """The same where the versions between were committed, too."""
        if self.after <= self.before + 1:
            return self
        return VersionsPassed(role=self.role, before=self.before, after=self.after, changes=self.changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionsPassed(VersionChanged):
    """A later version number, with others between that were committed, too."""

    @property
    def warning(self) -> bool:
        return False

    def sentence(self, owners: Owners = NOBODY) -> str:
        return f"{shown(self.role)} goes from v{self.before} to v{self.after}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsistentSnapshotChanged(Fact):
    """Prefixed file names are switched on or off."""

    after: bool

    @property
    def warning(self) -> bool:
        return not self.after

    def sentence(self, owners: Owners = NOBODY) -> str:
        state = "on" if self.after else "off: clients can then see a half-published change"
        return f"switches consistent snapshots {state}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedChanged(Fact):
    """Another version of a role in the snapshot or timestamp."""

    name: str
    before: int | None  # None: it was not listed
    after: int

    @property
    def warning(self) -> bool:
        return self.before is not None and self.after <= self.before

    def sentence(self, owners: Owners = NOBODY) -> str:
        role, name = shown(self.role), shown(self.name)
        if self.before is None:
            return f"{role} lists {name} v{self.after}"
        if self.after == self.before:
            return f"{role} lists other bytes for {name} v{self.after}"
        fault = ", which clients would refuse" if self.warning else ""
        return f"{role} lists {name} v{self.after}, was v{self.before}{fault}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlisted(Fact):
    """A role that the snapshot lists no longer."""

    name: str

    @property
    def warning(self) -> bool:
        return True

    def sentence(self, owners: Owners = NOBODY) -> str:
        return f"{shown(self.role)} lists {shown(self.name)} no longer: clients that know it would refuse the snapshot"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberChanged(Fact):
    """A place that no other fact speaks of."""

    unknown: bool = False  # TUF gives the member no meaning; some client may

    @property
    def warning(self) -> bool:
        return self.unknown

    def sentence(self, owners: Owners = NOBODY) -> str:
        fault = ", which has no meaning in TUF" if self.unknown else ""
        change = self.changes[0]
        role, where = shown(self.role), f"member {place_text(change.place)}{fault}"
        before, after = change.before, change.after
        if before is ABSENT:
            return f"{role} adds {where}: {folded(value_text(after))}"
        if after is ABSENT:
            return f"{role} removes {where}: it was {folded(value_text(before))}"
        return f"{role} changes {where}: {folded(value_text(after))}, was {folded(value_text(before))}"
