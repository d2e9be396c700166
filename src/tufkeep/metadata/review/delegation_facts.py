"""Facts about delegations: who may sign for which target paths."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from tufkeep.metadata.review.fact import NOBODY, Fact, Owners, listed
from tufkeep.metadata.shown import shown_exactly

_ANYTHING = re.compile(r"[*?/]*\*[*?/]*")
_HEX = re.compile(r"[0-9a-f]{0,64}")
_TERMINATING = "terminating: for these paths no later role is asked"


def covers_every_path(patterns: tuple[tuple[str, ...], tuple[str, ...]]) -> bool:
    """Whether path patterns or hash prefixes leave nothing out; `*` is taken for everything, as some clients do.

    Args:
        patterns: path patterns, and hash prefixes.
    """
    paths, prefixes = patterns
    return any(_ANYTHING.fullmatch(path) for path in paths) or _share(prefixes) == 1


def _share(prefixes: Iterable[str]) -> Fraction:
    """Return how much of all hashes begins with one of the prefixes."""
    share, shortest = Fraction(0), set[str]()
    for prefix in sorted(filter(_HEX.fullmatch, set(prefixes)), key=len):
        if not any(prefix[:length] in shortest for length in range(len(prefix))):
            shortest.add(prefix)
            share += Fraction(1, 16 ** len(prefix))
    return share


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationAdded(Fact):
    """A role that may sign for target paths from now on."""

    name: str
    covers: tuple[str, ...]  # path patterns or hash prefixes, in words
    terminating: bool = False

    def sentence(self, owners: Owners = NOBODY) -> str:
        end = f" ({_TERMINATING})" if self.terminating else ""
        covers = listed(self.covers) or "nothing"
        return f"{shown_exactly(self.role)} delegates {covers} to {shown_exactly(self.name)}{end}"


@dataclass(frozen=True, slots=True, kw_only=True)
class EveryPathDelegated(Fact):
    """A role that may sign for every target path from now on."""

    name: str

    @property
    def warning(self) -> bool:
        return True

    def sentence(self, owners: Owners = NOBODY) -> str:
        return f"{shown_exactly(self.role)} delegates every path to {shown_exactly(self.name)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationRemoved(Fact):
    """A role that signs for target paths no longer."""

    name: str
    covers: tuple[str, ...] = ()

    def sentence(self, owners: Owners = NOBODY) -> str:
        covers = f"; it was {listed(self.covers)}" if self.covers else ""
        return f"{shown_exactly(self.role)} delegates to {shown_exactly(self.name)} no longer{covers}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationChanged(Fact):
    """Other paths for a delegated role, or another word on whether later roles are asked."""

    name: str
    before: tuple[str, ...]
    covers: tuple[str, ...]
    terminating_before: bool
    terminating: bool

    @property
    def warning(self) -> bool:
        return self.terminating and not self.terminating_before

    def sentence(self, owners: Owners = NOBODY) -> str:
        added = listed([each for each in self.covers if each not in self.before])
        removed = listed([each for each in self.before if each not in self.covers])
        parts = [f"adds {added}"] if added else []
        parts += [f"removes {removed}"] if removed else []
        if self.terminating != self.terminating_before:
            parts.append(f"is {_TERMINATING}" if self.terminating else "is terminating no longer")
        what = "; ".join(parts) or "another order, or another way of saying the same"
        return f"{shown_exactly(self.role)} changes what it delegates to {shown_exactly(self.name)}: {what}"
