"""A push: objects in the one safe order, the timestamp last, only over the one it was based on.

Commit point: timestamp.json. Before it is written no agent sees anything of the new state, and a push that was cut off
is done again from the beginning, finding what is there. After it, the new state is published, and the same push again
has nothing to do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from tufkeep.metadata.filenames import TIMESTAMP, is_immutable, parse_metadata_name
from tufkeep.publish.deleting import Patience, await_deletion
from tufkeep.publish.errors import NameTaken, PublishedLost, RemoteMovedOn
from tufkeep.publish.inventory import MetadataFile
from tufkeep.publish.journal import JournalEntry, append, author, highest_versions, read_journal
from tufkeep.publish.lost import find_lost
from tufkeep.publish.metadata_set import MetadataSet, sha256
from tufkeep.publish.names import PUSHING
from tufkeep.publish.plan import PushPlan
from tufkeep.publish.remote import Remote
from tufkeep.publish.send import Sender
from tufkeep.stores import ALWAYS, CREATE, Condition, ObjectChanged, ObjectExists, ObjectMissing, Unchanged
from tufkeep.workspace.state import LIMITS

_PATIENCE_SECONDS = 30  # for another's push without consistent snapshots


class VersionsTaken(NameTaken):
    """A version-prefixed name has other bytes; `seen` says which versions are taken."""

    def __init__(self, taken: NameTaken, entry: JournalEntry | None, seen: Mapping[str, int]):
        super().__init__(taken.remote, taken.name, who=entry.who if entry else None, when=entry.when if entry else None)
        self.seen = seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """One push of one plan."""

    plan: PushPlan
    remote: Remote
    sender: Sender
    entry: JournalEntry
    conditions: bool
    patience: Patience

    def run(self) -> None:
        """Do it.

        Raises:
            RemoteMovedOn: somebody else published meanwhile; agents see theirs, and nothing of this.
            VersionsTaken: somebody else, published or not, has used one of these versions.
            Locked: somebody else is pushing to a remote that takes one push at a time.
        """
        with self._alone():
            if self.remote.policy.journal:
                append(self.remote.store, self.entry)
            if self.plan.needs or self.plan.metadata:  # a new timestamp alone refers to what is needed already
                await_deletion(self.remote.store, self.patience)
            self.sender.send_artifacts(self.plan.artifacts)
            self.sender.copy_published(self.plan.copied)
            self.sender.send_incoming(self.plan.replaced)
            self._send_below()
            self._send_roots(self.plan.roots.early)
            self._send_plain()
            self._send_roots(self.plan.roots.refusing)
            self._publish()
            self._send_roots(self.plan.roots.late)
            self._make_sure()
            self.sender.forget_incoming(self.plan.replaced)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep others from pushing at the same time, where the order of writes alone can't keep two of us apart."""
        if self.conditions and self.plan.after.consistent:
            yield
            return
        note = f"push of timestamp v{self.plan.after.timestamp.version} by {self.entry.who}"
        with self.remote.store.lock(PUSHING, note=note, wait_seconds=_PATIENCE_SECONDS):
            self._require_still(self.plan.before)
            yield

    def _send_below(self) -> None:
        """Send version-prefixed files, which nobody asks for yet, and root.json.

        No agent reads root.json for an update. When the new root alone is published, N.root.json is what makes a push
        done, so root.json must be there before it.
        """
        self._send_new(file for file in self.plan.metadata if is_immutable(file.name) and file.role != "root")
        for file in self.plan.metadata:
            if not is_immutable(file.name) and file.role == "root":
                self.sender.send_metadata(file)

    def _send_roots(self, versions: Collection[int]) -> None:
        roots = (file for file in self.plan.metadata if is_immutable(file.name) and file.role == "root")
        self._send_new(file for file in roots if file.document.version in versions)

    def _send_new(self, files: Iterable[MetadataFile]) -> None:
        """Send files whose names promise that their bytes never change."""
        try:
            for file in files:
                self.sender.send_metadata(file)
        except NameTaken as taken:
            raise self._taken(taken) from None

    def _taken(self, taken: NameTaken) -> RemoteMovedOn | VersionsTaken:
        """Say that somebody was faster, or else whose the file is."""
        published = self._published()
        ours = (self.plan.before.timestamp.data if self.plan.before else None, self.plan.after.timestamp.data)
        if published not in ours:
            return self._moved_on(published)
        found = parse_metadata_name(taken.name)
        seen = {found.role: found.version} if found and found.version else {}
        try:
            digest = sha256(self.remote.store.read(taken.name))
        except ObjectMissing:
            digest = ""
        entries = read_journal(self.remote.store)
        for role, version in highest_versions(entry for entry in entries if entry.name != self.entry.name).items():
            seen[role] = max(version, seen.get(role, 0))
        return VersionsTaken(taken, author(self.remote.store, taken.name, digest), seen)

    def _send_plain(self) -> None:
        """Write over plain names: where agents read these, as late and as quickly as can be."""
        plain = [file for file in self.plan.metadata if not is_immutable(file.name) and file.role != "root"]
        if self.plan.after.consistent:
            for file in plain:
                self.sender.send_metadata(file)
        else:
            self._require_still(self.plan.before)
            self.sender.put_in_place(self.plan.replaced, plain)

    def _publish(self) -> None:
        after = self.plan.after.timestamp
        if self.plan.same_timestamp:
            return  # a new root alone: it is in force since its file is there
        if not self.conditions:
            self._require_still(self.plan.before)
        condition: Condition = CREATE if self.plan.tag is None else Unchanged(self.plan.tag)
        try:
            self.remote.store.write(TIMESTAMP, after.data, condition=condition if self.conditions else ALWAYS)
        except (ObjectExists, ObjectChanged):
            raise self._moved_on(self._published()) from None

    def _make_sure(self) -> None:
        """Look whether all that was sent is there: what deletes without asking may have taken it.

        Under plain names others may have published by now; these are looked at only while nobody else can push.

        Raises:
            PublishedLost: it is not there, and does not stay there when it is sent once more.
        """
        alone = not (self.conditions and self.plan.after.consistent)
        artifacts = (*self.plan.artifacts, *self.plan.replaced, *self.plan.copied)
        files = tuple(file for file in self.plan.metadata if alone or is_immutable(file.name))
        lost = find_lost(self.remote.store, artifacts, files)
        if lost.names:
            self.sender.send_artifacts(lost.artifacts)
            self._send_new(file for file in lost.metadata if is_immutable(file.name))
            for file in lost.metadata:
                if not is_immutable(file.name):
                    self.sender.send_metadata(file)
            lost = find_lost(self.remote.store, lost.artifacts, lost.metadata)
        if lost.names:
            raise PublishedLost(self.remote.name, lost.names)

    def _require_still(self, before: MetadataSet | None) -> None:
        published = self._published()
        if published != (before.timestamp.data if before is not None else None):
            raise self._moved_on(published)

    def _published(self) -> bytes | None:
        try:
            return self.remote.store.read(TIMESTAMP, limit=LIMITS["timestamp"])
        except ObjectMissing:
            return None

    def _moved_on(self, published: bytes | None) -> RemoteMovedOn:
        return RemoteMovedOn(
            self.remote.name, published=timestamp_version(published), ours=self.plan.after.timestamp.version
        )


def timestamp_version(data: bytes | None) -> int | None:
    """Return the version that a timestamp says, unverified: for a sentence only."""
    from tuf.api.metadata import Timestamp

    from tufkeep.metadata.canonical import MalformedMetadata
    from tufkeep.metadata.document import Document

    try:
        return Document.parse(data, Timestamp).version if data is not None else None
    except MalformedMetadata:
        return 0
