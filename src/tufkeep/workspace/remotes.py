"""What tufkeep.toml says of a remote: where it is, how it is served. Never who may enter it."""

from __future__ import annotations

from typing import Literal

import msgspec


class RemotePolicy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One table [remotes.NAME].

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
    concurrency: int = 16

    def __post_init__(self) -> None:
        if not 1 <= self.concurrency <= 128:
            raise ValueError("concurrency must be from 1 to 128")
        if min(self.timestamp_max_age, self.plain_max_age) < 0:
            raise ValueError("a max_age is a number of seconds")
