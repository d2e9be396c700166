"""Where a store is: a folder, or a bucket named by URL.

s3://bucket/folder    Amazon S3, or any server that speaks it, with `endpoint`
r2://bucket/folder    Cloudflare R2, with `account`
gs://bucket/folder    Google Cloud Storage
az://container/folder Azure Blob Storage, with `account`
https://host/folder   any web server, for reading
/a/path, file:///a/path
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from tufkeep.errors import WorkspaceError
from tufkeep.stores.bucket import Bucket, Clients
from tufkeep.stores.network import Network
from tufkeep.stores.object import NO_ATTRIBUTES, Kinds, ObjectStore
from tufkeep.stores.store import Store

if TYPE_CHECKING:
    from obstore.store import ObjectStore as Obstore

_REQUEST = timedelta(minutes=5)  # one part of 8 MiB gets through at a quarter of a megabit a second
_SILENCE = timedelta(seconds=60)
_RETRYING = timedelta(minutes=3)
_PART_OF_A_HOST = re.compile(r"[A-Za-z0-9-]+")  # anything more could name another server, for our credentials
_SCHEMES = ("s3", "r2", "gs", "az", "https", "http", "file", "")


class BadLocation(WorkspaceError):
    """A remote's address that leads nowhere."""

    exit_code = 12

    def __init__(self, url: str, fault: str):
        super().__init__(f"{_without_secrets(url)}: {fault}")
        self.fault = fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where a store is, without who may enter it."""

    url: str
    region: str | None = None
    endpoint: str | None = None
    account: str | None = None

    def __post_init__(self) -> None:
        if self.scheme not in _SCHEMES:
            raise BadLocation(self.url, f"no store is called {self.scheme}://; use s3, r2, gs, az, https, or a path")
        if urlsplit(self.url).password or urlsplit(self.url).username:
            raise BadLocation(self.url, "credentials have no place in an address")
        if self.is_bucket and not self.bucket:
            raise BadLocation(self.url, f"names no bucket, as {self.scheme}://updates does")
        for name, value in (("account", self.account), ("region", self.region)):
            if value is not None and not _PART_OF_A_HOST.fullmatch(value):
                raise BadLocation(
                    self.url, f"{name} has letters, digits and hyphens only: it is part of a server's name"
                )
        # Azure's requests are signed with the account's name, wherever they go.
        if not self.account and (self.scheme == "az" or (self.scheme == "r2" and not self.endpoint)):
            raise BadLocation(self.url, 'needs an account: account = "..." beside url in tufkeep.toml')

    @property
    def scheme(self) -> str:
        scheme, found, _ = self.url.partition("://")
        return scheme.lower() if found else ""

    @property
    def is_bucket(self) -> bool:
        return self.scheme in ("s3", "r2", "gs", "az")

    @property
    def is_web(self) -> bool:
        """Whether it can only be read, name by name."""
        return self.scheme in ("https", "http")

    @property
    def bucket(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def folder(self) -> str:
        """The folder in the bucket, or the path of a folder."""
        if self.scheme == "":
            return self.url
        return unquote(urlsplit(self.url).path) if self.scheme == "file" else urlsplit(self.url).path.strip("/")

    @property
    def server(self) -> str | None:
        """The endpoint; None for the provider's own."""
        if self.scheme == "r2" and not self.endpoint:
            return f"https://{self.account}.r2.cloudflarestorage.com"
        return self.endpoint


def open_location(
    location: Location,
    *,
    credentials: Mapping[str, str] | None = None,
    kinds: Kinds = lambda name: NO_ATTRIBUTES,
    conditions: bool = True,
    network: Network | None = None,
) -> Store:
    """Return the store at a location; no request is made.

    Args:
        credentials: obstore's options; None asks as anybody may.
        kinds: says what an object is served with.
        network: proxies and certificates to trust.
    """
    network = network or Network()
    if location.scheme in ("", "file"):
        from tufkeep.stores.folder import FolderStore

        return FolderStore(Path(location.folder), served=True)
    clients = Clients(lambda retries: _client(location, credentials, retries, network))
    bucket = Bucket(clients, _called(location), tagged_by_version=location.scheme == "gs")
    return ObjectStore(bucket, prefix="" if location.is_web else location.folder, kinds=kinds, conditions=conditions)


