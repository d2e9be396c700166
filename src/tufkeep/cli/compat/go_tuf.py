"""What go-tuf checks before it commits, in its order and words, and how it lists a target; both programs contain it.

Our own checks come after these, and are stricter: see `Workspace.plan_commit`.

Spec: go-tuf v0.5.2 Repo.Commit.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from tufkeep.cli.compat.go import GoError, format_time
from tufkeep.workspace import State, layout

if TYPE_CHECKING:
    from tuf.api.metadata import MetaFile

    from tufkeep.metadata.document import Document


TARGET_HASHES: Final = ("sha512",)


class MissingMetadata(GoError):
    """A metadata file is neither staged nor committed."""

    def __init__(self, file: str):
        super().__init__(f"tuf: missing metadata file {file}")


class InsufficientSignatures(GoError):
    """A metadata file that no client would accept."""

    def __init__(self, file: str, reason: str, *, hint: str | None = None):
        super().__init__(f"tuf: insufficient signatures for {file}: {reason}", hint=hint)


def require_verified(state: State, role: str, *, now: datetime) -> None:
    """Stop where a role's current metadata is not signed by its keys, or is expired.

    Raises:
        MissingMetadata: there is none.
        InsufficientSignatures: see there.
    """
    file, document, root = f"{role}.json", state.current(role), state.current("root")
    if document is None:
        raise MissingMetadata(file)
    if root is None:
        raise MissingMetadata("root.json")
    if not document.signatures:
        raise InsufficientSignatures(file, "tuf: data has no signatures", hint=f"sign it: tuf sign {file}")
    if not root.signed.roles[role].keyids and state.committed("root") is None:
        raise InsufficientSignatures(file, f'tuf: unknown role "{role}"', hint=f"make a key: tuf gen-key {role}")
    if not state.quorums(role)[-1].reached:
        raise InsufficientSignatures(
            file, "tuf: valid signatures did not meet threshold", hint=f"sign it: tuf sign {file}"
        )
    if document.expires <= now:
        raise InsufficientSignatures(file, f"expired at {format_time(document.expires)}")


def require_committable(state: State, *, now: datetime) -> None:
    """Stop where go-tuf would not commit.

    Raises:
        GoError: with its reason.
    """
    found = {role: state.current(role) for role in layout.ROLES}
    for role, document in found.items():
        if document is None:
            raise MissingMetadata(f"{role}.json")
    whole: dict[str, Document[Any]] = {role: document for role, document in found.items() if document is not None}
    for name, role in whole["root"].signed.roles.items():
        if len(role.keyids) < role.threshold:
            raise GoError(
                f"tuf: {name} role has insufficient keys for threshold "
                f"(has {len(role.keyids)} keys, threshold is {role.threshold})"
            )
    listed = whole["snapshot"].signed.meta.get("targets.json")
    if listed is None:
        raise GoError("tuf: snapshot.json missing hash for targets.json")
    if fault := _difference(listed, whole["targets"]):
        raise GoError(f"tuf: invalid targets.json in snapshot.json: {fault}", hint="make the next one: tuf snapshot")
    if fault := _difference(whole["timestamp"].signed.snapshot_meta, whole["snapshot"]):
        raise GoError(f"tuf: invalid snapshot.json in timestamp.json: {fault}", hint="make the next one: tuf timestamp")
    for role in layout.ROLES:
        require_verified(state, role, now=now)


def _difference(listed: MetaFile, document: Document[Any]) -> str | None:
    data = document.data
    if listed.length and listed.length != len(data):
        return f"wrong length, expected {listed.length} got {len(data)}"
    for name, expected in sorted((listed.hashes or {}).items(), reverse=True):
        if name in ("sha256", "sha512") and (found := hashlib.new(name, data).hexdigest()) != expected.lower():
            return f"wrong {name} hash, expected {expected} got {found}"
    if listed.version != document.version:
        return f"wrong version, expected {listed.version} got {document.version}"
    return None
