"""A remote: the store that a repository is published to, as tufkeep.toml names it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tufkeep.client.fetch import Fetcher, StoreFetcher
from tufkeep.client.origin import open_fetcher
from tufkeep.errors import WorkspaceError
from tufkeep.publish.names import attributes
from tufkeep.stores import Store
from tufkeep.stores.credentials import Credentials, Places, Wanted, find_credentials
from tufkeep.stores.location import Location, open_location
from tufkeep.stores.object import Attributes
from tufkeep.workspace.remotes import RemotePolicy


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

    @property
    def called(self) -> str:
        """What a sentence calls it."""
        return self.name

    @property
    def public(self) -> Fetcher:
        """What agents fetch from: the public URL, or else the store itself."""
        if self.policy.public_url:
            return open_fetcher(self.policy.public_url)
        return StoreFetcher(self.store, called=f"{self.policy.url.rstrip('/')}/")


def open_remote(name: str, remotes: Mapping[str, RemotePolicy], places: Places | None) -> Remote:
    """Return a remote by its name, or by a URL or folder in place of a name; no request is made.

    Args:
        remotes: what tufkeep.toml names.
        places: where credentials may be; None looks nowhere.

    Raises:
        NoSuchRemote, BadLocation, NoCredentials: it can't be reached like this.
    """
    policy = remotes.get(name)
    if policy is None:
        if "/" not in name:
            raise NoSuchRemote(name, known=remotes)
        policy = RemotePolicy(url=name)
    location = Location(url=policy.url, region=policy.region, endpoint=policy.endpoint, account=policy.account)
    credentials = _credentials(policy, location, places)

    def kinds(object_name: str) -> Attributes:
        return attributes(object_name, timestamp_max_age=policy.timestamp_max_age, plain_max_age=policy.plain_max_age)

    store = open_location(location, credentials=credentials.options if credentials else None, kinds=kinds)
    return Remote(name=name, store=store, policy=policy, location=location, credentials=credentials)


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
