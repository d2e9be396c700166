"""A working directory with one of its remotes: everything that publishing can do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Self

from tufkeep.arguments import checked
from tufkeep.client.origin import read_root
from tufkeep.environment import Environment, system_environment
from tufkeep.logs import logger, place
from tufkeep.metadata.filenames import OWN, TIMESTAMP
from tufkeep.metadata.plan import VersionReused, VersionRollback
from tufkeep.publish import pull, retire, verify
from tufkeep.publish.deleting import Patience
from tufkeep.publish.difference import Difference, RemoteStatus, compare
from tufkeep.publish.errors import NotInStep, RemoteMovedOn, VersionTaken
from tufkeep.publish.inventory import raw_targets
from tufkeep.publish.journal import JournalEntry, Logged, entry_of, logged, read_journal
from tufkeep.publish.lost import with_lost
from tufkeep.publish.metadata_set import MetadataSet, sha256
from tufkeep.publish.plan import PushPlan, plan_push, prove_push
from tufkeep.publish.publication import Publication, Pushed, new_entry
from tufkeep.publish.purge import Run
from tufkeep.publish.remote import Destination, Remote, programs, remote_of, require_apart, who_pushes
from tufkeep.publish.rollforward import renew_above_seen
from tufkeep.publish.send import Progress, nothing
from tufkeep.publish.sides import Sides
from tufkeep.publish.work import Prefer
from tufkeep.stores import FilePath, ObjectMissing, StoreFault
from tufkeep.stores.conditions import Conditions, find_conditions
from tufkeep.workspace import Workspace, layout
from tufkeep.workspace.state import LIMITS

_log = logger("publish")


@checked
class Publisher(Sides):
    """One working directory and one remote: everything that publishing can do.

    publisher = Publisher.open(workspace, "staging")
    publisher.push()
    """

    def __init__(
        self,
        workspace: Workspace,
        remote: Remote,
        *,
        who: str = "unknown",
        run: Run | None = None,
        environment: Environment | None = None,
        patience: Patience | None = None,
    ):
        """Hold a working directory against a remote; no request is made.

        Args:
            who: see `open`, with `environment`.
            run: runs a command that tufkeep.toml names, such as one that purges a cache.
        """
        super().__init__(workspace, remote)
        self.who = who
        self._run = run
        self._environment = environment or {}
        self._patience = patience or Patience()

    @classmethod
    def open(
        cls,
        workspace: Workspace,
        remote: Destination,
        *,
        who: str = "",
        environment: Environment | None = None,
        trust_config: bool = False,
    ) -> Self:
        """Return the publisher of a repository to one of its remotes; no request is made.

        Args:
            remote: a name in tufkeep.toml; a URL such as s3://bucket/folder; a folder; or a `Remote` in any store.
            who: how the remote's journal names the person or the program that pushes [TUFKEEP_WHO, or USER@host].
            environment: where credentials are looked for, in place of that of the process; {} looks nowhere.
            trust_config: let tufkeep.toml run programs and take credentials along, though nobody has trusted it here.

        Raises:
            ConfigNotTrusted: it would, and nobody has.
            NoSuchRemote, BadLocation: the remote is nowhere.
            NoCredentials: none were found where aws, rclone and others keep them.
        """
        environment = system_environment() if environment is None else environment
        found = remote_of(workspace, remote, environment, trust_config=trust_config)
        return cls(
            workspace,
            found,
            who=who or who_pushes(environment),
            run=programs(found.policy, environment),
            environment=environment,
        )

    def plan_push(self, *, over: int | None = None, complete: bool = False, repair: bool = False) -> PushPlan:
        """Prove the push and return what it will do; nothing is written.

        Args:
            over: the published timestamp's version, to push over it though nobody knows that ours is made from it.
            complete: look at every object, though the published metadata says that it is there; mend what is damaged.
            repair: what is published may be no whole state at all, or an older one than was seen there.

        Raises:
            RemoteOverlaps: the remote is no folder of its own.
            RemoteMovedOn, NotInStep: what is published is not what this directory's change was made from.
            TimestampLost: nothing is published any more, and it is not `complete`.
            VersionTaken: it is, and has versions of its own all the same.
            What `prove` raises: an agent that trusts what is published would not follow.
        """
        require_apart(self.workspace, self.remote)
        declared = self.workspace.declared
        after = self.committed()
        published = self.published_if_whole() if repair else self.published()
        before = published.found if published is not None else None
        if before is None and not (complete or repair):
            self.base.require_none(self.remote.name)
        if before is not None and before.timestamp.data != after.timestamp.data and not repair:
            self._require_in_step(before, after, over)
        try:
            prove_push(before=before, after=after, now=self.workspace.clock(), declared=declared)
        except (VersionReused, VersionRollback) as error:
            raise self._taken(error, before, after) from error
        plan = plan_push(
            remote=self.remote.name,
            before=before,
            after=after,
            tag=published.tag if published is not None else self.timestamp_tag() if repair else None,
            now=self.workspace.clock(),
            declared=declared,
            complete=complete or repair,
        )
        return with_lost(plan, self.remote.store)

    def push(
        self,
        plan: PushPlan | None = None,
        *,
        progress: Progress = nothing,
        note: str = "",
        grace: timedelta | None = None,
    ) -> Pushed:
        """Make the planned state the published one, then read it back as an agent.

        Args:
            plan: what `plan_push` returned and somebody looked at; by default it is made now.
            progress: called with the number of bytes sent.
            note: what the remote's journal says of it.
            grace: delete what no state published within this time refers to; None deletes nothing.

        Raises:
            RemoteMovedOn, VersionsTaken, Locked: see `Push.run`.
            What `plan_push` raises.
        """
        plan = self.plan_push() if plan is None else plan
        publication = Publication(
            plan=plan,
            remote=self.remote,
            base=self.base,
            source=self.workspace.store,
            folder=layout.REPOSITORY,
            entry=self.entry(plan, note=note),
            clock=self.workspace.clock,
            run=self._run,
            environment=self._environment,
            patience=self._patience,
        )
        pushed = publication.publish(progress=progress)
        return replace(pushed, deleted=self.retire(grace)) if grace is not None else pushed

    def retire(self, grace: timedelta) -> tuple[str, ...]:
        """Delete what nothing refers to that was published within the grace period; return the names."""
        now = self.workspace.clock()
        return retire.retire(
            self.remote, self.require_published, who=self.who, now=now, grace=grace, patience=self._patience
        )

    def log(self) -> tuple[Logged, ...]:
        """Return the remote's journal, oldest first."""
        try:
            timestamp = sha256(self.remote.store.read(TIMESTAMP))
        except ObjectMissing:
            timestamp = ""
        return logged(read_journal(self.remote.store), timestamp=timestamp)

    def diff(self) -> Difference:
        """Return how what is committed here and what is published differ."""
        published = self.published()
        there = published.found if published is not None else None
        return compare(self.remote.name, self.committed(), there, base=self.base.read(), now=self.workspace.clock())

    def status(self) -> RemoteStatus:
        """Return what is published, by whom, and when it ends."""
        found = self.require_published()
        now = self.workspace.clock()
        return RemoteStatus(
            versions=found.versions,
            expires={role: document.expires for role, document in found.documents.items()},
            expired=found.expired,
            targets=sum(len(raw_targets(document)) for document in found.targets_roles.values()),
            consistent_snapshot=found.consistent,
            difference=compare(self.remote.name, self.committed(), found, base=self.base.read(), now=now),
            last=self._last(found),
            now=now,
        )

    def verify(self, *, progress: Progress = nothing) -> verify.Verification:
        """Read every object that the published metadata needs, and check every byte."""
        return verify.verify(self.remote, self.require_published(), progress=progress)

    def pull(
        self,
        *,
        prefer: Prefer | None = None,
        targets: bool = False,
        root: FilePath | bytes | None = None,
        trust: str | None = None,
        progress: Progress = nothing,
    ) -> pull.Pulled:
        """Take in what is published; work done here is made again on top of it.

        Args:
            prefer: whose side is taken where both changed the same thing; None stops there.
            targets: fetch the artifacts, too.
            root: for a directory without a repository: the root to trust, a file or its bytes.
            trust: or the fingerprint of the remote's first root, hexadecimal or in words.
            progress: called with the number of bytes fetched.

        Raises:
            NothingPublished, RemoteWentBack, NotInStep, LocalWorkAtRisk, TrustNeeded, OperationUnfinished: nothing was
                changed.
        """
        given = read_root(root, limit=LIMITS["root"]) if root is not None else None
        pulled = pull.pull(self, prefer=prefer, targets=targets, root=given, trust=trust, progress=progress)
        versions = ", ".join(f"{role} v{version}" for role, version in pulled.versions.items())
        _log.info("pulled from %s: %s", place(self.remote.name), versions)
        return pulled

    def rollforward(self, *, above: int | None = None, progress: Progress = nothing) -> Pushed:
        """Publish again, above every version that agents may have seen: for a remote that lost objects or went back.

        Args:
            above: a timestamp version that agents are known to have.
        """
        with self.workspace.exclusive("rollforward"):
            renew_above_seen(self, above=above)
            return self.push(self.plan_push(repair=True), progress=progress, note="rollforward")

    def conditions(self) -> Conditions:
        """Find out whether the remote can be written safely, by writing and removing one small object."""
        return find_conditions(self.remote.store, folder=OWN)

    def entry(self, plan: PushPlan, *, note: str = "") -> JournalEntry:
        """Return what the journal will say of a push."""
        return new_entry(plan, who=self.who, now=self.workspace.clock(), note=note)

    def _last(self, found: MetadataSet) -> JournalEntry | None:
        """Return the push that published what is there, None where the journal does not say or can't be listed."""
        try:
            timestamp = found.timestamp
            return entry_of(self.remote.store, version=timestamp.version, timestamp=sha256(timestamp.data))
        except StoreFault:  # a web server lists nothing
            return None

    def _require_in_step(self, before: MetadataSet, after: MetadataSet, over: int | None) -> None:
        """Accept what this directory saw published last, or what ours provably was made from."""
        base = self.base.read()
        theirs, ours = before.timestamp.version, after.timestamp.version
        if base is not None and base.timestamp.data == before.timestamp.data:
            return
        if over == theirs or self.was_committed(before.snapshot):
            return
        if base is None:
            raise NotInStep(self.remote.name, published=theirs, ours=ours)
        raise RemoteMovedOn(self.remote.name, published=theirs, ours=ours)

    def _taken(
        self, error: VersionReused | VersionRollback, before: MetadataSet | None, after: MetadataSet
    ) -> RemoteMovedOn | VersionTaken:
        """Say who has used a version: somebody since this directory last looked, or the state that it knows."""
        base = self.base.read()
        theirs = before.timestamp.version if before is not None else 0
        if base is not None and before is not None and base.timestamp.data == before.timestamp.data:
            return VersionTaken(self.remote.name, error, published=theirs)
        return RemoteMovedOn(self.remote.name, published=theirs, ours=after.timestamp.version)
