"""How what is committed here differs from what a remote has published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from tufkeep.metadata.review import Fact, review
from tufkeep.publish.journal import JournalEntry
from tufkeep.publish.metadata_set import MetadataSet

Relation: TypeAlias = Literal["in step", "ahead", "behind", "apart", "unpublished"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What pushing, or pulling, would change."""

    remote: str
    relation: Relation
    here: Mapping[str, int]
    there: Mapping[str, int] | None
    facts: tuple[Fact, ...]  # from the older state to the newer one
    roots_ahead: tuple[int, ...] = ()  # published root versions whose timestamp is not published

    def sentence(self) -> str:
        here = f"timestamp v{self.here['timestamp']}"
        there = f"timestamp v{self.there['timestamp']}" if self.there is not None else "nothing"
        match self.relation:
            case "in step":
                return f"in step with {self.remote}: {here}"
            case "unpublished":
                return f"nothing is published on {self.remote} yet; here is {here}"
            case "ahead":
                return f"ahead of {self.remote}: {here} here, {there} there"
            case "behind":
                return f"behind {self.remote}: {here} here, {there} there"
            case _:
                return f"both went on: {here} here, {there} on {self.remote}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteStatus:
    """What a remote has published."""

    versions: Mapping[str, int]
    expires: Mapping[str, datetime]
    expired: tuple[str, ...]
    targets: int
    consistent_snapshot: bool
    difference: Difference
    last: JournalEntry | None
    now: datetime


def compare(
    remote: str, here: MetadataSet, there: MetadataSet | None, *, base: MetadataSet | None, now: datetime
) -> Difference:
    """Return how two states differ, told from the older to the newer one.

    Args:
        base: what was last seen published; it tells ahead from apart.
    """
    relation = _relation(here, there, base)
    older, newer = (here, there) if relation == "behind" and there is not None else (there, here)
    facts = review(older.documents if older is not None else {}, newer.documents, now=now, several=newer is here)
    return Difference(
        remote=remote,
        relation=relation,
        here=here.versions,
        there=there.versions if there is not None else None,
        facts=() if relation == "in step" else facts,
        roots_ahead=there.roots_ahead if there is not None else (),
    )


def _relation(here: MetadataSet, there: MetadataSet | None, base: MetadataSet | None) -> Relation:
    if there is None:
        return "unpublished"
    if here.timestamp.data == there.timestamp.data and here.root.data == there.root.data:
        return "in step"
    if base is None:
        return "ahead" if here.timestamp.version > there.timestamp.version else "behind"
    if base.timestamp.data == there.timestamp.data and base.root.data == there.root.data:
        return "ahead"
    unchanged = base.timestamp.data == here.timestamp.data and base.root.data == here.root.data
    return "behind" if unchanged else "apart"
