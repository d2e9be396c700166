"""The agent: brings a component to what its channel offers, or leaves it as it was.

    folder/trust/             what the client trusts
    folder/components/NAME/   1.0-0123…/  1.1-4567…/  current -> 1.1-4567…  state.json  download/

An update has one commit point, the switch of `current`, and these steps:

1. The artifact is downloaded, verified, and made a folder of its own (`versions`).
2. The new version must pass its check, while the old one is still in use.
3. The trial is written down (`record`), then `current` is switched: one rename (`pointer`).
4. The new version is started. When it does not start, `current` goes back and the old one is started.
5. The trial is closed; all but the new version and the last good one before it are removed.

Killed before 3, the old version is in use, and the next run goes on with what is there. Killed after 3,
the next run finds the trial and ends it. A release that failed three times is left alone for a day.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from tuf.api.metadata import TargetFile

from tufkeep.agent.component import Component, Release
from tufkeep.agent.disk import make_folder
from tufkeep.agent.outcome import NothingOffered, Update
from tufkeep.agent.update import Updating
from tufkeep.arguments import checked
from tufkeep.client.client import Client
from tufkeep.client.limits import Limits
from tufkeep.client.origin import Repository
from tufkeep.client.walk import TargetNotFound
from tufkeep.clock import Clock, in_utc, system_clock
from tufkeep.logs import logger
from tufkeep.metadata.targets import TargetPath
from tufkeep.stores import FilePath, FolderStore, file_path
from tufkeep.stores.faults import writing
from tufkeep.stores.network import Network

TRUST = "trust"  # the client's folder in the agent's
_log = logger("agent")


@checked
class Agent:
    """Keeps components in a folder.

        agent = Agent.open("/opt/agent", "https://updates.example.com/", root="first-root.json")
        agent.once(Component(name="orbit", channel="stable", start=("systemctl", "restart", "orbit")))

    Args:
        folder: see above; the client's state belongs into `trust` in it.
        environment: all that a component's commands see of ours.
        links: whether to point to versions by symbolic links; by default where the system has them.
        patience_seconds: how long to wait for another process that updates the same component.
    """

    def __init__(
        self,
        folder: Path,
        client: Client,
        *,
        clock: Clock,
        environment: Mapping[str, str] | None = None,
        links: bool = os.name != "nt",
        patience_seconds: float = 10,
    ):
        self._folder = folder.absolute()  # the commands of a component run in a folder of their own
        self._client = client
        self._clock = clock
        self._environment = {"PATH": os.defpath} if environment is None else environment
        self._links = links
        self._patience_seconds = patience_seconds

    @classmethod
    def open(
        cls,
        folder: FilePath,
        url: Repository | None = None,
        *,
        root: FilePath | bytes | None = None,
        artifacts: Repository | None = None,
        environment: Mapping[str, str] | None = None,
        clock: Clock = system_clock,
        limits: Limits | None = None,
        network: Network | None = None,
    ) -> Self:
        """Return the agent of a folder; no request is made.

        Args:
            folder: keeps what is trusted and what is installed.
            url: where the repository is; this, `root` and `artifacts` as of `Client.open`.
            environment: all that the commands of a component see; by default a PATH and nothing else.
            clock: in place of the system's.
            limits, network: as of `Client.open`.

        Raises:
            NoOrigin: there is no `url`, and none is remembered.
        """
        path = file_path(folder)
        clock = in_utc(clock)
        if root is not None:
            with writing(path.name):
                make_folder(path / TRUST)  # the client's own would be as the umask has it
        client = Client.open(
            path / TRUST, url, root=root, artifacts=artifacts, clock=clock, limits=limits, network=network
        )
        return cls(path, client, clock=clock, environment=environment)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._folder)!r}, {self._client!r})"

    def once(self, component: Component | str) -> Update:
        """Bring one component up to date.

        Args:
            component: or its name, for what the stable channel offers for this platform.

        Raises:
            FetchError, ExpiredMetadata, ...: see `Client.refresh`; the component stays as it is.
            NothingOffered: the channel has no such component for this platform.
            DowngradeRefused: it offers an older version than the installed one.
            BadArchive: the artifact cannot be unpacked safely.
            DidNotStart: the new version failed its check or start; the one before is in use.
            Locked: another agent is at work on this component.
        """
        component = _component(component)
        paths = component.target_paths
        with writing(component.folder_name):
            make_folder(self._folder / "components" / component.folder_name)
        lock = FolderStore(self._folder).lock(
            f"components/{component.folder_name}",
            note=f"updating {component.name}",
            wait_seconds=self._patience_seconds,
        )
        with lock, writing(component.folder_name):  # whatever else the disk says
            updating = self._updating(component)
            updating.settle()
            self._client.refresh()
            update = updating.take(Release.of(self._offered(paths)), self._client)
        _log.info("%s %s is %s", update.component, update.version, update.outcome.value)
        return update

    def _offered(self, paths: Sequence[TargetPath]) -> TargetFile:
        """Return the first target that is there; what is missed is the first."""
        for path in paths:
            with suppress(TargetNotFound):
                return self._client.target(path)
        raise NothingOffered(paths[0])

    def executable(self, component: Component | str) -> Path | None:
        """Return the path of the version in use, None where there is none.

        Where there are symbolic links it stays the same from version to version.
        """
        return self._updating(_component(component)).executable()

    def _updating(self, component: Component) -> Updating:
        return Updating(
            component=component,
            folder=self._folder / "components" / component.folder_name,
            clock=self._clock,
            environment=self._environment,
            links=self._links,
        )


def _component(given: Component | str) -> Component:
    return given if isinstance(given, Component) else Component(name=given)
