"""Whether a remote has every object that its metadata needs, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tufkeep.errors import TrustRefused
from tufkeep.publish.inventory import artifacts, metadata_files
from tufkeep.publish.metadata_set import MetadataSet
from tufkeep.publish.remote import Remote
from tufkeep.publish.retire import foreign
from tufkeep.publish.send import Progress, nothing
from tufkeep.stores.expected import Expected, Match, compare_object


class RemoteFaulty(TrustRefused):
    """Agents that fetch from the remote will fail."""

    exit_code = 28

    def __init__(self, found: Verification):
        count = len(found.missing) + len(found.damaged)
        super().__init__(f"remote {found.remote}: {count:,} object{'' if count == 1 else 's'} missing or damaged")
        self.remote = found.remote
        self.found = found


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Every object of a remote, looked at."""

    remote: str
    versions: dict[str, int]
    objects: int
    length_bytes: int
    missing: tuple[str, ...]
    damaged: tuple[str, ...]
    foreign: tuple[str, ...]  # not the repository's; left alone
    expired: tuple[str, ...]

    @property
    def right(self) -> bool:
        return not self.missing and not self.damaged


def verify(remote: Remote, found: MetadataSet, *, progress: Progress = nothing) -> Verification:
    """Read everything, several objects at once, in bounded memory."""
    wanted = dict(_wanted(found))

    def look(name: str) -> Match:
        return compare_object(remote.store, name, wanted[name], progress=progress).match

    with ThreadPoolExecutor(remote.policy.concurrency) as pool:
        matches = dict(zip(wanted, pool.map(look, wanted), strict=True))
    return Verification(
        remote=remote.name,
        versions=found.versions,
        objects=len(wanted),
        length_bytes=sum(each.length_bytes for each in wanted.values()),
        missing=tuple(name for name, match in matches.items() if match is Match.MISSING),
        damaged=tuple(name for name, match in matches.items() if match not in (Match.RIGHT, Match.MISSING)),
        foreign=foreign(remote, found),
        expired=found.expired,
    )


def _wanted(found: MetadataSet) -> Iterator[tuple[str, Expected]]:
    for artifact in artifacts(found).values():
        for name in artifact.names:
            yield name, artifact.expected
    for file in metadata_files(found):
        yield file.name, Expected(length_bytes=len(file.data), hashes={"sha256": file.document.sha256})
