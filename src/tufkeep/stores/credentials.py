"""Credentials for a bucket, from where other programs keep them.

The first place that has any is taken: a command's output, the environment, an AWS profile, an rclone remote. None of
it is ever shown: a value here says where it came from, not what it is.
"""

from __future__ import annotations

import configparser
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tufkeep.errors import PersonNeeded
from tufkeep.stores.location import Location

Run = Callable[[Sequence[str]], str]  # runs a command, returns its one line of output

_S3_ENVIRONMENT = (
    ("R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY", None),
    ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
)
# What obstore can turn into short-lived keys by itself: a pod's or a build job's identity.
_S3_IDENTITIES = {
    "AWS_WEB_IDENTITY_TOKEN_FILE": "web_identity_token_file",
    "AWS_ROLE_ARN": "role_arn",
    "AWS_ROLE_SESSION_NAME": "role_session_name",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "container_credentials_relative_uri",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "container_credentials_full_uri",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "container_authorization_token_file",
}
_GS_ENVIRONMENT = {
    "GOOGLE_APPLICATION_CREDENTIALS": "application_credentials",
    "GOOGLE_SERVICE_ACCOUNT": "service_account",
    "GOOGLE_SERVICE_ACCOUNT_KEY": "service_account_key",
}
_AZ_ENVIRONMENT = {
    "AZURE_STORAGE_ACCOUNT_KEY": "account_key",
    "AZURE_STORAGE_SAS_KEY": "sas_key",
    "AZURE_CLIENT_ID": "client_id",
    "AZURE_CLIENT_SECRET": "client_secret",
    "AZURE_TENANT_ID": "tenant_id",
    "AZURE_FEDERATED_TOKEN_FILE": "federated_token_file",
}


class NoCredentials(PersonNeeded):
    """Nobody has said who we are, and the remote asks."""

    exit_code = 40

    def __init__(self, url: str, places: Sequence[str]):
        super().__init__(f"{url}: no credentials found in {', '.join(places)}")


class UnreadableCredentials(PersonNeeded):
    """A file of credentials that can't be read as one."""

    exit_code = 40

    def __init__(self, path: str, fault: str):
        super().__init__(f"{path}: {fault}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What opens a bucket."""

    source: str  # where they were found, for people
    options: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Where one remote's credentials are to be found, when not in the environment."""

    profile: str | None = None  # of AWS's files
    rclone: str | None = None  # a remote of rclone's configuration
    access_key_command: Sequence[str] = ()
    secret_key_command: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Places:
    """Where to look: handed in, for only the command line knows the environment."""

    environment: Mapping[str, str]
    home: Path
    run: Run


def find_credentials(location: Location, wanted: Wanted, places: Places) -> Credentials:
    """Return the first credentials found.

    Raises:
        NoCredentials: there are none.
    """
    if location.scheme == "gs":
        return (
            _plain(places, _GS_ENVIRONMENT)
            or _google_default(places)
            or _none(location, "GOOGLE_APPLICATION_CREDENTIALS")
        )
    if location.scheme == "az":
        return _plain(places, _AZ_ENVIRONMENT) or _none(location, "AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_SAS_KEY")
    found = (
        _from_commands(wanted, places)
        or (_profile(wanted.profile, places) if wanted.profile else None)
        or (_rclone(wanted.rclone, places) if wanted.rclone else None)
        or _r2_token(location, places)
        or _s3_environment(places)
        or _identity(places)
        or _profile(places.environment.get("AWS_PROFILE", "default"), places)
    )
    return found or _none(location, "the environment (AWS_ACCESS_KEY_ID)", "~/.aws/credentials")


def _none(location: Location, *looked: str) -> Credentials:
    raise NoCredentials(location.url, looked)


def _keys(source: str, key: str | None, secret: str | None, token: str | None = None) -> Credentials | None:
    if not key or not secret:
        return None
    options = {"access_key_id": key, "secret_access_key": secret}
    return Credentials(source=source, options=options | ({"session_token": token} if token else {}))


def _from_commands(wanted: Wanted, places: Places) -> Credentials | None:
    if not wanted.secret_key_command:
        return None
    key = places.run(wanted.access_key_command) if wanted.access_key_command else None
    key = key or places.environment.get("AWS_ACCESS_KEY_ID")
    return _keys(f"the command {wanted.secret_key_command[0]}", key, places.run(wanted.secret_key_command))


def _r2_token(location: Location, places: Places) -> Credentials | None:
    """An R2 token is a key pair too: its id, with the hash of its value."""
    token, token_id = places.environment.get("R2_API_TOKEN"), places.environment.get("R2_API_TOKEN_ID")
    if location.scheme != "r2" or not token or not token_id:
        return None
    return _keys("R2_API_TOKEN", token_id, hashlib.sha256(token.encode()).hexdigest())


def _s3_environment(places: Places) -> Credentials | None:
    environment = places.environment
    for key, secret, token in _S3_ENVIRONMENT:
        found = _keys(key, environment.get(key), environment.get(secret), environment.get(token) if token else None)
        if found:
            return found
    return None


def _identity(places: Places) -> Credentials | None:
    options = {name: value for sign, name in _S3_IDENTITIES.items() if (value := places.environment.get(sign))}
    return Credentials(source="this machine's identity", options=options) if options else None


def _plain(places: Places, names: Mapping[str, str]) -> Credentials | None:
    options = {name: value for sign, name in names.items() if (value := places.environment.get(sign))}
    signs = ", ".join(sign for sign in names if places.environment.get(sign))
    return Credentials(source=signs, options=options) if options else None


def _google_default(places: Places) -> Credentials | None:
    path = places.home / ".config" / "gcloud" / "application_default_credentials.json"
    if not path.is_file():
        return None
    return Credentials(source="gcloud's default credentials", options={"application_credentials": str(path)})


def _profile(name: str, places: Places) -> Credentials | None:
    given = places.environment.get("AWS_SHARED_CREDENTIALS_FILE")
    path = Path(given) if given else places.home / ".aws" / "credentials"
    section = _section(path, name)
    return _keys(
        f"AWS profile {name}",
        section.get("aws_access_key_id"),
        section.get("aws_secret_access_key"),
        section.get("aws_session_token"),
    )


def _rclone(name: str, places: Places) -> Credentials | None:
    given = places.environment.get("RCLONE_CONFIG")
    path = Path(given) if given else places.home / ".config" / "rclone" / "rclone.conf"
    section = _section(path, name)
    return _keys(f"rclone remote {name}", section.get("access_key_id"), section.get("secret_access_key"))


def _section(path: Path, name: str) -> Mapping[str, str]:
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        # Not the parser's text: it quotes the line it stumbled over.
        raise UnreadableCredentials(path.name, f"can't be read ({type(error).__name__})") from None
    return dict(parser[name]) if parser.has_section(name) else {}
