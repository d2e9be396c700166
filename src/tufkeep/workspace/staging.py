"""From a draft to the documents that are staged: one new version per role, signed as far as keys are at hand.

The order is that of the hashes: a snapshot lists the signed bytes of targets, a timestamp those of
the snapshot. So a signature more on targets makes a new snapshot, and the chain is followed no
further than to the first role that still lacks signatures.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Protocol, runtime_checkable

from tuf.api.metadata import Key, Signed, Snapshot

from tufkeep.metadata.document import Document
from tufkeep.metadata.filenames import metapath
from tufkeep.metadata.plan import plan_snapshot, plan_timestamp, speaks_of
from tufkeep.metadata.quorum import quorum, signers
from tufkeep.workspace.draft import Draft


@runtime_checkable
class Sign(Protocol):
    """Adds the signatures of the keys at hand, if there are any."""

    def __call__(self, document: Document[Any], role: str, keys: Mapping[str, Key]) -> Document[Any]:
        """Return the document with a signature by each of these keys, given by keyid, that can be had here."""
        ...


class Staging:
    """The documents that a draft leads to."""

    def __init__(self, draft: Draft, *, sign: Sign, again: Collection[str] = ()):
        """Prepare to finish a draft.

        Args:
            again: staged roles that more signatures are wanted for, though nothing in them changes.
        """
        self._draft = draft
        self._state = draft.state
        self._sign = sign
        self._again = again
        self.documents: dict[str, Document[Any]] = {}  # by role: what is to be staged

    def finish(self, *, follow: bool = True, whole: bool = True) -> dict[str, Document[Any]]:
        """Return the documents to stage, by role.

        Args:
            follow: make the snapshot and the timestamp that the change asks for, and new versions
                of what the new root's keys no longer vouch for.
            whole: the change leaves every role with enough keys. One that does not is staged only
                for another one that brings them; no commit takes it as it is.
        """
        if whole and "root" in self._draft.models:
            self._draft.require_reachable()
        self._settle("root")
        if follow:
            self._rekey("targets")
        self._settle("targets")
        for role in self._again:
            if role not in ("root", "targets", "snapshot", "timestamp"):
                self._settle(role)
        self._follow_with_snapshot(follow)
        self._follow_with_timestamp(follow)
        return self.documents

    def _settle(self, role: str) -> None:
        """Make the document of a drafted role, or sign a staged one again."""
        model, staged = self._draft.models.get(role), self._state.staged(role)
        document = self._as_it_is(role) if model is None else Document.of(model)
        if document is None:
            return
        if staged is not None and model is not None and document.same_payload(staged):
            document = staged  # the signatures already collected stay while the signed bytes stay
        waiting = {keyid: key for keyid, key in self._signers(role).items() if not document.verifies(key)}
        self.documents[role] = self._sign(document, role, waiting) if waiting else document

    def _as_it_is(self, role: str) -> Document[Any] | None:
        """Return what more signatures are wanted for.

        A committed root may get more: clients ask for its payload, not for its bytes. Of the other
        roles a snapshot or timestamp lists the bytes, so only staged ones can.
        """
        if role not in self._again:
            return None
        return self._state.current(role) if role == "root" else self._state.staged(role)

    def _signers(self, role: str) -> dict[str, Key]:
        """Return whose signatures a role's document can use: for root also those of the root before it."""
        root = self._draft.root
        if role not in root.roles:
            return self._state.signers(role)
        committed = self._state.committed("root") if role == "root" else None
        return signers(role, [root, *([committed.signed] if committed is not None else [])])

    def _rekey(self, role: str) -> None:
        """Take up a committed role that the new root's keys do not vouch for."""
        committed = self._state.committed(role)
        if "root" not in self._draft.models and self._state.staged("root") is None:
            return
        if committed is None or role in self._draft.models or self._state.staged(role) is not None:
            return
        if not quorum(committed, role, self._draft.root).reached:
            self._draft.renew(role)

    def _follow_with_snapshot(self, follow: bool) -> None:
        if follow:
            self._rekey("snapshot")
        listed = {role: document for role, document in self._targets_roles().items() if self._signed(role, document)}
        current = self._state.current("snapshot")
        wanted = follow and any(not _lists(current, role, document) for role, document in listed.items())
        if "snapshot" in self._draft.models or wanted:
            committed = self._draft.vouched("snapshot")
            previous: Snapshot | None = committed.signed if committed is not None else None
            drafted = self._draft.models.get("snapshot")
            self._draft.models["snapshot"] = plan_snapshot(
                previous, listed, version=self._draft.version("snapshot"), expires=self._end("snapshot", drafted)
            )
        self._settle("snapshot")

    def _follow_with_timestamp(self, follow: bool) -> None:
        if follow:
            self._rekey("timestamp")
        snapshot = self.documents.get("snapshot") or self._state.current("snapshot")
        if snapshot is None:
            return
        wanted = follow and self._signed("snapshot", snapshot)
        wanted = wanted and not _lists(self._state.current("timestamp"), "snapshot", snapshot)
        if "timestamp" in self._draft.models or wanted:
            committed = self._draft.vouched("timestamp")
            drafted = self._draft.models.get("timestamp")
            self._draft.models["timestamp"] = plan_timestamp(
                committed.signed if committed is not None else None,
                snapshot,
                version=self._draft.version("timestamp"),
                expires=self._end("timestamp", drafted),
            )
        self._settle("timestamp")

    def _targets_roles(self) -> dict[str, Document[Any]]:
        """Return the targets roles that this change or an earlier staged one makes, by name."""
        others = ("root", "snapshot", "timestamp")
        staged = {role: self._state.staged(role) for role in self._state.staged_roles if role not in others}
        made = {role: document for role, document in self.documents.items() if role not in others}
        return {role: document for role, document in {**staged, **made}.items() if document is not None}

    def _signed(self, role: str, document: Document[Any]) -> bool:
        if role in self._draft.root.roles:
            return quorum(document, role, self._draft.root).reached
        # This very change may delegate to another key.
        delegators = self._state.after_staging(self.documents).delegators(role)
        return all(quorum(document, role, each).reached for each in delegators)

    def _end(self, role: str, drafted: Signed | None) -> Any:
        return drafted.expires if drafted is not None else self._draft.expiry(role)


def _lists(document: Document[Any] | None, role: str, listed: Document[Any]) -> bool:
    """Whether a snapshot or timestamp already speaks of these very bytes."""
    if document is None:
        return False
    signed = document.signed
    found = signed.meta.get(metapath(role)) if isinstance(signed, Snapshot) else signed.snapshot_meta
    return found is not None and speaks_of(found, listed)
