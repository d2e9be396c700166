"""What each staged document was made from, so that a staged change is never put over a newer repository."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from tufkeep.decoding import Undecodable, decode_json
from tufkeep.errors import WorkspaceError
from tufkeep.metadata.document import Document
from tufkeep.stores import ObjectMissing, Store
from tufkeep.workspace import layout


class StaleStaged(WorkspaceError):
    """A staged document was made from another committed version than the one that is there now."""

    exit_code = 15

    def __init__(self, role: str, *, staged: int, committed: int):
        super().__init__(f"staged {role} v{staged} was not made from the committed {role} v{committed}")
        self.role, self.staged, self.committed = role, staged, committed


class Base(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one staged document was made from; of no meaning once another program has staged another one."""

    made_from: str  # fingerprint of the committed document
    staged: str  # fingerprint of the staged one that this is said of


def fingerprint(document: Document[Any] | None) -> str:
    """Return what tells one committed document from another; empty where there is none."""
    return document.sha256 if document is not None else ""


def read_bases(store: Store) -> dict[str, Base]:
    """Return what each staged role was made from; what go-tuf staged has no such note."""
    try:
        return decode_json(store.read(layout.BASE), dict[str, Base])
    except (ObjectMissing, Undecodable):
        return {}  # without the note the versions alone must tell


def write_bases(store: Store, bases: dict[str, Base]) -> None:
    """Note what each staged role was made from."""
    store.write(layout.BASE, encode_bases(bases))


def encode_bases(bases: Mapping[str, Base]) -> bytes:
    """Return the note as it is kept in its file."""
    return msgspec.json.encode(bases)


def require_fresh(role: str, staged: Document[Any], committed: Document[Any] | None, bases: Mapping[str, Base]) -> None:
    """Stop where the staged document is not the successor of what is committed.

    Raises:
        StaleStaged: repository/ was replaced after the change was staged.
    """
    if committed is None:
        return
    base = bases.get(role)
    if base is not None and base.staged == fingerprint(staged):
        fresh = base.made_from == fingerprint(committed)
    else:
        fresh = staged.version > committed.version or staged.same_payload(committed)
    if not fresh:
        raise StaleStaged(role, staged=staged.version, committed=committed.version)
