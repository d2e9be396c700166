"""What a client trusts, from its first root to the last delegated role, without any I/O.

TUF's client workflow, in its order. python-tuf's trusted set decides; this one reads the files,
counts the signatures, holds the clock, and says in our words why something is refused.

1. root: the one trusted at first is checked against itself. Each next one must be exactly one
   version later, signed by a quorum of the old root's keys and by one of its own. Only the
   last must not be expired, which is looked at when the timestamp comes.
2. timestamp: signed as the root says, not older than the trusted one, no older snapshot in it.
3. snapshot: exactly as long as, with the hashes and of the version that the timestamp lists; no
   role of the trusted snapshot is missing from it or older in it.
4. targets, then delegated roles: as listed in the snapshot, signed as the delegator says, not expired.

Expired or outdated metadata of step 2 and 3 is refused, and kept all the same to protect from
rollback to what is older still: `Intermediate` in python-tuf's words.

What python-tuf leaves open is closed here: a public key counts once even under two keyids; a key of
a type unknown here makes no root unreadable; a role has one content, whoever delegates to it.

Spec: TUF 1.0.34 #detailed-client-workflow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from tuf.api.exceptions import (
    EqualVersionNumberError,
    ExpiredMetadataError,
    LengthOrHashMismatchError,
    RepositoryError,
)
from tuf.api.metadata import MetaFile, Root, Signed, Snapshot, Targets, Timestamp

from tufkeep.errors import TufkeepError
from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.document import Document
from tufkeep.metadata.explain import mismatch, older_snapshot, older_timestamp, sha256
from tufkeep.metadata.filenames import metapath
from tufkeep.metadata.ngclient import TrustedMetadataSet
from tufkeep.metadata.quorum import quorum, root_quorums
from tufkeep.metadata.readers import require_one_meaning
from tufkeep.metadata.refusal import ExpiredMetadata, HashMismatch, RoleNotListed, WrongVersion
from tufkeep.metadata.strict import require_strict

if TYPE_CHECKING:
    from securesystemslib.signer import Signature

Load = Callable[[bytes, type[Any]], Document[Any]]
T = TypeVar("T", Root, Timestamp, Snapshot, Targets)


class TrustedSet(TrustedMetadataSet):
    """Metadata that a client has verified, each file against those before it."""

    def __init__(
        self, root: bytes | Document[Root], *, now: datetime, load: Load = Document.parse, tolerant: bool = False
    ):
        """Trust a root because somebody says so; it must at least stand by its own keys.

        Args:
            root: where trust begins; its expiry does not matter until the timestamp comes.
            now: one time for the whole update, so that nothing expires between two checks of it.
            tolerant: read what two clients take for two things, too: for a look at what is published already.

        Raises:
            MalformedMetadata, ThresholdNotReached: the root is unusable.
        """
        # python-tuf's own constructor takes neither clock nor loader. What it sets is set here,
        # and a test compares the two, so that a new python-tuf is noticed.
        self._trusted_set: dict[str, Signed] = {}
        self._trusted_delegations: set[tuple[str, str]] = set()
        self.reference_time = now
        self._load_data = self._read
        self._load = load
        self._tolerant = tolerant
        self._offered: Document[Any] | None = None  # what is being decided about
        self._delegated: dict[str, Document[Targets]] = {}
        self._load_trusted_root(root)

    def verified(self, role: str, delegator: str) -> bool:
        """Whether a role is trusted on the word of this very delegator.

        Another delegator may list the same role with other keys, under which it must be verified again.
        """
        return (delegator, role) in self._trusted_delegations

    def document(self, role: str) -> Document[Targets] | None:
        """Return the file of a delegated role that some delegator's keys have verified."""
        return self._delegated.get(role)

    def targets_role(self, role: str) -> Targets:
        """Return a targets role that is trusted."""
        return cast("Targets", self[role])

    def is_listed(self, data: bytes) -> bool:
        """Whether these are the very bytes of the snapshot that the timestamp lists, as far as it tells."""
        try:
            self.timestamp.snapshot_meta.verify_length_and_hashes(data)
        except LengthOrHashMismatchError:
            return False
        return True

    def update_root(self, data: bytes) -> Root:
        """Trust the next root.

        Raises:
            ThresholdNotReached: too few of the trusted root's keys, or of its own, have signed it.
            WrongVersion: its version is not exactly the next one.

        Spec: TUF 1.0.34 #update-root.
        """
        if Timestamp.type in self:
            raise RuntimeError("Cannot update root after timestamp")
        document: Document[Root] = self._document(Root, data)
        for needed in root_quorums(document, self.root):
            needed.require()
        if document.version != self.root.version + 1:
            raise WrongVersion(
                "root", version=document.version, expected=self.root.version + 1, listed_by="the one before it"
            )
        return self._trust_root(document)

    def finish_root(self) -> None:
        """Say that there is no later root: this one must not be expired.

        Raises:
            ExpiredMetadata: it is.
        """
        if self.root.is_expired(self.reference_time):
            raise self._expired(Root.type)

    def update_timestamp(self, data: bytes) -> Timestamp:
        """Trust a newer timestamp; one of the same version changes nothing. Return the one in force.

        Raises:
            ExpiredMetadata: of the root, or of this timestamp.
            RollbackRefused: it is older than the trusted one, or lists an older snapshot.
            ThresholdNotReached, MalformedMetadata: as everywhere.

        Spec: TUF 1.0.34 #update-timestamp.
        """
        with self._explained("timestamp", data):
            try:
                return super().update_timestamp(data)
            except EqualVersionNumberError:
                self._check_final_timestamp()
                return self.timestamp

    def update_snapshot(self, data: bytes, trusted: bool | None = False) -> Snapshot:
        """Trust the snapshot that the timestamp lists.

        Args:
            trusted: it was verified at an earlier time, so the present timestamp need not list its
                hashes; one of another version is then kept against rollback only, and refused.

        Raises:
            HashMismatch, WrongVersion: it is not the one that the timestamp lists.
            RollbackRefused, RoleNotListed: a role of the trusted snapshot is older in it, or missing.
            ExpiredMetadata: of the timestamp, or of this snapshot.
            ThresholdNotReached, MalformedMetadata: as everywhere.

        Spec: TUF 1.0.34 #update-snapshot.
        """
        with self._explained("snapshot", data):
            return super().update_snapshot(data, trusted)

    def update_delegated_targets(self, data: bytes, role_name: str, delegator_name: str) -> Targets:
        """Trust a targets role on the word of a role that delegates to it.

        Raises:
            HashMismatch, WrongVersion, RoleNotListed: it is not the one that the snapshot lists.
            ExpiredMetadata: of the snapshot, or of this role.
            ThresholdNotReached, RoleNotDelegated: not signed as this delegator says.
            MalformedMetadata: as everywhere.

        Spec: TUF 1.0.34 #update-targets.
        """
        known = self._delegated.get(role_name)
        if known is not None and known.data != data:
            raise HashMismatch(
                f"{role_name} v{known.version}", measure="sha256", expected=sha256(known.data), found=sha256(data)
            )
        with self._explained(role_name, data):
            trusted = super().update_delegated_targets(data, role_name, delegator_name)
            self._trusted_delegations.add((delegator_name, role_name))
            if role_name != Targets.type and self._offered is not None:
                self._delegated[role_name] = self._offered
            return trusted

    def _load_trusted_root(self, data: bytes | Document[Root]) -> None:
        document = data if isinstance(data, Document) else self._document(Root, data)
        quorum(document, Root.type, document.signed).require()
        self._trust_root(document)

    def _trust_root(self, document: Document[Root]) -> Root:
        require_strict(document.signed)
        self._trusted_set[Root.type] = document.signed
        return document.signed

    def _read(
        self, role: type[T], data: bytes, delegator: Root | Targets | None = None, role_name: str | None = None
    ) -> tuple[T, bytes, dict[str, Signature]]:
        """Do what python-tuf's loaders do; of what they return, only the model is used after the root."""
        try:
            document: Document[T] = self._document(role, data)
        except MalformedMetadata as error:
            raise MalformedMetadata(error.reason, role=role_name or role.type) from error
        self._offered = document
        if delegator is not None:
            quorum(document, role_name or role.type, delegator).require()
        return document.signed, b"", {}

    def _document(self, role: type[Any], data: bytes) -> Document[Any]:
        document = self._load(data, role)
        require_strict(document.signed)
        if not self._tolerant:
            require_one_meaning(document)
        return document

    @contextmanager
    def _explained(self, role: str, data: bytes) -> Iterator[None]:
        """Say in our words what python-tuf refuses."""
        try:
            yield
        except RepositoryError as error:
            raise self._reason(role, data, error) from error
        finally:
            self._offered = None  # a big role's bytes are not kept twice

    def _reason(self, role: str, data: bytes, error: RepositoryError) -> TufkeepError:
        if isinstance(error, LengthOrHashMismatchError):
            return mismatch(role, self._listed(role), data)
        if isinstance(error, ExpiredMetadataError):
            return self._expired(role)
        offered = self._offered.signed if self._offered else None
        if isinstance(offered, Timestamp):
            return older_timestamp(offered, self.timestamp)
        if isinstance(offered, Snapshot) and offered is not self.snapshot:
            return older_snapshot(offered, self.snapshot)
        if offered is None and self._listed(role) is None:
            return RoleNotListed(role, snapshot=self.snapshot.version)
        if offered is None:  # an outdated snapshot stops every role after it
            role, offered = Snapshot.type, self.snapshot
        return self._other_version(role, offered)

    def _other_version(self, role: str, found: Signed) -> WrongVersion:
        listed = self._listed(role)
        by = self.timestamp if isinstance(found, Snapshot) else self.snapshot
        expected = listed.version if listed else 0
        return WrongVersion(role, version=found.version, expected=expected, listed_by=f"{by.type} v{by.version}")

    def _listed(self, role: str) -> MetaFile | None:
        if role == Snapshot.type:
            return self.timestamp.snapshot_meta
        return self.snapshot.meta.get(metapath(role))

    def _expired(self, role: str) -> ExpiredMetadata:
        """Name the first file in loading order that is past its end."""
        chain = {name: self._trusted_set.get(name) for name in (Root.type, Timestamp.type, Snapshot.type)}
        if self._offered is not None:
            chain[role] = self._offered.signed
        for name, signed in chain.items():
            if signed is not None and signed.is_expired(self.reference_time):
                return ExpiredMetadata(name, version=signed.version, expires=signed.expires, now=self.reference_time)
        raise AssertionError(f"{role} is refused as expired and is not")
