"""A remote: the store that a repository is published to, as tufkeep.toml names it."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TypeAlias

from tufkeep.client.fetch import Fetcher, StoreFetcher
from tufkeep.client.origin import open_fetcher
from tufkeep.environment import Environment
from tufkeep.errors import WorkspaceError
from tufkeep.publish.errors import RemoteOverlaps
from tufkeep.publish.names import attributes
from tufkeep.publish.programs import runner
from tufkeep.stores import Store, file_path, folder_of
from tufkeep.stores.credentials import Credentials, Places, Run, Wanted, find_credentials
from tufkeep.stores.location import Location, open_location
from tufkeep.stores.network import Network, network_of
from tufkeep.stores.object import Attributes
from tufkeep.workspace import WorkingDirectory, Workspace, layout
from tufkeep.workspace.policy import RemotePolicy
from tufkeep.workspace.trust import TrustedConfigs


class NoSuchRemote(WorkspaceError):
    """A name that tufkeep.toml does not know."""

    exit_code = 12

    def __init__(self, name: str, *, known: Mapping[str, RemotePolicy]):
        listed = f"known are {', '.join(sorted(known))}" if known else "none is named there"
        super().__init__(f"tufkeep.toml names no remote {name!r}; {listed}")
        self.name = name


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """Where a repository is published."""

    name: str
    store: Store
    policy: RemotePolicy
    location: Location | None = None
    credentials: Credentials | None = field(default=None, repr=False)
    network: Network = field(default_factory=Network, repr=False)

    @classmethod
    def at(cls, store: Store, *, name: str) -> Remote:
        """Return a remote in any store.

        Args:
            name: what the working directory remembers it by; another store needs another one.
        """
        return cls(name=name, store=store, policy=RemotePolicy(url=name))

    @property
    def called(self) -> str:
        """What a sentence calls it."""
        return self.name

    @property
    def public(self) -> Fetcher:
        """What agents fetch from: the public URL, or else the store itself."""
        if self.policy.public_url:
            return open_fetcher(self.policy.public_url, network=self.network)
        return StoreFetcher(self.store, called=f"{self.policy.url.rstrip('/')}/")


Destination: TypeAlias = str | PathLike[str] | Remote


def remote_of(
    workspace: Workspace, remote: Destination, environment: Environment, *, trust_config: bool = False
) -> Remote:
    """Return a remote that a caller names: by its name in tufkeep.toml, by a URL, by a folder.

    Credentials are looked for where aws, rclone and others keep them.

    Args:
        trust_config: let tufkeep.toml run its programs and take credentials along, though nobody has trusted it here.

    Raises:
        ConfigNotTrusted: it would do so, and may not.
        NoSuchRemote, BadLocation, NoCredentials: see `open_remote`.
    """
    if isinstance(remote, Remote):
        return remote
    name = remote if isinstance(remote, str) else f"{file_path(remote)}"
    if not isinstance(remote, str) and "/" not in name:
        name = f"./{name}"  # a path is never the name of a remote
    remotes = workspace.policy.remotes
    if name in remotes and not trust_config:
        TrustedConfigs.of(environment).require(workspace, name)
    run = programs(remotes.get(name), environment)
    places = Places(environment=environment, home=Path(environment.get("HOME", "/")), run=run)
    return open_remote(name, remotes, places, beside=folder_of(workspace.store))


def require_apart(workspace: WorkingDirectory, remote: Remote) -> None:
    """Refuse to publish into the working directory: keys would be served, and a journal take the place of ours.

    Raises:
        RemoteOverlaps: the remote is the directory, or one of the folders that it keeps for itself.
    """
    here, there = folder_of(workspace.store), folder_of(remote.store)
    if here is None or there is None:
        return
    here, there = here.resolve(), there.resolve()
    kept = (here / folder for folder in (layout.REPOSITORY, layout.STAGED, layout.KEYS, layout.OWN))
    if there == here or any(there.is_relative_to(folder) for folder in kept):
        raise RemoteOverlaps(remote.name)


def programs(policy: RemotePolicy | None, environment: Environment) -> Run:
    """Return what runs the programs of a remote."""
    return runner(environment, passed=policy.pass_environment if policy is not None else ())


def who_pushes(environment: Environment) -> str:
    """Return how a remote's journal names the person at work."""
    given = environment.get("TUFKEEP_WHO")
    return given or f"{environment.get('USER') or environment.get('LOGNAME') or 'unknown'}@{platform.node()}"


def open_remote(
    name: str,
    remotes: Mapping[str, RemotePolicy],
    places: Places | None,
    *,
    beside: Path | None = None,
) -> Remote:
    """Return a remote by its name, or by a URL or folder in place of a name; no request is made.

    Args:
        remotes: what tufkeep.toml names.
        beside: the folder of tufkeep.toml, from which a relative path in it is meant.
        places: where credentials may be; None looks nowhere.

    Raises:
        NoSuchRemote, BadLocation, NoCredentials: it can't be reached like this.
    """
    policy = remotes.get(name)
    if policy is None:
        if "/" not in name and name not in (".", ".."):
            raise NoSuchRemote(name, known=remotes)
        policy, beside = RemotePolicy(url=name), None  # a path that is typed is meant from where it is typed
    url = policy.url if beside is None or "://" in policy.url else str(beside / policy.url)
    location = Location(url=url, region=policy.region, endpoint=policy.endpoint, account=policy.account)
    credentials = _credentials(policy, location, places)

    def kinds(object_name: str) -> Attributes:
        return attributes(object_name, timestamp_max_age=policy.timestamp_max_age, plain_max_age=policy.plain_max_age)

    network = policy.network(network_of(places.environment) if places else Network(), beside=beside)
    options = credentials.options if credentials else None
    store = open_location(location, credentials=options, kinds=kinds, network=network)
    return Remote(name=name, store=store, policy=policy, location=location, credentials=credentials, network=network)


def _credentials(policy: RemotePolicy, location: Location, places: Places | None) -> Credentials | None:
    if policy.anonymous or places is None or not location.is_bucket:
        return None
    wanted = Wanted(
        profile=policy.profile,
        rclone=policy.rclone,
        access_key_command=policy.access_key_command,
        secret_key_command=policy.secret_key_command,
    )
    return find_credentials(location, wanted, places)
