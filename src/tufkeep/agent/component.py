"""A component of a fleet's software: which one an agent keeps, from which channel, how it is started."""

from __future__ import annotations

import hashlib
import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tuf.api.metadata import TargetFile

from tufkeep.agent.version import LONGEST_VERSION
from tufkeep.archives.rules import is_archive
from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.filenames import HASH_ALGORITHMS
from tufkeep.metadata.targets import TargetPath, target_path

_DIGEST = re.compile(r"[0-9a-f]{64,128}")
_BY_PROCESSOR = ("linux", "windows")  # a Mac's builds run on both of its processors
_IN_A_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z._+-]{0,63}")


def this_platform() -> str:
    """Return what target paths call the kind of machine that this is: macos, linux, linux-arm64, windows-arm64, ..."""
    system = {"darwin": "macos", "win32": "windows"}.get(sys.platform, "linux")
    arm = platform.machine().lower() in ("aarch64", "arm64")
    return f"{system}-arm64" if arm and system in _BY_PROCESSOR else system


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """What an agent is told about one component.

    In a command `{executable}`, `{folder}` and `{version}` stand for those of the version in question.
    """

    name: str  # may hold slashes, as extensions/hello does
    platform: str = ""  # this machine's by default; where the channel offers nothing for its processor, its system's
    channel: str = "stable"
    file: str = ""  # the last part of the target path, that of the name by default; a .tar.gz is unpacked
    executable: str | None = None  # path in the unpacked archive
    check: tuple[str, ...] = ("{executable}", "--help")  # run before a version is switched to; none: ()
    start: tuple[str, ...] = ()  # run after it, such as the restart of a service
    seconds: float = 60  # for each of the two
    allow_downgrade: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise TypeError(f"a component is called by text, not by {type(self.name).__name__}")
        if isinstance(self.check, str) or isinstance(self.start, str):
            raise TypeError('a command is given word by word, such as ("systemctl", "restart", "agent")')

    @property
    def file_name(self) -> str:
        """The last part of the target path."""
        return self.file or self.name.rpartition("/")[2]

    @property
    def target_path(self) -> TargetPath:
        """The target that the channel offers, the first of `target_paths`.

        Raises:
            UnsafeTargetPath: a part of it would lead elsewhere.
        """
        return self.target_paths[0]

    @property
    def target_paths(self) -> tuple[TargetPath, ...]:
        """The targets that will do, the likeliest first."""
        this = this_platform()
        platforms = (self.platform,) if self.platform else dict.fromkeys((this, this.removesuffix("-arm64")))
        return tuple(target_path(f"{self.name}/{each}/{self.channel}/{self.file_name}") for each in platforms)

    @property
    def folder_name(self) -> str:
        """One folder's name for any component name."""
        name = quote(self.name, safe="")
        return name if len(name) <= 200 else hashlib.sha256(self.name.encode()).hexdigest()

    @property
    def is_archive(self) -> bool:
        return is_archive(self.file_name)

    @property
    def executable_path(self) -> str:
        """The executable's path in a version's folder."""
        return self.file_name if self.executable is None else self.executable

    def command(self, template: tuple[str, ...], *, folder: Path, version: str) -> list[str]:
        """Return a command for one version of the component."""
        values = {
            "{executable}": str(folder / self.executable_path),
            "{folder}": str(folder),
            "{version}": version,
        }
        return [_filled(word, values) for word in template]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One content of a component, as its target tells."""

    target: TargetFile
    version: str  # what the publisher calls it; empty when they do not
    digest: str  # tells two contents apart

    @classmethod
    def of(cls, target: TargetFile) -> Release:
        """Read what a target tells; a version is what the publisher wrote as `custom.version`."""
        custom = target.custom if isinstance(target.custom, Mapping) else {}
        version = custom.get("version")
        digest = next((target.hashes[name].lower() for name in HASH_ALGORITHMS if name in target.hashes), "")
        if not _DIGEST.fullmatch(digest):  # it names a folder
            raise MalformedMetadata(f"target {target.path!r} has no hash of a known kind", role="targets")
        if isinstance(version, str) and len(version) > LONGEST_VERSION:
            found = f"custom.version is {len(version):,} characters long, and {LONGEST_VERSION} are allowed"
            raise MalformedMetadata(f"target {target.path!r}: {found}", role="targets")
        return cls(target=target, version=version if isinstance(version, str) else "", digest=digest)

    @property
    def name(self) -> str:
        """What to call it in a sentence."""
        return self.version or self.digest[:16]

    @property
    def folder_name(self) -> str:
        """A folder's name that no other content has."""
        if _IN_A_NAME.fullmatch(self.version):
            return f"{self.version}-{self.digest[:16]}"
        return self.digest[:16]


def _filled(word: str, values: Mapping[str, str]) -> str:
    """Put values into a word in one pass, so that a value that looks like a place is not filled again."""
    return re.sub("|".join(map(re.escape, values)), lambda match: values[match[0]], word)
