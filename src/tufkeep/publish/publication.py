"""One state on its way to one remote: sent, published, remembered, purged from caches, read back."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tufkeep import __version__
from tufkeep.clock import Clock
from tufkeep.logs import logger, place
from tufkeep.metadata.filenames import is_immutable
from tufkeep.metadata.lint_change import ClientWarning
from tufkeep.publish.base import LastSeen
from tufkeep.publish.conditions import conditions_of
from tufkeep.publish.deleting import Patience
from tufkeep.publish.journal import JournalEntry
from tufkeep.publish.metadata_set import MetadataSet, sha256
from tufkeep.publish.plan import PushPlan
from tufkeep.publish.purge import Run, purge
from tufkeep.publish.push import Push, VersionsTaken
from tufkeep.publish.readback import ReadBack, read_back
from tufkeep.publish.remote import Remote
from tufkeep.publish.send import CopyBetween, Progress, Sender, nothing
from tufkeep.stores import Store, StoreFault

_ARTIFACTS_LOOKED_AT = 2


_log = logger("publish")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What became true."""

    remote: str
    versions: Mapping[str, int]
    read_back: ReadBack
    warnings: tuple[str, ...]
    unread: tuple[ClientWarning, ...] = ()  # what it brought that some declared client does not read; warned of as well
    deleted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What is published where, from where, and who is told.

    Args:
        base: what the working directory remembers of the remote; None where nobody remembers.
        source: the store that artifacts come from, below `folder`.
    """

    plan: PushPlan
    remote: Remote
    base: LastSeen | None
    source: Store
    folder: str
    entry: JournalEntry
    clock: Clock
    run: Run | None = None
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    copy_between: CopyBetween | None = None
    is_mirror: bool = False
    patience: Patience = field(default_factory=Patience)

    def publish(self, *, progress: Progress = nothing) -> Pushed:
        """Make the planned state the published one.

        Raises:
            RemoteMovedOn, VersionsTaken, Locked: see `Push.run`.
        """
        plan = self.plan
        warnings = list(plan.warnings)
        if not plan.empty or plan.complete:
            warnings += self._send(progress)
            warnings += purge(self.remote, plan.overwritten, run=self.run, environment=self.environment)
        self._sweep()
        warnings += self._remember(plan.after)
        seen = self._read_back()
        told = tuple(dict.fromkeys((*warnings, *seen.warnings)))
        versions = ", ".join(f"{role} v{version}" for role, version in plan.after.versions.items())
        _log.info("published on %s: %s", place(self.remote.name), versions)
        for warning in told:
            _log.warning("%s", warning)
        return Pushed(
            remote=self.remote.name,
            versions=plan.after.versions,
            read_back=seen,
            warnings=told,
            unread=plan.unread,
        )

    def _send(self, progress: Progress) -> list[str]:
        conditions = conditions_of(self.remote, self.base)
        sender = Sender(
            self.source,
            self.folder,
            self.remote,
            conditions=conditions.kept,
            progress=progress,
            copy_between=self.copy_between,
            repair=self.plan.complete,
            take_keys=self.is_mirror,
        )
        push = Push(
            plan=self.plan,
            remote=self.remote,
            sender=sender,
            entry=self.entry,
            conditions=conditions.kept,
            patience=self.patience,
        )
        try:
            push.run()
        except VersionsTaken as taken:
            if self.base is not None:
                with suppress(StoreFault):  # what stopped the push is what is to be said
                    self.base.see(taken.seen)
            raise
        if conditions.kept:
            return sender.warnings
        return [
            *sender.warnings,
            f"{self.remote.name} does not keep conditional writes: a lease keeps two pushes apart, "
            "as long as everybody uses tufkeep",
        ]

    def _sweep(self) -> None:
        """Remove what killed pushes left among the files that are served; what can't be removed is in nobody's way."""
        with suppress(StoreFault):
            self.remote.store.sweep()

    def _remember(self, published: MetadataSet) -> list[str]:
        """Note what is published now; return a warning where this directory takes no note."""
        try:
            if self.base is not None:
                self.base.write(published)
        except StoreFault as error:
            return [f"all is published, but this directory can't remember it: {error}"]
        return []

    def _read_back(self) -> ReadBack:
        plan = self.plan
        names = [*plan.overwritten, *(file.name for file in plan.metadata if is_immutable(file.name))]
        names += [artifact.names[0] for artifact in (*plan.artifacts, *plan.replaced)[:_ARTIFACTS_LOOKED_AT]]
        return read_back(self.remote, plan.after, before=plan.before, names=names, clock=self.clock)


def new_entry(plan: PushPlan, *, who: str, now: datetime, **said: Any) -> JournalEntry:
    """Return what the journal will say of a push.

    Args:
        said: `note`, `approved_by`, `tested_by`, `source`.
    """
    return JournalEntry(
        who=who,
        when=now,
        program=f"tufkeep {__version__}",
        versions=plan.after.versions,
        files={file.name: sha256(file.data) for file in plan.metadata},
        timestamp=sha256(plan.after.timestamp.data),
        base=sha256(plan.before.timestamp.data) if plan.before is not None else "",
        retired=plan.retired,
        needs=plan.needs,
        **said,
    )
