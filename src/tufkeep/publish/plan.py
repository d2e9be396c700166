"""What a push will do: pure facts, in the one order that agents may watch.

With consistent snapshots every object that the new state needs has a name of its own, so nothing that agents read is
touched until the timestamp changes. Without them, the same names get other bytes: there is a window, and this order
makes it as small as it can be: all new names first, the changed artifacts under names that nobody reads, then all at
once the changed artifacts (copied on the server), targets.json and snapshot.json, and right after them timestamp.json.

Spec: TUF 1.0.34 #writing-consistent-snapshots.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tufkeep.metadata.document import Document
from tufkeep.metadata.filenames import TIMESTAMP, is_immutable, metadata_name
from tufkeep.metadata.lint_change import ClientWarning, change_warnings, require_read
from tufkeep.metadata.review import Fact, review
from tufkeep.metadata.review.fact import size
from tufkeep.publish.inventory import Artifact, MetadataFile, changed_artifacts, metadata_files
from tufkeep.publish.metadata_set import MetadataSet
from tufkeep.publish.root_order import RootOrder, root_order
from tufkeep.stores import Tag
from tufkeep.workspace.proof import prove


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)  # it has the bytes of every metadata file
class PushPlan:
    """One push that would hold."""

    remote: str
    before: MetadataSet | None  # published now, None on an empty remote
    after: MetadataSet
    tag: Tag | None  # of the timestamp.json that is replaced; None where there is none
    artifacts: tuple[Artifact, ...]  # under names that nobody reads yet
    replaced: tuple[Artifact, ...]  # under names that agents read now
    copied: tuple[Artifact, ...]  # published ones, whose names change with the new root
    metadata: tuple[MetadataFile, ...]  # timestamp.json is not among them
    roots: RootOrder
    needs: tuple[str, ...]  # names of artifacts that the state before does not keep from being deleted
    retired: tuple[str, ...]  # what nothing refers to afterwards; kept until --delete takes it
    facts: tuple[Fact, ...]
    warnings: tuple[str, ...] = ()
    unread: tuple[ClientWarning, ...] = ()  # what it brings that some declared client does not read; warned of as well
    complete: bool = False  # every object is looked at, and mended where it is damaged

    def __repr__(self) -> str:
        return f"<PushPlan for {self.remote}: {self.totals()}>"

    @property
    def empty(self) -> bool:
        """Whether everything is published already; a new root alone needs no new timestamp."""
        return self.same_timestamp and not (self.artifacts or self.replaced or self.copied or self.metadata)

    @property
    def same_timestamp(self) -> bool:
        return self.before is not None and self.before.timestamp.data == self.after.timestamp.data

    @property
    def length_bytes(self) -> int:
        """What will be sent at most."""
        metadata = sum(len(file.data) for file in self.metadata) + len(self.after.timestamp.data)
        return metadata + sum(artifact.length_bytes for artifact in (*self.artifacts, *self.replaced))

    @property
    def overwritten(self) -> tuple[str, ...]:
        """Names whose content changes: what a cache may hold an older copy of."""
        changed = [name for artifact in self.replaced for name in artifact.names]
        changed += [file.name for file in self.metadata if not is_immutable(file.name)]
        return (*changed, TIMESTAMP) if self.before is not None and not self.same_timestamp else tuple(changed)

    def totals(self) -> str:
        """Return the work in one sentence."""
        if self.empty and not self.complete:
            return f"{self.remote} already has timestamp v{self.after.timestamp.version}"
        count = len(self.artifacts) + len(self.replaced)
        artifacts = f"{count:,} artifact{'' if count == 1 else 's'}"
        files = len(self.metadata) + 1
        return f"{artifacts} and {files:,} metadata files to {self.remote}, {size(self.length_bytes)} at most"


def prove_push(*, before: MetadataSet | None, after: MetadataSet, now: datetime, declared: Sequence[str]) -> None:
    """Prove that agents that trust what is published follow, and that declared clients read all of it.

    Raises:
        What `prove` and `require_read` raise.
    """
    published = before.documents if before is not None else {}
    prove(roots=after.roots, documents=after.top_level, before=_top_level(before), now=now, declared=declared)
    require_read(after.documents, published, declared=declared)


def plan_push(
    *,
    remote: str,
    before: MetadataSet | None,
    after: MetadataSet,
    tag: Tag | None,
    now: datetime,
    declared: Sequence[str],
    complete: bool = False,
) -> PushPlan:
    """Return what must be sent to make `after` the published state.

    Args:
        declared: the clients that are out there.
        complete: look at every object, though the published metadata says that it is there.
    """
    assumed = None if complete else before
    renamed = _renamed(before, after)
    order = root_order(before, after)
    changed = changed_artifacts(assumed, after)
    served = _served_names(before) if before is not None and not (after.consistent or complete) else frozenset[str]()
    copied = tuple(changed_artifacts(after, renamed).values()) if renamed is not None else ()
    needed = changed if assumed is before else changed_artifacts(before, after)
    replaced = tuple(artifact for artifact in changed.values() if not served.isdisjoint(artifact.names))
    new = tuple(artifact for artifact in changed.values() if served.isdisjoint(artifact.names))
    unread = change_warnings(after.documents, before.documents if before is not None else {}, declared=declared)
    return PushPlan(
        remote=remote,
        before=before,
        after=after,
        tag=tag,
        artifacts=new,
        replaced=replaced,
        copied=copied,
        metadata=(*_only_prefixed(renamed), *_metadata(assumed, after)),
        roots=order,
        needs=_names((*needed.values(), *copied)) if before is not None else (),  # else there is nothing to delete
        retired=tuple(dict.fromkeys((*_retired(before, after), *_retired(renamed, after)))),
        facts=review(before.documents if before else {}, after.documents, now=now, several=True),
        warnings=(*_warnings(after, replaced, order), *(each.sentence for each in unread)),
        unread=unread,
        complete=complete,
    )


def _top_level(found: MetadataSet | None) -> dict[str, Document[Any]]:
    return found.top_level if found is not None else {}


def _metadata(before: MetadataSet | None, after: MetadataSet) -> Iterator[MetadataFile]:
    there = {file.name: file.document for file in metadata_files(before)} if before is not None else {}
    for file in metadata_files(after):
        old = there.get(file.name)
        if file.name != TIMESTAMP and (old is None or old.data != file.data):
            yield file


def _renamed(before: MetadataSet | None, after: MetadataSet) -> MetadataSet | None:
    """Return the published state under the names that the new root gives it, None where names stay as they are.

    Agents that take the root ask for these, until the new timestamp is there.
    """
    if before is None or before.consistent or not after.consistent:
        return None
    return replace(before, roots=after.roots)


def _only_prefixed(renamed: MetadataSet | None) -> Iterator[MetadataFile]:
    for file in metadata_files(renamed) if renamed is not None else ():
        if is_immutable(file.name) and file.role != "root":
            yield file


def _served_names(before: MetadataSet) -> frozenset[str]:
    """Return the artifact names that agents read now, where names do not change with content."""
    return frozenset() if before.consistent else frozenset(_artifact_names(before))


def _retired(before: MetadataSet | None, after: MetadataSet) -> tuple[str, ...]:
    """Return what only the older state needs. A root version is needed for ever: old clients walk over it."""
    if before is None:
        return ()
    gone = [name for artifact in changed_artifacts(after, before).values() for name in artifact.names]
    if before.consistent:
        below = {**before.targets_roles, "snapshot": before.snapshot}
        gone += [metadata_name(role, document.version) for role, document in below.items()]
    needed = {file.name for file in metadata_files(after)}
    if gone:
        needed.update(_artifact_names(after))
    return tuple(name for name in dict.fromkeys(gone) if name not in needed)


def _names(artifacts: Iterable[Artifact]) -> tuple[str, ...]:
    return tuple(name for artifact in artifacts for name in artifact.names)


def _artifact_names(found: MetadataSet) -> Iterator[str]:
    for artifact in changed_artifacts(None, found).values():
        yield from artifact.names


def _warnings(after: MetadataSet, replaced: tuple[Artifact, ...], order: RootOrder) -> Iterator[str]:
    for role in after.expired:
        yield f"{role} v{after.versions[role]} is expired: agents refuse it until it is renewed"
    if order.refusing:
        yield (
            f"root v{order.refusing[0]} replaces keys in one step: agents that look between it and timestamp.json are "
            "refused, and must look again"
        )
    if replaced:
        count = len(replaced)
        yield (
            f"{count:,} artifact{'' if count == 1 else 's'} under a name that agents read now: a download in "
            "the seconds between that and timestamp.json may have to be tried again"
        )
    if not after.consistent:
        yield "plain file names: metadata is replaced in place; with consistent snapshots it would not be"
