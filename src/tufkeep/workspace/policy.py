"""The policy of a repository: what tufkeep.toml may say, with safe defaults.

Secrets have no place in it: credentials and passphrases come from elsewhere.
"""

from __future__ import annotations

import shlex
import tomllib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from tufkeep.errors import WorkspaceError
from tufkeep.metadata.clients import DECLARABLE, DEFAULT
from tufkeep.metadata.expiry import DEFAULT_VALIDITY, Validity, validity_of
from tufkeep.stores.network import Network


class MalformedPolicy(WorkspaceError):
    """tufkeep.toml is not TOML, or says something that a policy cannot say."""

    exit_code = 12

    def __init__(self, reason: str):
        super().__init__(f"tufkeep.toml: {reason}")
        self.reason = reason


MAX_DAYS = 36_500  # a century; what is meant to outlive it is a mistake


class RolePolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a role's metadata holds, and how early its end is a warning; in days, None for the default."""

    days: int | None = None
    warn: int | None = None

    def over(self, default: Validity) -> Validity:
        """Return the validity that this policy makes of a default one."""
        life = default.life if self.days is None else timedelta(days=self.days)
        warn = min(default.warn, life / 2) if self.warn is None else timedelta(days=self.warn)
        return Validity(life=life, warn=warn)


class RemotePolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table [remotes.NAME]: where a remote is, how it is served, and never who may enter it.

    A field for a secret does not exist, so a secret in the file is refused as an unknown name. A command that prints
    one may stand here.
    """

    url: str  # s3://bucket/folder, r2://, gs://, az://, https://, or a folder
    public_url: str | None = None  # where agents fetch from
    endpoint: str | None = None  # of a server that speaks S3, or as Azure does
    region: str | None = None
    account: str | None = None  # Cloudflare's or Azure's
    profile: str | None = None  # of AWS's files
    rclone: str | None = None  # a remote of rclone's configuration
    access_key_command: tuple[str, ...] = ()
    secret_key_command: tuple[str, ...] = ()  # such as ["op", "read", "op://releases/r2/secret"]
    anonymous: bool = False  # ask as anybody may
    conditions: Literal["ask", "kept", "ignored"] = "ask"  # whether the server keeps conditions; by default it is tried
    journal: bool = True  # keep a record of pushes in the remote
    timestamp_max_age: int = 0  # seconds that a cache may keep timestamp.json; 0 is no-store
    plain_max_age: int = 0  # seconds for other names whose content changes; 0 is "ask before each use"
    purge_command: tuple[str, ...] = ()  # run after a push, with the URLs that were written over as arguments
    cloudflare_zone: str | None = None  # purge these URLs from Cloudflare's cache; the token is in the environment
    pass_environment: tuple[str, ...] = ()  # variables that the commands see beside PATH, HOME and their like
    concurrency: int = 16
    proxy: str | None = None  # URL of a proxy, in place of the environment's
    no_proxy: str | None = None  # hosts to reach without one, with commas between
    ca_file: str | None = None  # certificates to trust, in PEM

    def network(self, base: Network, *, beside: Path | None = None) -> Network:
        """Return how to get to the remote.

        Args:
            base: what the environment says, which counts where the policy says nothing.
            beside: the folder from which a relative path is meant.
        """
        own: dict[str, Any] = {}
        if self.proxy is not None:
            own |= {"http_proxy": self.proxy, "https_proxy": self.proxy}
        if self.no_proxy is not None:
            own["no_proxy"] = self.no_proxy
        if self.ca_file is not None:
            own["ca_file"] = (beside or Path()) / self.ca_file
        return replace(base, **own)

    @property
    def commands(self) -> dict[str, tuple[str, ...]]:
        """The programs that using the remote runs, by the name of the setting."""
        named = {
            "access_key_command": self.access_key_command,
            "secret_key_command": self.secret_key_command,
            "purge_command": self.purge_command,
        }
        return {name: command for name, command in named.items() if command}

    @property
    def reaches(self) -> tuple[str, ...]:
        """What using the remote does that a folder from elsewhere must not make us do, as sentences."""
        found = [f"{name} runs {shlex.join(command)}" for name, command in self.commands.items()]
        if found and self.pass_environment:
            found.append(f"pass_environment gives it {', '.join(self.pass_environment)} of your environment")
        if self.endpoint and not self.anonymous and urlsplit(self.url).scheme in {"s3", "r2", "gs", "az"}:
            found.append(f"endpoint takes your credentials to {self.endpoint}")
        if self.proxy:
            found.append(f"proxy takes all that is sent through {self.proxy}")
        if self.ca_file:
            found.append(f"ca_file trusts every server whose certificate comes from {self.ca_file}")
        return tuple(found)

    def __post_init__(self) -> None:
        if self.cloudflare_zone is not None and not self.cloudflare_zone.isalnum():
            raise ValueError("cloudflare_zone has letters and digits only")
        if self.proxy and "@" in self.proxy:
            raise ValueError("proxy: its name and password belong into HTTPS_PROXY, not into this file")
        if not 1 <= self.concurrency <= 128:
            raise ValueError("concurrency must be from 1 to 128")
        if min(self.timestamp_max_age, self.plain_max_age) < 0:
            raise ValueError("a max_age is a number of seconds")


class AgentsPolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which clients are out there: what is signed and published must be something that they read."""

    clients: tuple[str, ...] = DEFAULT  # names of metadata.clients.DECLARABLE

    def __post_init__(self) -> None:
        if unknown := [name for name in self.clients if name not in DECLARABLE]:
            raise ValueError(f"clients: {unknown[0]!r} is not known; allowed are {', '.join(DECLARABLE)}")


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What tufkeep.toml says. Every table is optional."""

    roles: dict[str, RolePolicy] = {}
    owners: dict[str, str] = {}  # keyid, or the start of one -> the person who holds the key
    components: dict[str, dict[str, Any]] = {}
    channels: dict[str, dict[str, Any]] = {}
    remotes: dict[str, RemotePolicy] = {}
    agents: AgentsPolicy = AgentsPolicy()
    key_check_days: int = 400  # how long a root key may go without a `key check`; 0 for ever

    def __post_init__(self) -> None:
        if not 0 <= self.key_check_days <= MAX_DAYS:
            raise ValueError(f"key_check_days must be from 0 to {MAX_DAYS:,}")
        for role, validity in self.validity.items():
            if not timedelta(days=1) <= validity.life <= timedelta(days=MAX_DAYS):
                raise ValueError(f"roles.{role}: days must be from 1 to {MAX_DAYS:,}")
            if not timedelta(0) <= validity.warn < validity.life:
                raise ValueError(f"roles.{role}: warn must be at least 0 and less than days")

    @property
    def reaches(self) -> tuple[str, ...]:
        """All that its remotes reach for, with the name of each."""
        return tuple(
            f"remotes.{name}.{reach}" for name, remote in sorted(self.remotes.items()) for reach in remote.reaches
        )

    @property
    def validity(self) -> dict[str, Validity]:
        """The windows of the top-level roles and of every delegated role that the policy names."""
        named = {role: own.over(validity_of(role)) for role, own in self.roles.items()}
        return {**DEFAULT_VALIDITY, **named}

    def owner(self, keyid: str) -> str | None:
        """Return who holds a key, by the longest start of its keyid that the policy names."""
        named = [start for start in self.owners if start and keyid.startswith(start)]
        return self.owners[max(named, key=len)] if named else None


def parse_policy(data: bytes) -> Policy:
    """Read tufkeep.toml.

    Raises:
        MalformedPolicy: not TOML, an unknown name, or a value out of range.
    """
    try:
        return msgspec.convert(tomllib.loads(data.decode("utf-8")), Policy)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise MalformedPolicy(str(error)) from None
