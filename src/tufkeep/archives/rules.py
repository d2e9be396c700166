"""What the entries of an archive may be called and may be, decided before anything of them is written.

Whoever may sign a target may not thereby write over other files, leave programs that run as their owner, or fill the
disk. The rules are about names alone, so that they mean the same on every disk.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tufkeep.errors import TrustRefused
from tufkeep.metadata.filenames import path_fault
from tufkeep.stores.errors import UnsafeName
from tufkeep.stores.names import check_name, folders_above

OWN_FOLDER = ".tufkeep"  # in the folder of an installed version; what lies in it is ours


class BadArchive(TrustRefused):
    """An archive that is broken, or that would do more than fill its folder."""

    exit_code = 22

    def __init__(self, fact: str, *, entry: str | None = None):
        super().__init__(f"archive: {fact}" if entry is None else f"archive: {_short(entry)} {fact}")
        self.entry = entry


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLimits:
    """How much an archive may unpack to."""

    entries: int = 100_000  # files, links and folders, those that only lead to others included
    total_bytes: int = 8 << 30  # of all files, a hard link counting as one more
    ratio: int = 250  # of what it unpacks to, headers included, to its own length; the first 64 MiB are free


def is_archive(name: str) -> bool:
    """Whether a target of this name is unpacked, and not kept as the file that it is."""
    return name.endswith((".tar.gz", ".tgz"))


@dataclass(slots=True)
class Contained:
    """What the entries of one archive have been so far."""

    limits: ArchiveLimits
    sizes: dict[str, int] = field(default_factory=dict)  # of each file
    links: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    _total_bytes: int = 0

    def folder(self, name: str) -> str | None:
        """Take a folder; return its name, None for the top itself."""
        name = _without_dot(name).rstrip("/")
        if name in ("", "."):
            return None
        _require_safe(name)
        self._folders((*folders_above(name), name))
        return name

    def file(self, name: str, size_bytes: int) -> str:
        name = self._new(name)
        if size_bytes < 0:  # it would make room for others
            raise BadArchive("has a negative length", entry=name)
        self.sizes[name] = size_bytes
        self._count(size_bytes)
        return name

    def twin(self, name: str, source: str) -> tuple[str, str]:
        """Take a hard link for what it says: the file of another entry once more."""
        name, source = self._new(name), _without_dot(source)
        if source not in self.sizes:
            raise BadArchive(f"is a hard link to {_short(source)}, which is no file before it", entry=name)
        self.sizes[name] = self.sizes[source]
        self._count(self.sizes[source])
        return name, source

    def link(self, name: str, target: str) -> str:
        name = self._new(name)
        require_inside(name, target)
        self.links.add(name)
        return name

    def _new(self, name: str) -> str:
        name = _without_dot(name)
        _require_safe(name)
        if name in self.sizes or name in self.links:
            raise BadArchive("is in it twice", entry=name)
        if name in self.folders:
            raise BadArchive("is both a folder and something else", entry=name)
        self._folders(folders_above(name))
        self._require_few(1)
        return name

    def _folders(self, names: tuple[str, ...]) -> None:
        for name in names:
            if name in self.sizes or name in self.links:
                raise BadArchive("is both a folder and something else", entry=name)
            self.folders.add(name)
        self._require_few(0)

    def _require_few(self, more: int) -> None:
        if len(self.sizes) + len(self.links) + len(self.folders) + more > self.limits.entries:
            raise BadArchive(f"contains more than {self.limits.entries:,} files, folders and links")

    def _count(self, size_bytes: int) -> None:
        self._total_bytes += size_bytes
        if self._total_bytes > self.limits.total_bytes:
            raise BadArchive(f"unpacks to more than {self.limits.total_bytes:,} bytes")


def require_inside(name: str, target: str) -> None:
    """Accept a link's target that stays inside, whatever the other links of the archive point to.

    `..` may stand only at its beginning, where the folders above are real ones: behind a name that is itself a link it
    would mean another folder than it seems to.
    """
    parts = target.split("/")
    while parts and parts[0] == "..":
        parts.pop(0)
    ups = target.count("/") + 1 - len(parts)
    if ups > name.count("/"):
        raise BadArchive(f"is a link to {_short(target)}, out of the archive's folder", entry=name)
    if parts and (fault := path_fault("/".join(parts))):
        raise BadArchive(f"is a link to {_short(target)}, which {fault}", entry=name)


def _require_safe(name: str) -> None:
    if fault := path_fault(name):
        raise BadArchive(fault, entry=name)
    try:
        check_name(name)
    except UnsafeName as error:
        raise BadArchive(f"is an {error.fact}", entry=name) from None
    if name.partition("/")[0].casefold() == OWN_FOLDER:
        raise BadArchive(f"is in {OWN_FOLDER}, where tufkeep keeps its own files", entry=name)


def _without_dot(name: str) -> str:
    return name.removeprefix("./")


def _short(name: str) -> str:
    """Return a name for a sentence, whatever is in it and however long it is."""
    return ascii(name if len(name) <= 200 else f"{name[:200]}...")
