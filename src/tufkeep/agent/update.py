"""The update of one component, step by step; `agent` says in which order, for which reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NoReturn

from tufkeep.agent.component import Component, Release
from tufkeep.agent.disk import clear_way, remove_folder
from tufkeep.agent.outcome import DidNotStart, DowngradeRefused, Outcome, Update
from tufkeep.agent.pointer import Pointer
from tufkeep.agent.record import History, Trial
from tufkeep.agent.start import run
from tufkeep.agent.version import is_older
from tufkeep.agent.versions import Installed, Versions
from tufkeep.archives.rules import BadArchive
from tufkeep.client.client import Client
from tufkeep.clock import Clock
from tufkeep.stores import FolderStore

_RECORD = "state.json"
_DOWNLOAD = "download"


@dataclass(kw_only=True)
class Updating:
    """One component, by the process that holds its lock."""

    component: Component
    folder: Path
    clock: Clock
    environment: Mapping[str, str]
    links: bool

    @cached_property
    def _home(self) -> FolderStore:
        return FolderStore(self.folder)

    @cached_property
    def _record(self) -> History:
        return History.read(self._home, _RECORD)

    @cached_property
    def _versions(self) -> Versions:
        return Versions(self.folder, self.component)

    @cached_property
    def _pointer(self) -> Pointer:
        return Pointer(self.folder / "current", links=self.links)

    def executable(self) -> Path | None:
        """Return the path of the version in use; through `current` where that is a link."""
        name = self._pointer.read()
        if name is None:
            return None
        through = "current" if (self.folder / "current").is_symlink() else name
        return self.folder / through / self.component.executable_path

    def settle(self) -> None:
        """Finish what a killed run left: remove its drafts, and see whether its new version starts.

        A start that was begun is not begun again where there is a check, for it may be what killed us:
        a restart of the service that we are. Then the check alone decides.

        Raises:
            DidNotStart: it does not; the version before is in use.
        """
        if not self.folder.is_dir():
            return
        self._versions.clear()
        trial = self._record.trial
        if trial is not None and self._pointer.read() == trial.target:
            found = self._versions.find(trial.target)
            if found is None:
                self._go_back(trial, None, "its folder is gone")
            self._finish(trial, found)
        elif trial is not None:
            self._close_trial()

    def take(self, release: Release, client: Client) -> Update:
        """Bring the component to a release; see `Agent.once`."""
        current = self._versions.find(self._pointer.read())
        same = current is not None and current.digest == release.digest
        if current is not None and same and current.is_whole():
            self._forget_download()
            if self._record.before is not None:  # else it may be lost, and the version before with it
                self._versions.prune(current.folder.name, self._record.before)
            return self._told(Outcome.UNCHANGED, release, self._versions.relabel(current, release))
        self._refuse_downgrade(release, None if same else current)
        until = self._record.held_until(release.digest, now=self.clock())
        if until is not None:
            return replace(self._told(Outcome.HELD_BACK, release, current), held_until=until)
        whole = self._versions.find_whole(release)
        installed = self._versions.relabel(whole, release) if whole else self._install(release, client)
        self._forget_download()
        self._check(installed, current)
        self._switch(installed)
        return self._told(Outcome.REPAIRED if same else Outcome.INSTALLED, release, current)

    def _refuse_downgrade(self, release: Release, current: Installed | None) -> None:
        if current is None or self.component.allow_downgrade:
            return
        if is_older(release.version, current.version):
            raise DowngradeRefused(self.component.name, offered=release.name, installed=current.name)

    def _install(self, release: Release, client: Client) -> Installed:
        clear_way(self.folder / _DOWNLOAD, folder=True)
        downloads = FolderStore(self.folder / _DOWNLOAD)
        client.download(release.target.path, downloads, name=release.digest, partial=downloads)
        try:
            return self._versions.install(release, lambda: downloads.open(release.digest))
        except BadArchive:
            self._failed(release.digest)
            raise

    def _check(self, installed: Installed, current: Installed | None) -> None:
        """Try the new version before the old one is given up."""
        reason = self._run(self.component.check, installed)
        if reason is not None:
            self._failed(installed.digest)
            raise DidNotStart(
                self.component.name,
                version=installed.name,
                reason=reason,
                kept=current.name if current else None,
            )

    def _switch(self, installed: Installed) -> None:
        trial = Trial(source=self._pointer.read(), target=installed.folder.name)
        self._keep(trial)
        self._pointer.switch(trial.target)
        self._finish(trial, installed)

    def _finish(self, trial: Trial, installed: Installed) -> None:
        """Start the version that was switched to, and take it for good or go back."""
        again = trial.started and self.component.check
        command = self.component.check if again else self.component.start
        if self.component.start and not trial.started:
            self._keep(replace(trial, started=True))
        reason = self._run(command, installed, stays=not again)
        if reason is not None:
            self._go_back(trial, installed, reason)
        before = self._versions.find(trial.source)
        if before is not None and before.digest != installed.digest:
            self._record.before = trial.source
        self._close_trial()
        self._versions.prune(trial.target, self._record.before)

    def _go_back(self, trial: Trial, failed: Installed | None, reason: str) -> NoReturn:
        """Use the version before again, and say why."""
        before = self._versions.find(trial.source)
        self._pointer.switch(trial.source if before else None)
        if before is not None:
            self._run(self.component.start, before, stays=True)
        if failed is not None:
            self._record.failed(failed.digest, now=self.clock())
        self._close_trial()
        raise DidNotStart(
            self.component.name,
            version=failed.name if failed else trial.target,
            reason=reason,
            kept=before.name if before else None,
        )

    def _failed(self, digest: str) -> None:
        self._record.failed(digest, now=self.clock())
        self._keep(None)

    def _close_trial(self) -> None:
        self._keep(None)

    def _keep(self, trial: Trial | None) -> None:
        self._record.trial = trial
        clear_way(self.folder / _RECORD)
        self._record.write(self._home, _RECORD)

    def _forget_download(self) -> None:
        remove_folder(self.folder / _DOWNLOAD)

    def _run(self, template: tuple[str, ...], installed: Installed, *, stays: bool = False) -> str | None:
        if not template:
            return None
        command = self.component.command(template, folder=installed.folder, version=installed.version)
        component = self.component
        return run(
            command, folder=installed.folder, seconds=component.seconds, environment=self.environment, stays=stays
        )

    def _told(self, outcome: Outcome, release: Release, current: Installed | None) -> Update:
        return Update(
            component=self.component.name,
            outcome=outcome,
            version=release.name,
            before=current.name if current else None,
            executable=self.executable(),
        )
