"""The two sides of publishing: what is committed here, what is published there."""

from __future__ import annotations

from tuf.api.metadata import Snapshot

from tufkeep.arguments import checked
from tufkeep.errors import TufkeepError
from tufkeep.metadata.document import Document
from tufkeep.metadata.filenames import TIMESTAMP
from tufkeep.publish.base import LastSeen
from tufkeep.publish.errors import NothingPublished, NothingToPublish
from tufkeep.publish.metadata_set import MetadataSet, read_metadata_set
from tufkeep.publish.published import Published, read_published
from tufkeep.publish.remote import Remote
from tufkeep.stores import ObjectMissing, StoreFault, Tag
from tufkeep.workspace import NotARepository, Workspace, layout


@checked
class Sides:
    """One working directory and one remote, as they are."""

    def __init__(self, workspace: Workspace, remote: Remote):
        self.workspace = workspace
        self.remote = remote
        self.base = LastSeen(workspace.store, remote.name, remote.policy.url)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.workspace!r}, {self.remote.name!r})"

    def committed(self) -> MetadataSet:
        """Return what is committed here, verified as a client would.

        Raises:
            NotARepository, NothingToPublish: there is nothing.
        """
        state = self.workspace.state
        if not state.exists:
            raise NotARepository
        if not state.roots or state.committed("timestamp") is None:
            raise NothingToPublish
        return read_metadata_set(
            self.workspace.store,
            folder=layout.REPOSITORY,
            where="repository/",
            trusted=state.roots,
            now=self.workspace.clock(),
            known=self.base.read(),
        )

    def published(self) -> Published | None:
        """Return what the remote has, None where it has no timestamp.json."""
        return read_published(
            self.remote, roots=self.workspace.state.roots, now=self.workspace.clock(), known=self.base.read()
        )

    def published_if_whole(self) -> Published | None:
        """Return what is published, None where agents could not use it either."""
        try:
            return self.published()
        except StoreFault:
            raise
        except TufkeepError:
            return None

    def require_published(self) -> MetadataSet:
        """Return what the remote has.

        Raises:
            NothingPublished: it has nothing.
        """
        published = self.published()
        if published is None:
            raise NothingPublished(self.remote.name)
        return published.found

    def timestamp_tag(self) -> Tag | None:
        """Return what a compare-and-swap of the published timestamp takes, None where there is none."""
        try:
            return self.remote.store.read_tagged(TIMESTAMP)[1]
        except ObjectMissing:
            return None

    def was_committed(self, snapshot: Document[Snapshot]) -> bool:
        """Whether this very snapshot was once committed here: then ours was made from it."""
        name = layout.committed("snapshot", snapshot.version)
        try:
            return self.workspace.store.read(name) == snapshot.data
        except ObjectMissing:
            return False
