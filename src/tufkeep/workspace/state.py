"""What a working directory holds: its metadata, committed or staged, read when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial
from typing import Any, Final

from tuf.api.metadata import Key, Root, Snapshot, Targets, Timestamp

from tufkeep.errors import Tries, WorkspaceError
from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.document import Document
from tufkeep.metadata.filenames import TARGETS, metadata_name, metapath, parse_metadata_name, role_fault, role_of
from tufkeep.metadata.quorum import Quorum, delegators, quorum, signers
from tufkeep.stores import ObjectMissing, ObjectTooLarge, Store
from tufkeep.workspace import layout

# Clients take no more than this of a root or a timestamp (go-tuf v0.5.2, python-tuf); the others
# are bounded so that garbage under their name is refused before it fills the memory.
LIMITS: Final = {"root": 512_000, "timestamp": 16_384, "snapshot": 64 << 20, "targets": 1 << 30}
_TYPES: Final = {"root": Root, "targets": Targets, "snapshot": Snapshot, "timestamp": Timestamp}


class NotARepository(WorkspaceError):
    """The folder holds no metadata, committed or staged."""

    exit_code = 10

    def __init__(self) -> None:
        super().__init__(
            "this folder contains no repository: neither repository/root.json nor staged/root.json is there"
        )


class HalfARepository(WorkspaceError):
    """Some metadata is there, and some that must be beside it is not."""

    exit_code = 11

    def __init__(self, missing: str):
        super().__init__(f"{missing} is missing")
        self.missing = missing


class UnreadableMetadata(WorkspaceError):
    """A metadata file of the working directory is no metadata."""

    exit_code = 13

    def __init__(self, name: str, reason: str):
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason
        self.committed = name.startswith(layout.REPOSITORY)


class MisnamedStaged(WorkspaceError):
    """A staged metadata file has the name of no role's file, so that no commit would take it."""

    exit_code = 16

    def __init__(self, name: str):
        self.fact = "no role's metadata is staged under such a name"
        super().__init__(f"{name}: {self.fact}")
        self.name = name


