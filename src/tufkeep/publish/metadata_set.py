"""One whole set of metadata, as a client may end on it: every root, timestamp, snapshot, every targets role.

Reading is a client's workflow without its clock: what is expired is read, and named, because whoever renews it must be
able to read it first.

Spec: TUF 1.0.34 #detailed-client-workflow.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from tuf.api.metadata import MetaFile, Root, Snapshot, Targets, Timestamp

from tufkeep.errors import StoreError, TrustRefused
from tufkeep.metadata.document import Document
from tufkeep.metadata.filenames import TIMESTAMP, TOP_LEVEL, metadata_name
from tufkeep.metadata.plan import speaks_of
from tufkeep.metadata.play import Find, Played, play
from tufkeep.metadata.quorum import ThresholdNotReached, quorum
from tufkeep.metadata.refusal import HashMismatch, RoleNotListed, WrongVersion
from tufkeep.stores import ObjectMissing, Store
from tufkeep.workspace.state import LIMITS

_READINGS = 6  # of a remote that changes while it is read
_PAUSE_SECONDS = 0.1  # before the second; doubles: a push without consistent snapshots is in its window for so long
_KINDS = {"timestamp": Timestamp, "snapshot": Snapshot}


class MetadataMissing(StoreError):
    """A file that the metadata speaks of is not there."""

    exit_code = 31

    def __init__(self, name: str, *, where: str):
        super().__init__(f"{where}: {name} is missing, and the metadata there lists it")
        self.name = name


class HalfPublished(TrustRefused):
    """The files of a remote do not belong together: a push is in its window, was cut off, or files are lost."""

    exit_code = 28

    def __init__(self, where: str, fault: str):
        super().__init__(f"{where} is not in a complete state: {fault}")
        self.where, self.fault = where, fault


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataSet:
    """Metadata that was verified together."""

    roots: Mapping[int, Document[Root]]
    timestamp: Document[Timestamp]
    snapshot: Document[Snapshot]
    targets: Document[Targets]
    delegated: Mapping[str, Document[Targets]] = field(default_factory=dict)
    expired: tuple[str, ...] = ()  # roles whose end has passed: agents refuse until they are renewed

    @property
    def root(self) -> Document[Root]:
        return self.roots[max(self.roots)]

    @property
    def consistent(self) -> bool:
        return bool(self.root.signed.consistent_snapshot)

    @property
    def top_level(self) -> dict[str, Document[Any]]:
        return {"root": self.root, "timestamp": self.timestamp, "snapshot": self.snapshot, "targets": self.targets}

    @property
    def targets_roles(self) -> dict[str, Document[Targets]]:
        """Every role that lists targets, delegated ones first."""
        return {**self.delegated, "targets": self.targets}

    @property
    def documents(self) -> dict[str, Document[Any]]:
        return {**self.top_level, **self.delegated}

    @property
    def versions(self) -> dict[str, int]:
        return {role: document.version for role, document in self.documents.items()}

    def signed_under(self, root: Document[Root]) -> bool:
        """Whether enough keys of this root have signed timestamp, snapshot, and targets."""
        below = {role: document for role, document in self.top_level.items() if role != "root"}
        return all(quorum(document, role, root.signed).reached for role, document in below.items())

    @property
    def published_under(self) -> int:
        """The newest root version under which agents can follow the rest; the newest of all where there is none.

        A later one came with a push that was cut off before its timestamp, and agents that have it wait.
        """
        newest = max(self.roots)
        return next((version for version in sorted(self.roots)[::-1] if self.signed_under(self.roots[version])), newest)

    @property
    def roots_ahead(self) -> tuple[int, ...]:
        """The root versions whose timestamp is not published yet: a push was cut off, or goes on right now."""
        return tuple(version for version in sorted(self.roots) if version > self.published_under)

    def without_roots_ahead(self) -> MetadataSet:
        """Return the set as it was when it was published."""
        last = self.published_under
        return replace(self, roots={version: root for version, root in self.roots.items() if version <= last})


def sha256(data: bytes) -> str:
    """Return the hash in lower-case hex."""
    return hashlib.sha256(data).hexdigest()


def read_metadata_set(
    store: Store,
    *,
    folder: str = "",
    where: str,
    trusted: Mapping[int, Document[Root]],
    now: datetime,
    since: int | None = None,
    known: MetadataSet | None = None,
    timestamp: bytes | None = None,
) -> MetadataSet:
    """Read and verify what a store holds.

    Args:
        folder: of the store, ending in `/`.
        where: how a sentence calls it.
        trusted: root versions that are trusted already; reading goes on from the newest.
        since: the oldest of them that what is there may have been published under; the newest by default.
        known: a set read before; a document in it is not fetched again where the same one is listed.
        timestamp: the timestamp's bytes, where they were read already.

    Raises:
        MetadataMissing, HashMismatch, WrongVersion: the files of a folder do not belong together.
        HalfPublished: nor do those of a remote, however often they are read.
        UnstorableRole: a role is listed there whose file can't be stored.
        What `TrustedSet` raises: a file is not what it should be.
    """
    for reading in range(_READINGS):
        try:
            reader = _Reader(store, folder, where, known, trusted)
            return reader.read(max(trusted) if since is None else since, now, None if reading else timestamp)
        except (HashMismatch, WrongVersion, MetadataMissing) as error:
            if folder or reading == _READINGS - 1:  # nobody changes what is here while it is locked
                raise error if folder else HalfPublished(where, str(error)) from error
            time.sleep(_PAUSE_SECONDS * 2**reading)
    raise AssertionError("the last reading returns or raises")


class _Reader:
    """One reading of a store, as a client reads it that leaves expiry alone: what is expired is somebody's to renew."""

    def __init__(
        self, store: Store, folder: str, where: str, known: MetadataSet | None, trusted: Mapping[int, Document[Root]]
    ):
        self._store, self._folder, self._where = store, folder, where
        self._known: dict[str, Document[Any]] = known.documents if known is not None else {}
        self._roots = dict(trusted)

    def read(self, since: int, now: datetime, timestamp: bytes | None) -> MetadataSet:
        def find(role: str, listed: MetaFile | None) -> Document[Any] | None:
            if role != "timestamp":
                return self._listed(role, listed) if listed is not None else None
            return self._document(role, self._need(TIMESTAMP, role) if timestamp is None else timestamp)

        play(self._roots[since], lambda role, listed: None, roots=self._later_roots(since)).require()
        found = self._played(since, find).documents
        if "targets" not in found:
            raise RoleNotListed("targets", snapshot=found["snapshot"].version)
        everything = {**found, "root": self._newest}
        return MetadataSet(
            roots=self._roots,
            timestamp=found["timestamp"],
            snapshot=found["snapshot"],
            targets=found["targets"],
            delegated={role: document for role, document in found.items() if role not in TOP_LEVEL},
            expired=tuple(role for role, document in everything.items() if document.expires <= now),
        )

    def _played(self, since: int, find: Find) -> Played:
        """Play a client on the newest root under which agents can follow the rest.

        A newer root may have other keys, and is there without a timestamp that they signed when a push was cut off;
        reading must go on then, to finish that push. Going back to an older root gives nothing to whoever has its keys:
        they could as well hold the newer root back.
        """
        newest = outcome = play(self._newest, find)
        for version in sorted((version for version in self._roots if version >= since), reverse=True)[1:]:
            if not _has_other_keys(outcome):
                break
            outcome = play(self._roots[version], find)
        (newest if _has_other_keys(outcome) else outcome).require()
        return outcome

    @property
    def _newest(self) -> Document[Root]:
        return self._roots[max(self._roots)]

    def _later_roots(self, since: int) -> Iterator[Document[Root]]:
        """Yield the versions that are trusted already, then those that are there."""
        yield from (root for version, root in sorted(self._roots.items()) if version > since)
        while (data := self._read(metadata_name("root", max(self._roots) + 1), "root")) is not None:
            document = self._roots[max(self._roots) + 1] = Document.parse(data, Root)
            yield document

    def _listed(self, role: str, listed: MetaFile) -> Document[Any]:
        known = self._known.get(role)
        if known is not None and listed.hashes and speaks_of(listed, known):
            return known
        names = [metadata_name(role)]
        if self._newest.signed.consistent_snapshot:
            names = [metadata_name(role, listed.version), *names]
        data = next((data for name in names if (data := self._read(name, role)) is not None), None)
        if data is None:
            raise MetadataMissing(names[0], where=self._where)
        return self._document(role, data)

    def _document(self, role: str, data: bytes) -> Document[Any]:
        known = self._known.get(role)
        return known if known is not None and known.data == data else Document.parse(data, _KINDS.get(role, Targets))

    def _need(self, name: str, role: str) -> bytes:
        data = self._read(name, role)
        if data is None:
            raise MetadataMissing(name, where=self._where)
        return data

    def _read(self, name: str, role: str) -> bytes | None:
        with suppress(ObjectMissing):
            return self._store.read(self._folder + name, limit=LIMITS.get(role, LIMITS["targets"]))
        return None


def _has_other_keys(outcome: Played) -> bool:
    """Whether what is published was not signed with the keys of the root that the client has."""
    return outcome.role in TOP_LEVEL and isinstance(outcome.refused, ThresholdNotReached)
