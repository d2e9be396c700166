"""Names of a repository's files: how each is stored, how a client asks for it, which never change their bytes.

A role's file is stored under the name that the snapshot lists it by, which is the role's own: `a/b.json` is b.json in
folder a. A client percent-encodes the role once in the URL (`2.a%2Fb.json`), and every web server and object store
decodes once what it is asked for. Under an encoded name only programs that read folders would find the file.

Spec: TUF 1.0.34 #metapath, #targetpath, #consistent-snapshots, #writing-consistent-snapshots.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import quote

from tufkeep.errors import TrustRefused

if TYPE_CHECKING:
    from tuf.api.metadata import TargetFile

TOP_LEVEL: Final = ("root", "targets", "snapshot", "timestamp")
HASH_ALGORITHMS: Final[tuple[str, ...]] = (
    "sha256",
    "sha512",
)  # what every client knows; another one makes go-tuf refuse the target
TARGETS: Final = "targets/"  # the folder of the artifacts, beside the metadata
OWN: Final = ".tufkeep/"  # the folder of our own files: no client looks there
TIMESTAMP: Final = "timestamp.json"

IMMUTABLE: Final = "public, max-age=31536000, immutable"
NEVER_KEPT: Final = "no-store"

_ENDING = ".json"
_NOT_FOR_METADATA = frozenset(("targets", "keys", "staged"))  # folders that hold something else, or that are not served
_LONGEST_ROLE = 200  # bytes; version and ending make at most 26 more, and a file name has 255
_LONGEST_KEPT = 200  # characters of a client's own file
_UNSAFE_PATH = re.compile(
    r"""^/|^[A-Za-z]:|(?:^|/)[. ]*(?:/|$)|[\x00-\x1f\x7f-\x9f\\\ud800-\udfff]"""
)  # all that `path_fault` has words for
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_NUMBERED = re.compile(r"[0-9]+\.")
_VERSIONED = re.compile(r"([1-9][0-9]{0,19})\.(.+)", re.DOTALL)
_PREFIXED = re.compile(r"((?:.*/)?)([0-9a-f]{64}|[0-9a-f]{128})\.([^/]+)", re.DOTALL)
_URL_PATH = "/!$&'()*+,;=:@~"  # what a URL's path takes as it is


class UnstorableRole(TrustRefused):
    """A delegated role whose name no file can have, or whose file would be taken for another one."""

    exit_code = 22

    def __init__(self, role: str, *, fault: str):
        super().__init__(f"role {role!r} can't be stored: its name {fault}")
        self.role, self.fault = role, fault


class MetadataName(NamedTuple):
    """The name of a metadata file, taken apart."""

    role: str
    version: int | None  # None for a plain name


# Metadata


def metapath(role: str) -> str:
    """Return the name by which snapshot and timestamp list a role, whatever the role is called."""
    return f"{role}{_ENDING}"


def role_of(listed: str) -> str:
    """Return the role that a snapshot or timestamp lists by this name."""
    return listed.removesuffix(_ENDING)


def metadata_name(role: str, version: int | None = None) -> str:
    """Return the name that a role's file is stored under, version-prefixed where a version is given.

    Raises:
        UnstorableRole: see `role_fault`.
    """
    if fault := role_fault(role):
        raise UnstorableRole(role, fault=fault)
    return metapath(role) if version is None else f"{version}.{metapath(role)}"


def asked_name(role: str, version: int | None = None) -> str:
    """Return what a client appends to the metadata URL to ask for a role's file; any name is asked for."""
    encoded = metapath(quote(role, safe=""))
    return encoded if version is None else f"{version}.{encoded}"


def parse_metadata_name(name: str) -> MetadataName | None:
    """Return role and version of a stored metadata file; None where no role's file has this name."""
    if not name.endswith(_ENDING):
        return None
    match = _VERSIONED.fullmatch(role_of(name))
    found = MetadataName(match[2], int(match[1])) if match else MetadataName(role_of(name), None)
    return None if role_fault(found.role) else found


def role_fault(role: str) -> str | None:
    """Return why a role's file can't be stored, None where it can.

    Two roles, or two versions, never have one name: the file of `1.root` would be the first version of root. And none
    leads out of its folder, or into one that is for something else.
    """
    if role in TOP_LEVEL:
        return None
    *folders, _ = segments = role.split("/")
    faults = (
        (any(segment.startswith(".") for segment in segments), "has a segment that begins with a dot"),
        (_NUMBERED.match(role) is not None, "begins with a number and a dot, as the name of a version does"),
        (any(folder.endswith(_ENDING) for folder in folders), "has a folder that ends in .json"),
        (bool(folders) and segments[0].casefold() in _NOT_FOR_METADATA, f"begins with {segments[0]}/"),
        (role.casefold() in TOP_LEVEL, f"is {role.casefold()} in other letters, and some disks make no difference"),
        (len(role.encode(errors="surrogatepass")) > _LONGEST_ROLE, f"has more than {_LONGEST_ROLE} bytes"),
    )
    return path_fault(role) or next((fault for found, fault in faults if found), None)