class State:
    """The metadata of one working directory at one moment.

    Each file is read at most once; a new state is made after every write.
    """

    def __init__(self, store: Store):
        self._store = store
        self._read: dict[str, Document[Any] | None] = {}
        self._targets_roles: dict[bool, tuple[str, ...]] = {}
        self._alone: Mapping[str, Document[Any]] | None = None  # see `beside`

    def after_staging(self, staged: Mapping[str, Document[Any]]) -> State:
        """Return the state after these documents were staged, by whoever holds the lock: nothing need be read again."""
        after = State(self._store)
        after._read = {**self._read, **{layout.staged(role): document for role, document in staged.items()}}
        after._alone = {**self._alone, **staged} if self._alone is not None else None
        return after

    def beside(self, made: Mapping[str, Document[Any]]) -> State:
        """Return what is committed with these documents alone on top of it, as if nothing else were staged."""
        beside = State(self._store)
        beside._read, beside._alone = dict(self._read), dict(made)
        return beside

    def after_committing(self, committed: Mapping[str, Document[Any]]) -> State:
        """Return the state in which these documents are committed, and what is staged is as it was."""
        after = State(self._store)
        after._read = {**self._read, **{layout.committed(role): document for role, document in committed.items()}}
        if (root := committed.get("root")) is not None:
            after._read[layout.committed("root", root.version)] = root
        return after

    @property
    def is_beside(self) -> bool:
        """Whether what it calls staged is a change of its own, and not what is in staged/."""
        return self._alone is not None

    def committed(self, role: str) -> Document[Any] | None:
        """Return the committed document; where only version-prefixed files are kept, the one that clients end on."""
        if role_fault(role):
            return None  # no file can be there
        return self._document(layout.committed(role), role) or self._versioned(role)

    def staged(self, role: str) -> Document[Any] | None:
        if self._alone is not None:
            return self._alone.get(role)
        return None if role_fault(role) else self._document(layout.staged(role), role)

    def current(self, role: str) -> Document[Any] | None:
        """Return the staged document, else the committed one."""
        return self.staged(role) or self.committed(role)

    def committed_version(self, role: str, version: int) -> Document[Any] | None:
        """Return a committed document of one version, None where it is no longer there."""
        if role_fault(role):
            return None
        for name in (layout.committed(role, version), layout.committed(role)):
            document = self._document(name, role)
            if document is not None and document.version == version:
                return document
        return None

    @property
    def exists(self) -> bool:
        """Whether this is a repository at all, be it only a staged one."""
        return self.committed("root") is not None or self.staged("root") is not None

    @property
    def root(self) -> Document[Root]:
        """The root that a change is made under: the staged one, else the committed one.

        Raises:
            NotARepository: there is neither.
        """
        document = self.current("root")
        if document is None:
            raise NotARepository
        return document

    @cached_property
    def staged_roles(self) -> tuple[str, ...]:
        """The roles with a staged document: top-level ones in their usual order, then delegated ones."""
        parsed = (parse_metadata_name(name) for name in self._staged_files)
        names = {found.role for found in parsed if found is not None and found.version is None}
        return tuple(role for role in layout.ROLES if role in names) + tuple(sorted(names - set(layout.ROLES)))

    def targets_roles(self, *, committed: bool = False) -> tuple[str, ...]:
        """Return the targets roles there are: `targets`, then those that the snapshot lists or that are staged."""
        if committed not in self._targets_roles:
            snapshot = self._newest("snapshot", committed=committed)
            listed = set(map(role_of, snapshot.signed.meta)) if snapshot is not None else set()
            others = listed | set(() if committed else self.staged_roles)
            self._targets_roles[committed] = ("targets", *sorted(others - set(layout.ROLES)))
        return self._targets_roles[committed]

    def delegators(self, role: str, *, committed: bool = False) -> tuple[Root | Targets, ...]:
        """Return whose keys must sign the newest document of a role.

        The rule is that of `metadata.quorum`; a new root follows the committed one.

        Args:
            committed: look at what is committed, though something newer is staged.
        """
        root, before = self._newest("root", committed=committed), self.committed("root")
        if root is None:
            return ()
        previous = before.signed if before is not None and not root.same_payload(before) else None
        found = (self._newest(name, committed=committed) for name in self.targets_roles(committed=committed))
        targets = (document.signed for document in found if document is not None)
        return delegators(role, root=root.signed, previous=previous, targets=targets)

    def quorums(self, role: str, *, committed: bool = False) -> tuple[Quorum, ...]:
        """Return who has signed the newest document of a role, once for each of its `delegators`."""
        document = self._newest(role, committed=committed)
        if document is None:
            return ()
        return tuple(quorum(document, role, each) for each in self.delegators(role, committed=committed))

    def signers(self, role: str) -> dict[str, Key]:
        """Return the keys whose signatures the newest document of a role can use, by keyid."""
        return signers(role, reversed(self.delegators(role)))

    def _newest(self, role: str, *, committed: bool) -> Document[Any] | None:
        return self.committed(role) if committed else self.current(role)

    @property
    def staged_documents(self) -> dict[str, Document[Any]]:
        """Every staged document by its role."""
        found = {role: self.staged(role) for role in self.staged_roles}
        return {role: document for role, document in found.items() if document is not None}

    def committed_below(self, staged: Mapping[str, Document[Any]]) -> dict[str, Document[Any]]:
        """Return what a change is committed over, by role: delegated roles only where it may touch one of them."""
        delegates = "targets" in staged and staged["targets"].signed.delegations is not None
        snapshot = self.committed("snapshot") if delegates or staged.keys() - set(layout.ROLES) else None
        listed = map(role_of, snapshot.signed.meta) if snapshot is not None else ()
        found = {role: self.committed(role) for role in (*layout.ROLES, *listed)}
        return {role: document for role, document in found.items() if document is not None}

    def require_named(self) -> None:
        """Stop where a staged metadata file belongs to no role.

        Raises:
            MisnamedStaged: a commit would pass it over.
        """
        for name in self.misnamed:
            raise MisnamedStaged(name)

    @cached_property
    def misnamed(self) -> tuple[str, ...]:
        """Staged metadata files that have the name of no role's file, such as a version-prefixed one."""
        parsed = ((name, parse_metadata_name(name)) for name in self._staged_files)
        return tuple(layout.STAGED + name for name, found in parsed if found is None or found.version is not None)

    @cached_property
    def roots(self) -> Mapping[int, Document[Root]]:
        """Every committed root version.

        Raises:
            UnreadableMetadata: N.root.json is no root, or has another version than its name says.
        """
        tries = Tries()
        roots = self.readable_roots(tries)
        for fault in tries.faults:
            raise fault
        return roots

    def readable_roots(self, tries: Tries) -> Mapping[int, Document[Root]]:
        """Return every committed root version that can be read."""
        roots: dict[int, Document[Root]] = {}
        newest = tries(lambda: self._document(layout.committed("root"), "root"), None)
        known = newest.version if newest is not None else 0
        version, stopped = 1, object()
        while (document := tries(partial(self._root, version), stopped)) is not None or version <= known:
            if isinstance(document, Document):
                roots[version] = document
            version += 1
        if newest is not None:
            roots.setdefault(newest.version, newest)
        return roots

    @cached_property
    def _staged_files(self) -> tuple[str, ...]:
        """The metadata files of the staged change, below staged/."""
        if self._alone is not None:
            return tuple(metadata_name(role) for role in self._alone)
        names = (entry.name.removeprefix(layout.STAGED) for entry in self._store.list(layout.STAGED))
        return tuple(
            name
            for name in names
            if name.endswith(".json") and not name.startswith(TARGETS) and not layout.is_litter(name)
        )

    def _root(self, version: int) -> Document[Root] | None:
        name = layout.committed("root", version)
        document = self._document(name, "root")
        if document is not None and document.version != version:
            raise UnreadableMetadata(name, f"holds version {document.version}")
        return document

    def _versioned(self, role: str) -> Document[Any] | None:
        if role == "root":
            return self.roots[max(self.roots)] if self.roots else None
        if role == "timestamp":
            return None
        listing = self.committed("timestamp" if role == "snapshot" else "snapshot")
        if listing is None:
            return None
        entry = listing.signed.snapshot_meta if role == "snapshot" else listing.signed.meta.get(metapath(role))
        return self._document(layout.committed(role, entry.version), role) if entry is not None else None

    def _document(self, name: str, role: str) -> Document[Any] | None:
        if name not in self._read:
            self._read[name] = self._load(name, role)
        return self._read[name]

    def _load(self, name: str, role: str) -> Document[Any] | None:
        try:
            data = self._store.read(name, limit=LIMITS.get(role, LIMITS["targets"]))
        except ObjectMissing:
            return None
        except ObjectTooLarge as error:
            raise UnreadableMetadata(name, f"larger than the {error.limit:,} bytes that clients accept") from None
        if not data:
            raise UnreadableMetadata(name, "is empty")
        try:
            # go-tuf stages a root key by key
            return Document.parse(data, _TYPES.get(role, Targets), begun=name == layout.staged("root"))
        except MalformedMetadata as error:
            raise UnreadableMetadata(name, f"no {role} metadata: {error.reason}") from None
