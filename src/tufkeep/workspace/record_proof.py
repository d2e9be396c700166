"""Who signed by the record, held against the metadata that it names.

The chain of the record shows that no line was changed after it was written, not that what it says was true then. A
signature does: the metadata that a line names is looked for in the repository, and its signatures are verified by the
keys of the roles that delegated to it at that time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from tufkeep.metadata.document import Document
from tufkeep.metadata.quorum import verified_signers
from tufkeep.metadata.shown import shown
from tufkeep.workspace import layout
from tufkeep.workspace.record import RecordBroken, RecordLine, approvers
from tufkeep.workspace.state import State, UnreadableMetadata

_Documents: TypeAlias = Mapping[str, Document[Any] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordProof:
    """What the metadata says of a record."""

    proved: int  # versions whose signers are those that the record names
    unproved: tuple[str, ...]  # what nothing here proves, in words


def prove_record(lines: Sequence[RecordLine], state: State) -> RecordProof:
    """Verify who signed by the record, where the metadata that it names is here.

    Raises:
        RecordBroken: a line says that a signature was verified, and the very file that it names does not have it.
    """
    proved, unproved, missing = 0, list[str](), Counter[str]()
    versions = _first_versions(lines, state)
    for line in lines:
        versions |= {role: seen.version for role, seen in line.entry.before.items()}
        before = {role: _document(state, role, version) for role, version in versions.items()}
        after = {role: _document(state, role, seen.version, seen.sha256) for role, seen in line.entry.after.items()}
        versions |= {role: seen.version for role, seen in line.entry.after.items()}
        signed = verified_signers(_found(before), _found(after))
        for role in line.entry.after:
            lacking = [keyid for keyid in line.entry.signed_by.get(role, ()) if keyid not in signed.get(role, ())]
            if after[role] is None or (lacking and not _keys_known(role, before, after)):
                missing[role] += 1
            elif lacking:
                unproved.append(_not_signed(line, role, lacking))
            else:
                proved += 1
        unproved += _remarks(line)
    counts = (f"{count:,} of {shown(role)}" for role, count in sorted(missing.items()))
    gone = f"versions that are no longer in repository/ as recorded, or whose keys are not: {', '.join(counts)}"
    return RecordProof(proved=proved, unproved=(*unproved, *([gone] if missing else ())))


def _first_versions(lines: Sequence[RecordLine], state: State) -> dict[str, int]:
    """Return the version of each role that could delegate before the first line; what no line changes is as it is."""
    versions: dict[str, int | None] = {}
    for line in lines:
        for role in line.entry.after:
            seen = line.entry.before.get(role)
            versions.setdefault(role, seen.version if seen is not None else None)
    try:
        roles = ("root", *state.targets_roles(committed=True))
        found = {role: state.committed(role) for role in roles if role not in versions}
    except UnreadableMetadata:
        found = {}
    unchanged = {role: document.version for role, document in found.items() if document is not None}
    return {**unchanged, **{role: version for role, version in versions.items() if version is not None}}


def _found(documents: _Documents) -> dict[str, Document[Any]]:
    return {role: document for role, document in documents.items() if document is not None}


def _keys_known(role: str, before: _Documents, after: _Documents) -> bool:
    """Whether all documents are here that could say whose keys sign for a role."""
    if role == "root":
        return before.get("root", after["root"]) is not None
    if role in layout.ROLES:
        return {**before, **after}.get("root") is not None
    return None not in {**before, **after}.values()


def _document(state: State, role: str, version: int, sha256: str = "") -> Document[Any] | None:
    """Return a version of a role's metadata; where its hash is known, only the very file."""
    try:
        found = state.committed_version(role, version)
    except UnreadableMetadata:
        return None
    return found if found is not None and sha256 in ("", found.sha256) else None


def _not_signed(line: RecordLine, role: str, lacking: Sequence[str]) -> str:
    """Return what an older line says without proof.

    Raises:
        RecordBroken: the line says that it was verified.
    """
    who = ", ".join(shown(keyid[:8]) for keyid in lacking)
    fact = f"says that {shown(role)} v{line.entry.after[role].version} is signed by {who}, and it is not"
    if line.entry.verified:
        raise RecordBroken(fact, line=line.number)
    return f"line {line.number}, which an older version wrote without verifying, {fact}"


def _remarks(line: RecordLine) -> Iterator[str]:
    """Yield what the remarks on approvals say, which the signatures alone can prove."""
    signed = line.entry.signed_by.get("root", ())
    for note in line.entry.approvals:
        lacking = [keyid for keyid in approvers(note) if keyid not in signed]
        who = f" by {shown(str(note['name']))}" if note.get("name") else ""
        fact = f": {', '.join(shown(keyid[:8]) for keyid in lacking)} did not sign" if lacking else ""
        yield f"line {line.number}: that it was approved{who}, where and when, is only a remark{fact}"
