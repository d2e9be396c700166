"""Facts about who may sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tufkeep.metadata.quorum import Quorum
from tufkeep.metadata.review.fact import NOBODY, Fact, Owners, named
from tufkeep.metadata.shown import shown


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyAdded(Fact):
    """A key that may sign for a role from now on."""

    keyid: str
    keytype: str
    scheme: str
    usable: bool  # whether this program can verify what it signs

    @property
    def warning(self) -> bool:
        return not self.usable

    def sentence(self, owners: Owners = NOBODY) -> str:
        of_type = "" if self.keytype == "ed25519" else f" ({shown(self.keytype)}, {shown(self.scheme)})"
        fault = "" if self.usable else ", of a type that can't be verified here"
        return f"adds {shown(self.role)} key {named(self.keyid, owners)}{of_type}{fault}"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRemoved(Fact):
    """A key that signs for a role no longer."""

    keyid: str

    def sentence(self, owners: Owners = NOBODY) -> str:
        return f"removes {shown(self.role)} key {named(self.keyid, owners)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingRemoved(Fact):
    """Keys come in and none goes out."""

    def sentence(self, owners: Owners = NOBODY) -> str:
        return "removes nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyReplaced(Fact):
    """A keyid that stands for another public key than before."""

    keyid: str

    @property
    def warning(self) -> bool:
        return True

    def sentence(self, owners: Owners = NOBODY) -> str:
        return f"puts another public key behind keyid {named(self.keyid, owners)} of {shown(self.role)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKeyTwice(Fact):
    """Two keyids of a role that are one public key: its holder counts once."""

    keyid: str
    same_as: str

    @property
    def warning(self) -> bool:
        return True

    def sentence(self, owners: Owners = NOBODY) -> str:
        return (
            f"{shown(self.role)} lists one public key as {named(self.same_as, NOBODY)} and {named(self.keyid, NOBODY)}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdKept(Fact):
    """How many of how many keys must sign, as before."""

    threshold: int
    keys: int

    def sentence(self, owners: Owners = NOBODY) -> str:
        return f"{shown(self.role)} stays {self.threshold} of {self.keys}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdChanged(Fact):
    """Another number of signatures needed, or of keys to choose from."""

    threshold_before: int
    threshold: int
    keys_before: int  # public keys
    keys: int

    @property
    def warning(self) -> bool:
        return self.threshold < self.threshold_before or self.keys < self.threshold

    def sentence(self, owners: Owners = NOBODY) -> str:
        fault = ", which its keys can't reach" if self.keys < self.threshold else ""
        if not self.keys_before:
            return f"{shown(self.role)} is {self.threshold} of {self.keys}{fault}"
        was = f"{self.threshold_before} of {self.keys_before}"
        return f"{shown(self.role)} becomes {self.threshold} of {self.keys}{fault}, was {was}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatures(Fact):
    """Who has signed new metadata, and who still must."""

    quorum: Quorum

    def sentence(self, owners: Owners = NOBODY) -> str:
        q = self.quorum
        keys = f"{len(q.signed)} key{'' if len(q.signed) == 1 else 's'}" + (f" of {q.delegator}" if q.delegator else "")
        has = f"{shown(q.role)} v{q.version} is signed by {keys}, {q.threshold} needed"
        if q.reached:
            return has
        waiting = ", ".join(named(keyid, owners) for keyid in sorted(q.waiting)) or "no one: it has too few keys"
        return f"{has}: {q.missing} more of {waiting}"

    def as_json(self) -> dict[str, Any]:
        """Return the fact with its quorum spread out."""
        q = self.quorum
        return {
            "fact": self.kind,
            "warning": False,
            "role": q.role,
            "version": q.version,
            "by": q.delegator,
            "threshold": q.threshold,
            "signed": sorted(q.signed),
            "waiting": sorted(q.waiting),
            "reached": q.reached,
        }