def kept_name(role: str) -> str:
    """Return the file in which a client keeps what it trusts of a role: one folder takes any role.

    Percent-encoded, so that `../x` stays a name in this folder. A long name is replaced by its hash. A name such as
    `Root` gets an encoded first letter: where the file system takes it for `root`, it would overwrite the trusted root.
    """
    name = quote(role, safe="")
    if len(name) > _LONGEST_KEPT:
        name = f"role-{hashlib.sha256(role.encode()).hexdigest()}"
    if role not in TOP_LEVEL and name.casefold() in TOP_LEVEL:
        name = f"%{ord(name[0]):02X}{name[1:]}"
    return metapath(name)


# Artifacts


def path_fault(path: str) -> str | None:
    """Return why a path could name a file outside its folder, or no file; None where it is safe on every system."""
    if _UNSAFE_PATH.search(path) is None:
        return None
    drive = path[:1].isascii() and path[:1].isalpha() and path[1:2] == ":"
    faults = (
        (not path, "is empty"),
        (path.startswith("/") or drive, "is absolute"),
        (not all(segment.strip(". ") for segment in path.split("/")), "has a segment that is empty, . or .."),
        ("\\" in path, "contains a backslash, which some systems take for a separator"),
        (_CONTROL.search(path) is not None, "contains a control character"),
    )
    return next((fault for found, fault in faults if found), "is not valid Unicode")


def prefixed_path(path: str, digest: str) -> str:
    """Return the name an artifact is stored under with consistent snapshots: `dir/<hash>.name`."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{digest}.{name}"


def stored_paths(target: TargetFile, *, consistent_snapshot: bool) -> tuple[str, ...]:
    """Return every name in the targets folder under which a client may ask for an artifact, one for each hash.

    All of them must be there: python-tuf's client takes the first hash, go-tuf's any.
    """
    if not consistent_snapshot:
        return (target.path,)
    return tuple(prefixed_path(target.path, digest) for _, digest in sorted(target.hashes.items()))


def asked_paths(target: TargetFile, *, consistent_snapshot: bool) -> list[str]:
    """Return what a client appends to the targets URL to ask for an artifact, the likeliest first.

    With consistent snapshots that is one name for each hash, and a publisher may serve only one of them. A path that
    contains a `%` may be meant as a file name or as part of a URL: both are asked for.
    """
    paths = [target.path]
    if consistent_snapshot:
        digests = [target.hashes[name] for name in HASH_ALGORITHMS if name in target.hashes]
        paths = [prefixed_path(target.path, digest) for digest in digests]
    names = [quote(path, safe=_URL_PATH) for path in paths] + [quote(path, safe=f"{_URL_PATH}%") for path in paths]
    return list(dict.fromkeys(names))


def split_prefixed(stored: str) -> tuple[str, str] | None:
    """Return target path and hash of an artifact's stored name, None where it has no hash prefix."""
    match = _PREFIXED.fullmatch(stored)
    if match is None or path_fault(match[1] + match[3]):
        return None
    return match[1] + match[3], match[2]


# Caches


def is_immutable(name: str) -> bool:
    """Whether other bytes get another name: a version or a hash is part of it."""
    if name.startswith(TARGETS):
        return _PREFIXED.fullmatch(name.removeprefix(TARGETS)) is not None
    parsed = parse_metadata_name(name)
    return parsed is not None and parsed.version is not None


def cache_control(name: str, *, timestamp_max_age: int = 0, plain_max_age: int = 0) -> str:
    """Return how long caches may keep a file.

    A kept timestamp would hide an update; a kept snapshot.json under a new timestamp would break one.

    Args:
        timestamp_max_age: seconds; 0 forbids caches to keep it.
        plain_max_age: seconds, for other names whose content changes; 0 makes caches ask each time.
    """
    if name.startswith(OWN):
        return NEVER_KEPT
    if is_immutable(name):
        return IMMUTABLE
    if name == TIMESTAMP:
        return f"public, max-age={timestamp_max_age}, must-revalidate" if timestamp_max_age else NEVER_KEPT
    return f"public, max-age={plain_max_age}, must-revalidate" if plain_max_age else "no-cache"


def content_type(name: str) -> str:
    """Return the media type; an artifact is never something that a browser would run."""
    return "application/json" if name.endswith(_ENDING) and not name.startswith(TARGETS) else "application/octet-stream"