def copying_between(
    source: Location, target: Location, credentials: Mapping[str, str] | None, *, network: Network | None = None
) -> Bucket | None:
    """Return a bucket whose `copy` copies from `source` to `target` on the server; None where it can't.

    S3 names a copy's source by bucket, so one request does it: addressed to the target's bucket, naming the source's.
    """
    if source.scheme not in ("s3", "r2") or (source.scheme, source.server) != (target.scheme, target.server):
        return None
    if source.server is None or source.bucket == target.bucket:
        return None
    crossing = Clients(
        lambda retries: _s3(
            source,
            credentials,
            _common(source, retries, network or Network()),
            f"{source.server}/{target.bucket}",
            virtual=True,
        )
    )
    return Bucket(crossing, _called(target))


def _called(location: Location) -> str:
    return location.url.rstrip("/") if location.is_web else f"{location.scheme}://{location.bucket}"


def _client(location: Location, credentials: Mapping[str, str] | None, retries: int, network: Network) -> Obstore:
    from obstore.store import AzureStore, GCSStore, HTTPStore

    common = _common(location, retries, network)
    if location.scheme in ("s3", "r2"):
        return _s3(location, credentials, common, location.server, virtual=False)
    given: dict[str, Any] = dict(credentials) if credentials is not None else {"skip_signature": True}
    if location.scheme == "gs":
        endpoint: dict[str, Any] = {"base_url": location.endpoint} if location.endpoint else {}
        return GCSStore(location.bucket, **endpoint, **given, **common)
    if location.scheme == "az":
        place = {"endpoint": location.endpoint} if location.endpoint else {}
        account = {"account_name": location.account} if location.account else {}
        return AzureStore(location.bucket, **{**account, **place, **given}, **common)
    return HTTPStore(location.url, **common)


def _s3(
    location: Location,
    credentials: Mapping[str, str] | None,
    common: Mapping[str, Any],
    endpoint: str | None,
    *,
    virtual: bool,
) -> Obstore:
    from obstore.store import S3Store

    given: dict[str, Any] = _s3_credentials(credentials) if credentials is not None else {"skip_signature": True}
    given.setdefault("region", location.region or ("auto" if location.scheme == "r2" else "us-east-1"))
    if endpoint:
        given["endpoint"] = endpoint
    return S3Store(
        location.bucket,
        checksum_algorithm="sha256",
        virtual_hosted_style_request=virtual,
        **given,
        **common,
    )


def _s3_credentials(credentials: Mapping[str, str]) -> dict[str, Any]:
    """Return what obstore is given: a key pair as a whole, or it would add a session token of the environment."""
    key, secret = credentials.get("access_key_id"), credentials.get("secret_access_key")
    if not key or not secret:
        return dict(credentials)
    pair = {"access_key_id": key, "secret_access_key": secret, "token": credentials.get("session_token")}
    return {"credential_provider": lambda: {**pair, "expires_at": None}}


def _common(location: Location, retries: int, network: Network) -> dict[str, Any]:
    plain = (location.endpoint or location.url).startswith("http://")
    return {
        "client_options": {
            "timeout": _REQUEST,
            "read_timeout": _SILENCE,
            "connect_timeout": timedelta(seconds=network.connect_seconds),
            "allow_http": plain,
            "user_agent": "tufkeep",
            **_way_out(location, network),
        },
        "retry_config": {
            "max_retries": retries,
            "retry_timeout": _RETRYING,
            "backoff": {"init_backoff": timedelta(seconds=0.2), "max_backoff": timedelta(seconds=10), "base": 2},
        },
    }


def _way_out(location: Location, network: Network) -> dict[str, Any]:
    """Return obstore's options for a proxy and certificates.

    The client certificate and headers of `network` are not for buckets, which have credentials of their own: obstore
    can't show the one, and would take the others along to wherever a server redirects it.

    Raises:
        UnusableFile: a file of certificates is not there.
    """
    network.require_files()
    options: dict[str, Any] = {}
    if network.ca_file is not None:
        options["root_certificate"] = network.ca_file.read_bytes()
    proxy = network.proxy_for(location.server or location.url.replace(f"{location.scheme}://", "https://", 1))
    if proxy is not None:
        options |= {"proxy_url": proxy, "proxy_excludes": network.no_proxy}
    return options


def _without_secrets(url: str) -> str:
    scheme, found, rest = url.partition("://")
    return f"{scheme}{found}{rest.rpartition('@')[2]}"
