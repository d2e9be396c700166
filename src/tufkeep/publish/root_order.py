"""Where in a push each new root version goes: before the timestamp or after it.

A root is in force as soon as its file is there, and agents that have it want a timestamp, a snapshot, and targets that
its keys have signed. So a root that leaves the published ones valid goes before the new timestamp, and one that does
not goes after it, if agents on the root before can follow the new one. A rotation that trusts the new keys beside the
old ones first is published without a moment in which an agent is refused. Keys that were replaced in one step are not:
then the root goes right before the timestamp, and an agent that looks between the two must look again.

Spec: TUF 1.0.34 #update-root.
"""

from __future__ import annotations

from dataclasses import dataclass

from tufkeep.publish.metadata_set import MetadataSet


@dataclass(frozen=True, slots=True, kw_only=True)
class RootOrder:
    """Root versions, in three groups that are published one after the other."""

    early: tuple[int, ...] = ()  # agents that have them go on with what is published; those that are there, too
    refusing: tuple[int, ...] = ()  # agents that have them wait for the new timestamp
    late: tuple[int, ...] = ()  # after the timestamp: they would refuse the old one, not the new one


def root_order(before: MetadataSet | None, after: MetadataSet) -> RootOrder:
    """Return the order in which agents are refused between as few writes as can be."""
    versions = sorted(after.roots)
    if before is None or before.timestamp.data == after.timestamp.data:
        return RootOrder(early=tuple(versions))
    known = [version for version in versions if version <= before.root.version]
    new = versions[len(known) :]
    chain = [before.root, *(after.roots[version] for version in new)]
    old_holds = [before.signed_under(root) for root in chain]
    new_holds = [after.signed_under(root) for root in chain]

    def refused(first_late: int) -> int:
        return old_holds[:first_late].count(False) + new_holds[first_late - 1 :].count(False)

    late = min(range(len(chain), 0, -1), key=refused)
    refusing = next((place for place in range(1, late) if not old_holds[place]), late)
    return RootOrder(
        early=(*known, *new[: refusing - 1]),
        refusing=tuple(new[refusing - 1 : late - 1]),
        late=tuple(new[late - 1 :]),
    )
