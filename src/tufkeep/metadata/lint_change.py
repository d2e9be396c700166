"""What a change brings that the clients in the field do not read: what is refused, and what is a warning.

What the version before has already is left alone: whoever has an oddity must be able to renew and to repair, and hears
of it from `verify`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tuf.api.metadata import Targets

from tufkeep.metadata.filenames import TOP_LEVEL, metapath
from tufkeep.metadata.lint import lint, near_limits, require_readable
from tufkeep.metadata.lint_paths import lint_delegated, lint_names
from tufkeep.metadata.misread import Misread, by_kind
from tufkeep.metadata.readers import require_one_reading

if TYPE_CHECKING:
    from tuf.api.metadata import MetaFile

    from tufkeep.metadata.document import Document

Documents = Mapping[str, "Document[Any]"]  # by role


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientWarning:
    """All of one kind that a change brings and some declared client does not read."""

    sentence: str
    each: tuple[str, ...] = ()  # a line for each, where there are several


def require_read(documents: Documents, before: Documents, *, declared: Sequence[str]) -> None:
    """Refuse what two clients read differently, and what a declared client would refuse as a whole file.

    Args:
        documents: as they will be; those that list others are used for the lengths that they give.
        before: as they are now, committed or published; what they have already is let through.

    Raises:
        MalformedMetadata: two clients would read one of them differently.
        UnreadableByClients: a declared client, or ours, would refuse one of them.
    """
    for role, document in sorted(_changed(documents, before).items()):
        old = before.get(role)
        require_one_reading(role, document, old)
        require_readable(role, document, old, declared=declared, listed=_listing(role, documents))


def change_warnings(documents: Documents, before: Documents, *, declared: Sequence[str]) -> tuple[ClientWarning, ...]:
    """Return what a change brings that declared clients do not read, once for each kind; then limits that are near."""
    known = {(each.trait.id, each.subject) for each in _misread(before, documents, declared)}
    new = (each for each in _misread(documents, before, declared) if (each.trait.id, each.subject) not in known)
    near = (
        sentence
        for role, document in _changed(documents, before).items()
        for sentence in near_limits(role, document, declared=declared, listed=_listing(role, documents))
    )
    return (
        *(ClientWarning(sentence=kind.sentence, each=kind.each) for kind in by_kind(new)),
        *(ClientWarning(sentence=sentence) for sentence in near),
    )


def _misread(documents: Documents, other: Documents, declared: Sequence[str]) -> Iterator[Misread]:
    """Yield what is not read of those documents that differ from others."""
    root = documents.get("root")
    consistent = root is not None and bool(root.signed.consistent_snapshot)
    changed = _changed(documents, other)
    for role, document in changed.items():
        listed, but = _listing(role, documents), other.get(role)
        yield from lint(role, document, declared=declared, listed=listed, consistent=consistent, but=but)
    if any(isinstance(document.signed, Targets) for document in changed.values()):
        paths, others = _paths(documents), _paths(other)
        yield from lint_names(paths, declared=declared, consistent=consistent, but=others)
        roles = {role: each.signed for role, each in documents.items() if isinstance(each.signed, Targets)}
        if "targets" in roles:
            yield from lint_delegated({"targets": roles["targets"], **roles}, declared=declared)


def _changed(documents: Documents, other: Documents) -> dict[str, Document[Any]]:
    return {
        role: document
        for role, document in documents.items()
        if (old := other.get(role)) is not document and (old is None or old.data != document.data)
    }


def _paths(documents: Documents) -> set[str]:
    found = (document.signed for document in documents.values() if isinstance(document.signed, Targets))
    return {path for targets in found for path in targets.targets}


def _listing(role: str, documents: Documents) -> MetaFile | None:
    """Return how a role is listed, None where it is not or nobody knows."""
    if role == "snapshot":
        return documents["timestamp"].signed.snapshot_meta if "timestamp" in documents else None
    if role in TOP_LEVEL and role != "targets":
        return None
    entry: MetaFile | None = documents["snapshot"].signed.meta.get(metapath(role)) if "snapshot" in documents else None
    return entry
