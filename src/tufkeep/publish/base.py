"""What a working directory last saw published on a remote: the version that its next push is based on.

Kept in .tufkeep/remotes/NAME/: the documents by their hash, then one record that names them. The record is written
last; without it the documents are nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import msgspec
from tuf.api.metadata import Root, Snapshot, Targets, Timestamp

from tufkeep.decoding import Undecodable, decode_json
from tufkeep.errors import StoreError
from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.document import Document
from tufkeep.publish.metadata_set import MetadataSet, sha256
from tufkeep.stores import ObjectMissing, Store
from tufkeep.stores.conditions import Conditions
from tufkeep.workspace import layout

_TYPES: Mapping[str, type[Any]] = {"root": Root, "timestamp": Timestamp, "snapshot": Snapshot}


class TimestampLost(StoreError):
    """A remote without timestamp.json, on which one was seen: it lost objects, or it is another one by now."""

    exit_code = 33

    def __init__(self, remote: str, *, seen: int):
        super().__init__(f"remote {remote} has no timestamp.json any more, and v{seen} was published there")
        self.remote, self.seen = remote, seen


class _Record(msgspec.Struct, frozen=True, kw_only=True):
    """Which documents the last seen state consists of."""

    url: str
    roots: dict[str, str] = {}  # version -> sha256
    roles: dict[str, str] = {}  # role -> sha256
    seen: dict[str, int] = {}  # role -> highest version met on the remote, published or not
    create: bool | None = None  # whether the server was found to keep conditions
    unchanged: bool | None = None


class LastSeen:
    """The record of one remote in one working directory."""

    def __init__(self, store: Store, name: str, url: str):
        self._store = store
        self._folder = f"{layout.OWN}remotes/{quote(name, safe='')}/"
        self._url = url

    def read(self) -> MetadataSet | None:
        """Return what was last seen there, None where nothing was or the record is damaged."""
        record = self._record()
        with suppress(ObjectMissing, MalformedMetadata, KeyError, ValueError):
            roots = {int(version): self._load(digest, Root) for version, digest in record.roots.items()}
            found = {role: self._load(digest, _TYPES.get(role, Targets)) for role, digest in record.roles.items()}
            return MetadataSet(
                roots=roots,
                timestamp=found.pop("timestamp"),
                snapshot=found.pop("snapshot"),
                targets=found.pop("targets"),
                delegated=found,
            )
        return None

    def require_none(self, remote: str) -> None:
        """Refuse to take a remote for a new one on which something was seen.

        Raises:
            TimestampLost: it was.
        """
        seen = self.read()
        if seen is not None:
            raise TimestampLost(remote, seen=seen.timestamp.version)

    def write(self, published: MetadataSet, *, seen: Mapping[str, int] | None = None) -> None:
        """Remember what is published now. Commit point: the record."""
        roles = {role: document for role, document in published.documents.items() if role != "root"}
        documents = {sha256(document.data): document for document in (*published.roots.values(), *roles.values())}
        for digest, document in documents.items():
            if self._store.stat(self._folder + digest) is None:
                self._store.write(self._folder + digest, document.data)
        old = self._record()
        highest = {**old.seen, **(seen or {})}
        record = _Record(
            url=self._url,
            roots={str(version): sha256(root.data) for version, root in published.roots.items()},
            roles={role: sha256(document.data) for role, document in roles.items()},
            seen={role: version for role, version in highest.items() if version > published.versions.get(role, 0)},
            create=old.create,
            unchanged=old.unchanged,
        )
        self._write(record)
        for entry in list(self._store.list(self._folder)):
            if entry.name.removeprefix(self._folder) not in {*documents, "record"}:
                self._store.delete(entry.name)

    @property
    def seen(self) -> Mapping[str, int]:
        """The highest version of each role that was met on the remote and never published: not to be used again."""
        return self._record().seen

    @property
    def conditions(self) -> Conditions | None:
        """What a self-test of the remote found, None where there was none."""
        record = self._record()
        if record.create is None or record.unchanged is None:
            return None
        return Conditions(create=record.create, unchanged=record.unchanged)

    def see(self, versions: Mapping[str, int]) -> None:
        """Remember versions that are taken on the remote."""
        record = self._record()
        highest = {role: max(version, record.seen.get(role, 0)) for role, version in versions.items()}
        self._write(msgspec.structs.replace(record, seen={**record.seen, **highest}))

    def remember(self, conditions: Conditions) -> None:
        self._write(msgspec.structs.replace(self._record(), create=conditions.create, unchanged=conditions.unchanged))

    def _record(self) -> _Record:
        """Return the record, an empty one where there is none: of another address nothing is known."""
        with suppress(ObjectMissing, Undecodable):
            record = decode_json(self._store.read(f"{self._folder}record"), _Record)
            if record.url == self._url:
                return record
        return _Record(url=self._url)

    def _write(self, record: _Record) -> None:
        self._store.write(f"{self._folder}record", msgspec.json.encode(record))

    def _load(self, digest: str, kind: type[Any]) -> Document[Any]:
        data = self._store.read(self._folder + digest)
        if sha256(data) != digest:
            raise ObjectMissing(digest)
        return Document.parse(data, kind)
