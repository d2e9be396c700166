"""Whether a remote has every object that its metadata needs, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

from tuf.api.metadata import TargetFile

from tufkeep.errors import TrustRefused
from tufkeep.publish.errors import ArtifactDamaged
from tufkeep.publish.inventory import artifacts, metadata_files
from tufkeep.publish.metadata_set import MetadataSet
from tufkeep.publish.remote import Remote
from tufkeep.publish.retire import foreign
from tufkeep.publish.send import Progress, nothing, verified
from tufkeep.stores import ObjectMissing

_Wanted: TypeAlias = TargetFile | bytes


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

    def fault(name: str) -> str:
        try:
            return "" if _is_right(remote, name, wanted[name], progress) else "damaged"
        except ObjectMissing:
            return "missing"

    with ThreadPoolExecutor(remote.policy.concurrency) as pool:
        faults = dict(zip(wanted, pool.map(fault, wanted), strict=True))
    return Verification(
        remote=remote.name,
        versions=found.versions,
        objects=len(wanted),
        length_bytes=sum(len(each) if isinstance(each, bytes) else each.length for each in wanted.values()),
        missing=tuple(name for name, found_fault in faults.items() if found_fault == "missing"),
        damaged=tuple(name for name, found_fault in faults.items() if found_fault == "damaged"),
        foreign=foreign(remote, found),
        expired=found.expired,
    )


def _wanted(found: MetadataSet) -> Iterator[tuple[str, _Wanted]]:
    for artifact in artifacts(found).values():
        for name in artifact.names:
            yield name, artifact.target
    for file in metadata_files(found):
        yield file.name, file.data


def _is_right(remote: Remote, name: str, wanted: _Wanted, progress: Progress) -> bool:
    if isinstance(wanted, bytes):
        return remote.store.read(name) == wanted
    try:
        with remote.store.open(name) as stream:
            for chunk in verified(stream, wanted, where=remote.name):
                progress(len(chunk))
    except ArtifactDamaged:
        return False
    return True
