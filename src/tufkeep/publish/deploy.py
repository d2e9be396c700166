"""Bringing what one remote has published to another: staging to production, or to a mirror.

The same order and the same compare-and-swap as a push. Only the state that was named: what is published meanwhile
waits for the next time. What the server copies by itself is read once afterwards, for nothing else has looked at it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from tuf.api.metadata import Root, Snapshot

from tufkeep.arguments import checked
from tufkeep.client.origin import read_root
from tufkeep.clock import Clock
from tufkeep.environment import Environment, system_environment
from tufkeep.errors import StoreError
from tufkeep.metadata.clients import DEFAULT
from tufkeep.metadata.document import Document
from tufkeep.metadata.filenames import metadata_name
from tufkeep.metadata.plan import VersionReused, VersionRollback
from tufkeep.publish.base import LastSeen
from tufkeep.publish.deleting import Patience
from tufkeep.publish.errors import NothingPublished, NotInStep, VersionTaken
from tufkeep.publish.journal import read_journal
from tufkeep.publish.lost import with_lost
from tufkeep.publish.metadata_set import MetadataSet, sha256
from tufkeep.publish.plan import PushPlan, plan_push, prove_push
from tufkeep.publish.publication import Publication, Pushed, new_entry
from tufkeep.publish.published import Published, Roots, read_published
from tufkeep.publish.remote import Destination, Remote, remote_of, who_pushes
from tufkeep.publish.send import CopyBetween, Progress, nothing
from tufkeep.stores import FilePath, FolderStore, ObjectMissing, StoreFault, file_path
from tufkeep.stores.location import copying_between
from tufkeep.stores.object import ObjectStore
from tufkeep.workspace import NotARepository, Workspace
from tufkeep.workspace.policy import RemotePolicy
from tufkeep.workspace.state import LIMITS


class OtherStatePublished(StoreError):
    """The remote has another state than the one that was tested and named."""

    exit_code = 33

    def __init__(self, remote: str, *, wanted: int, published: int):
        super().__init__(f"remote {remote}: timestamp v{wanted} was named, and v{published} is published")
        self.remote, self.wanted, self.published = remote, wanted, published


@checked
@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One state on its way from one remote to another.

    Args:
        roots: versions that are trusted; both remotes must go on from them.
        base: what the working directory remembers of the target.
    """

    source: Remote
    target: Remote
    roots: Roots
    clock: Clock
    base: LastSeen | None = None
    who: str = "unknown"
    declared: Sequence[str] = DEFAULT  # the clients that are out there
    patience: Patience = field(default_factory=Patience)
    is_mirror: bool = False  # nobody else writes to the target, so whatever it has is the source's past

    @classmethod
    def open(
        cls,
        workspace: Workspace,
        source: Destination,
        target: Destination,
        *,
        who: str = "",
        environment: Environment | None = None,
        trust_config: bool = False,
    ) -> Self:
        """Return the deployment of what one remote has published to another; no request is made.

        Args:
            workspace: whose roots are trusted.
            source: as `remote` of `Publisher.open`; this, `who`, `environment` and `trust_config`.
            target: such as production.
        """
        environment = system_environment() if environment is None else environment
        to = remote_of(workspace, target, environment, trust_config=trust_config)
        return cls(
            source=remote_of(workspace, source, environment, trust_config=trust_config),
            target=to,
            roots=workspace.state.roots,
            clock=workspace.clock,
            base=LastSeen(workspace.store, to.name, to.policy.url),
            who=who or who_pushes(environment),
            declared=workspace.declared,
        )

    @classmethod
    def mirror(
        cls,
        workspace: Workspace,
        source: Destination,
        folder: FilePath,
        *,
        root: FilePath | bytes | None = None,
        environment: Environment | None = None,
        trust_config: bool = False,
    ) -> Self:
        """Return the copying of what a remote has published to a folder that a web server may serve.

        Args:
            workspace: whose roots are trusted, and whose remotes are known.
            root: the root to trust, a file or its bytes, where the working directory contains no repository.
            trust_config: as of `Publisher.open`.

        Raises:
            NotARepository: there is no root to trust.
        """
        environment = system_environment() if environment is None else environment
        roots = dict(workspace.state.roots)
        if root is not None:
            anchor = Document.parse(read_root(root, limit=LIMITS["root"]), Root)
            roots = {anchor.version: anchor}
        if not roots:
            raise NotARepository
        path = str(file_path(folder))
        store = FolderStore(path, served=True)
        return cls(
            source=remote_of(workspace, source, environment, trust_config=trust_config),
            target=Remote(name=path, store=store, policy=RemotePolicy(url=path, journal=False)),
            roots=roots,
            clock=workspace.clock,
            who=who_pushes(environment),
            declared=(),  # whatever it is, agents read it from the source already
            is_mirror=True,
        )

    def plan(self, *, timestamp: int | None = None, over: int | None = None) -> PushPlan:
        """Prove the deployment and return what it will do; nothing is written.

        Args:
            timestamp: the version that was named; another one is refused.
            over: the target's timestamp version, to deploy over it though the source never published it.

        Raises:
            NothingPublished, OtherStatePublished, NotInStep, VersionTaken: there is nothing to bring, or something in
                its way.
            What `prove` raises: an agent of the target would not follow.
        """
        after = self._published(self.source)
        if after is None:
            raise NothingPublished(self.source.name)
        if timestamp is not None and after.found.timestamp.version != timestamp:
            raise OtherStatePublished(self.source.name, wanted=timestamp, published=after.found.timestamp.version)
        before = self._published(self.target)
        here = before.found if before is not None else None
        self._require_in_step(here, after.found, over)
        try:
            prove_push(before=here, after=after.found, now=self.clock(), declared=self.declared)
        except (VersionReused, VersionRollback) as error:
            published = before.found.timestamp.version if before is not None else 0
            raise VersionTaken(self.target.name, error, published=published, source=self.source.name) from error
        plan = plan_push(
            remote=self.target.name,
            before=here,
            after=after.found,
            tag=before.tag if before is not None else None,
            now=self.clock(),
            declared=self.declared,
        )
        return with_lost(plan, self.target.store)

    def run(
        self,
        plan: PushPlan | None = None,
        *,
        approved_by: str = "",
        tested_by: str = "",
        note: str = "",
        progress: Progress = nothing,
    ) -> Pushed:
        """Do it, and record who approved it and which test it had passed.

        Args:
            plan: what `plan` returned and somebody looked at; by default it is made now.
        """
        plan = self.plan() if plan is None else plan
        said: Mapping[str, str] = {
            "note": note,
            "approved_by": approved_by,
            "tested_by": tested_by,
            "source": self.source.name,
        }
        publication = Publication(
            plan=plan,
            remote=self.target,
            base=self.base,
            source=self.source.store,
            folder="",
            entry=new_entry(plan, who=self.who, now=self.clock(), **said),
            clock=self.clock,
            copy_between=copier(self.source, self.target),
            is_mirror=self.is_mirror,
            patience=self.patience,
        )
        return publication.publish(progress=progress)

    def _published(self, remote: Remote) -> Published | None:
        return read_published(remote, roots=self.roots, now=self.clock())

    def _require_in_step(self, before: MetadataSet | None, after: MetadataSet, over: int | None) -> None:
        """Accept a target whose state the source once published: then nothing of it is lost."""
        if self.is_mirror or before is None or before.timestamp.data == after.timestamp.data:
            return
        theirs = before.timestamp.version
        if over == theirs or before.snapshot.data == after.snapshot.data or self._was_published(before):
            return
        ours = after.timestamp.version
        raise NotInStep(self.target.name, published=theirs, ours=ours, source=self.source.name)

    def _was_published(self, before: MetadataSet) -> bool:
        if before.consistent and _has(self.source, before.snapshot):
            return True
        last = self.base.read() if self.base is not None else None
        if last is not None and last.timestamp.data == before.timestamp.data:
            return True
        try:
            entries = read_journal(self.source.store)
        except StoreFault:  # a web server lists nothing
            return False
        return sha256(before.timestamp.data) in {entry.timestamp for entry in entries}


def copier(source: Remote, target: Remote) -> CopyBetween | None:
    """Return what copies an object on the server, None where both are not on one server that can."""
    if source.location is None or target.location is None or source.credentials is None:
        return None
    if not isinstance(source.store, ObjectStore) or not isinstance(target.store, ObjectStore):
        return None
    origin, goal = source.store, target.store
    if source.location.bucket == target.location.bucket and source.location.server == target.location.server:
        crossing = goal.bucket
    elif (
        found := copying_between(source.location, target.location, source.credentials.options, network=source.network)
    ) is not None:
        crossing = found
    else:
        return None

    def copy(name: str) -> bool:
        try:
            with crossing.telling(name, writing=True):
                crossing.copy(origin.path(name), goal.path(name))
        except StoreFault:
            return False
        return True

    return copy


def _has(remote: Remote, snapshot: Document[Snapshot]) -> bool:
    try:
        return remote.store.read(metadata_name("snapshot", snapshot.version)) == snapshot.data
    except ObjectMissing:
        return False
