"""One whole set of metadata, as a client may end on it: every root, timestamp, snapshot, every targets role.

Reading is a client's workflow without its clock: what is expired is read, and named, because whoever renews it must be
able to read it first.

Spec: TUF 1.0.34 #detailed-client-workflow.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from tuf.api.metadata import MetaFile, Root, Snapshot, Targets, Timestamp

from tufkeep.errors import StoreError, TrustRefused
from tufkeep.metadata.document import Document
from tufkeep.metadata.plan import speaks_of
from tufkeep.metadata.quorum import quorum
from tufkeep.metadata.refusal import HashMismatch, WrongVersion
from tufkeep.metadata.trusted import TrustedSet
from tufkeep.publish.names import TIMESTAMP, metadata_name
from tufkeep.stores import ObjectMissing, Store
from tufkeep.workspace.state import LIMITS

_READINGS = 6  # of a remote that changes while it is read
_PAUSE_SECONDS = 0.1  # before the second; doubles: a push without consistent snapshots is in its window for so long
_MOST_ROLES = 100_000


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
        What `TrustedSet` raises: a file is not what it should be.
    """
    for reading in range(_READINGS):
        try:
            reader = _Reader(store, folder, where, known)
            return reader.read(trusted, max(trusted) if since is None else since, now, None if reading else timestamp)
        except (HashMismatch, WrongVersion, MetadataMissing) as error:
            if folder or reading == _READINGS - 1:  # nobody changes what is here while it is locked
                raise error if folder else HalfPublished(where, str(error)) from error
            time.sleep(_PAUSE_SECONDS * 2**reading)
    raise AssertionError("the last reading returns or raises")


class _Reader:
    """One reading of a store."""

    def __init__(self, store: Store, folder: str, where: str, known: MetadataSet | None):
        self._store, self._folder, self._where = store, folder, where
        self._known: dict[str, Document[Any]] = known.documents if known is not None else {}

    def read(
        self, trusted: Mapping[int, Document[Root]], since: int, now: datetime, timestamp: bytes | None
    ) -> MetadataSet:
        roots = self._roots(trusted)
        root = roots[max(roots)]
        data = timestamp if timestamp is not None else self._need(TIMESTAMP, "timestamp")
        top = self._document("timestamp", data, Timestamp)
        consistent = bool(root.signed.consistent_snapshot)
        snapshot = self._listed("snapshot", top.signed.snapshot_meta, Snapshot, consistent)
        targets = self._listed("targets", snapshot.signed.meta["targets.json"], Targets, consistent)
        delegated = dict(self._delegated(snapshot, targets, consistent))
        everything = {"root": root, "timestamp": top, "snapshot": snapshot, "targets": targets, **delegated}
        found = MetadataSet(
            roots=roots,
            timestamp=top,
            snapshot=snapshot,
            targets=targets,
            delegated=delegated,
            expired=tuple(role for role, document in everything.items() if document.expires <= now),
        )
        verify(found, trusted=since, now=now)
        return found

    def _roots(self, trusted: Mapping[int, Document[Root]]) -> dict[int, Document[Root]]:
        roots = dict(trusted)
        version = max(roots) + 1
        while (data := self._read(metadata_name("root", version), "root")) is not None:
            roots[version] = Document.parse(data, Root)
            version += 1
        return roots

    def _delegated(
        self, snapshot: Document[Snapshot], targets: Document[Targets], consistent: bool
    ) -> Iterator[tuple[str, Document[Targets]]]:
        """Yield the delegated roles that a client could come to, each once."""
        waiting = [targets]
        seen = {"targets"}
        while waiting and len(seen) < _MOST_ROLES:
            for role in delegated_roles(waiting.pop()):
                listed = snapshot.signed.meta.get(f"{role}.json")
                if role in seen or listed is None:
                    continue
                seen.add(role)
                document = self._listed(role, listed, Targets, consistent)
                waiting.append(document)
                yield role, document

    def _listed(self, role: str, listed: MetaFile, kind: type[Any], consistent: bool) -> Document[Any]:
        known = self._known.get(role)
        if known is not None and listed.hashes and speaks_of(listed, known):
            return known
        plain = metadata_name(role)
        names = [metadata_name(role, listed.version), plain] if consistent else [plain]
        data = next((data for name in names if (data := self._read(name, role)) is not None), None)
        if data is None:
            raise MetadataMissing(names[0], where=self._where)
        return self._document(role, data, kind)

    def _document(self, role: str, data: bytes, kind: type[Any]) -> Document[Any]:
        known = self._known.get(role)
        return known if known is not None and known.data == data else Document.parse(data, kind)

    def _need(self, name: str, role: str) -> bytes:
        data = self._read(name, role)
        if data is None:
            raise MetadataMissing(name, where=self._where)
        return data

    def _read(self, name: str, role: str) -> bytes | None:
        with suppress(ObjectMissing):
            return self._store.read(self._folder + name, limit=LIMITS.get(role, LIMITS["targets"]))
        return None


def delegated_roles(document: Document[Targets]) -> list[str]:
    """Return the roles that a targets role delegates to."""
    delegations = document.signed.delegations
    if delegations is None:
        return []
    if delegations.succinct_roles is not None:
        return list(delegations.succinct_roles.get_roles())
    return list(delegations.roles or ())


def verify(found: MetadataSet, *, trusted: int, now: datetime) -> None:
    """Walk the set as a client that trusts one of its roots.

    The clock is put back to before the earliest end: what is expired is somebody's to renew, not a reason not to read.
    What is published is verified under the root that it was published with. A newer root may have other keys, and is
    there without a timestamp that they signed when a push was cut off; reading must go on then, to finish that push.
    Going back to an older root gives nothing to whoever has its keys: they could as well hold the newer root back.

    Args:
        trusted: the root version that the client starts from; what was published under an older one is refused.

    Raises:
        What `TrustedSet` raises.
    """
    documents = {document.data: document for document in (*found.roots.values(), *found.documents.values())}

    def load(data: bytes, kind: type[Any]) -> Document[Any]:
        return documents.get(data) or Document.parse(data, kind)

    at = min([now, *(document.expires - timedelta(seconds=1) for document in found.documents.values())])
    newest, under = max(found.roots), max(trusted, found.published_under)
    client = chain = TrustedSet(found.roots[trusted], now=at, load=load)
    for version in range(trusted + 1, newest + 1):
        chain.update_root(found.roots[version].data)
    if under != newest:
        client = TrustedSet(found.roots[under], now=at, load=load)
    client.update_timestamp(found.timestamp.data)
    client.update_snapshot(found.snapshot.data)
    client.update_targets(found.targets.data)
    _verify_delegated(client.update_delegated_targets, found)


def _verify_delegated(update: Callable[[bytes, str, str], object], found: MetadataSet) -> None:
    waiting = ["targets"]
    roles = found.targets_roles
    seen = {"targets"}
    while waiting:
        delegator = waiting.pop()
        for role in delegated_roles(roles[delegator]):
            if role in roles and role not in seen:
                seen.add(role)
                update(roles[role].data, role, delegator)
                waiting.append(role)
