"""What a client trusts, kept so that neither crash nor failed fetch freezes it on old content.

One file per role, byte for byte as received and each written whole, in the order in which they are
verified: root versions one by one, timestamp, snapshot, targets, delegated roles. There is no
commit point, for no file is believed because it is there: each refresh verifies what it finds,
and fetches what is missing, damaged, or not what the file before it lists. So a timestamp whose
snapshot could not be fetched is no reason to stop the next time, as it is for go-tuf v0.5.2.

Our own files lie in `.tufkeep/`, because other clients take every .json file for metadata.

Spec: TUF 1.0.34 #detailed-client-workflow.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from contextlib import AbstractContextManager

from tufkeep.client.errors import TrustInTheWay
from tufkeep.errors import WorkspaceError
from tufkeep.metadata.filenames import kept_name
from tufkeep.stores import ObjectMissing, Store, StoreFault, folder_of

_ANCHOR = ".tufkeep/anchor"
_FIRST = ".tufkeep/first-root"  # the root that the anchor names; no .json, see above
_DIGEST = re.compile(rb"[0-9a-f]{64}")
_LOCK = ".tufkeep/client"
_PATIENCE_SECONDS = 60  # a refresh of another process is over by then, or stuck


class NothingTrusted(WorkspaceError):
    """A client's folder without a root to begin from."""

    exit_code = 10

    def __init__(self) -> None:
        super().__init__("no root is trusted here yet")


class TrustDamaged(WorkspaceError):
    """A client's folder whose root can't be read any more, nor the one that it began with."""

    exit_code = 10

    def __init__(self, reason: str):
        super().__init__(f"the root that was trusted here is damaged, and the first one is needed again: {reason}")


class OtherAnchor(WorkspaceError):
    """A client's folder that began from another root than the one given."""

    exit_code = 11

    def __init__(self) -> None:
        super().__init__(
            "this folder already trusts a repository with another first root",
        )


class TrustState:
    """The files of one client."""

    def __init__(self, store: Store):
        self.store = store

    def lock(self) -> AbstractContextManager[None]:
        """Keep a second process from working on the same files at once; it waits for its turn."""
        return self.store.lock(_LOCK, note="client refresh", wait_seconds=_PATIENCE_SECONDS)

    def keep_apart(self, to: Store) -> None:
        """Refuse a folder in which a target path could name a file that contains what is trusted.

        Raises:
            TrustInTheWay: it is such a folder.
        """
        folder, own = folder_of(to), folder_of(self.store)
        if folder is None or own is None:
            return
        if own.resolve().is_relative_to(folder.resolve()) or ".tufkeep" in folder.resolve().parts:
            raise TrustInTheWay(str(folder), state=str(own))

    def begin(
        self, root: bytes, *, limit: int | None = None, readable: Callable[[bytes], bool] = lambda root: True
    ) -> bool:
        """Begin from a root, if nothing was begun yet; return whether this was the beginning.

        The anchor is written last: a root.json without it is begun with again, and so is one that can't be read. An
        anchor without a root.json begins again with the root that it names.

        Args:
            readable: whether what is kept as root.json is a root.

        Raises:
            OtherAnchor: another root was begun with.
        """
        digest = hashlib.sha256(root).hexdigest().encode()
        known = self._read(_ANCHOR)
        known = known if known is not None and _DIGEST.fullmatch(known) else None
        if known is not None and known != digest:
            raise OtherAnchor
        kept = self._read(kept_name("root"), limit=limit)
        new = known is None or kept is None or not readable(kept)
        if new:
            self.keep("root", root)
        if new or self._read(_FIRST) != root:
            self.store.write(_FIRST, root)
            self.store.write(_ANCHOR, digest)
        return new

    def first_root(self, *, limit: int) -> bytes | None:
        """Return the root that was begun with, None where it is not here any more."""
        data, known = self._read(_FIRST, limit=limit), self._read(_ANCHOR)
        return data if data is not None and hashlib.sha256(data).hexdigest().encode() == known else None

    def root(self, *, limit: int) -> bytes:
        """Return the newest root that was trusted.

        Raises:
            NothingTrusted: there is none.
        """
        try:
            return self.store.read(kept_name("root"), limit=limit)
        except ObjectMissing:
            raise NothingTrusted from None

    def load(self, role: str, *, limit: int) -> bytes | None:
        """Return what was kept of a role; None where there is nothing that can be read."""
        return self._read(kept_name(role), limit=limit)

    def keep(self, role: str, data: bytes) -> None:
        """Keep verified metadata in place of the role's older version."""
        self.store.write(kept_name(role), data)

    def forget(self, *roles: str) -> None:
        for role in roles:
            self.store.delete(kept_name(role))

    def _read(self, name: str, *, limit: int | None = None) -> bytes | None:
        try:
            return self.store.read(name, limit=limit)
        except StoreFault:
            return None
