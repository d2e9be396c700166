"""What the clients in the field read, and what two of them would read differently in one document.

A document has one reading when every client takes the same meaning out of it. Two kinds of oddity break that:

- A member that one client takes for another. Go's encoding/json matches member names without regard to case, and folds
  U+017F (long s) to s and U+212A (Kelvin sign) to k; of two that match, the last one wins. Others compare exactly.
- A value in a form that one client takes and another refuses: a date with fractions, a key spelled in another way, two
  signatures with one keyid, a number that does not fit.

Nothing with such an oddity is signed or committed anew. What was published with one can be read, and is repaired by the
next version.

Spec: TUF 1.0.34 #document-formats; go-tuf v0.5.2 data/types.go; Go encoding/json foldName.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.forms import ENTRY_MEMBERS, ENVELOPE, TARGET_ENTRY
from tufkeep.metadata.key_form import NEW_KEY, public_key
from tufkeep.metadata.model import S, build, editable_copy
from tufkeep.metadata.shape import Oddity, Path

if TYPE_CHECKING:
    from tuf.api.metadata import Signed

    from tufkeep.metadata.document import Document

_OTHER_ORDER = "has members that clients in JavaScript sort in another order, so that they find no signature"


def oddities(document: Document[Signed], *, but: Mapping[str, Any] | None = None) -> Iterator[Oddity]:
    """Yield what two clients would read differently in a document.

    Args:
        but: target entries that need no look, by path: those that are the same in another version.
    """
    if (fault := document.spelling_fault) is not None:
        yield Oddity((), fault)
    for keyid, times in Counter(signature.keyid for signature in document.signatures).items():
        if times > 1:
            yield Oddity(("signatures",), f"has {times} signatures of key {keyid[:8]}, and clients refuse the file")
    yield from (Oddity(where, _OTHER_ORDER, tolerated=True) for where in _sorted_otherwise(document))
    envelope = document.envelope
    if but and (targets := _targets(envelope["signed"])) is not None:
        changed = {path: entry for path, entry in targets.items() if path not in but or but[path] != entry}
        envelope = {**envelope, "signed": {**envelope["signed"], "targets": changed}}
    yield from (oddity for oddity in ENVELOPE((), envelope) if not oddity.unknown)


def require_one_reading(role: str, document: Document[Signed], before: Document[Signed] | None = None) -> None:
    """Refuse a document that two clients would read differently.

    Args:
        before: the version that is committed; what it holds already stays, for its owner to repair.

    Raises:
        MalformedMetadata: it has an oddity that `before` does not have.
    """
    ours, theirs = (_targets(each.envelope["signed"]) if each is not None else None for each in (document, before))
    known = set(oddities(before, but=ours)) if before is not None else set()
    found = next((oddity for oddity in oddities(document, but=theirs) if oddity not in known), None)
    if found is not None:
        raise MalformedMetadata(found.sentence(), role=role)


def repaired(document: Document[S]) -> S:
    """Return a copy of a document's model to edit, without the members that are taken for another one."""
    odd = [each for each in oddities(document, but=_plain(document)) if each.member and each.where[:1] == ("signed",)]
    if not odd:
        return editable_copy(document.signed)
    value = copy.deepcopy(document.envelope["signed"])
    for oddity in odd:
        holder = value
        for step in oddity.where[1:]:
            holder = holder[int(step) if isinstance(holder, list) else step]
        del holder[oddity.member]
    return cast("S", build(value))


def require_one_meaning(document: Document[Signed]) -> None:
    """Refuse a document that two clients take for two different things; its target entries are not looked at.

    For a client, which must read what others of its kind read, old dates and spellings included.

    Raises:
        MalformedMetadata: there is such a place.
    """
    skipped = _targets(document.envelope["signed"])
    found = next((each for each in oddities(document, but=skipped) if not each.tolerated), None)
    if found is not None:
        raise MalformedMetadata(found.sentence())


def require_plain_entry(path: str, entry: Any) -> None:
    """Refuse a target entry that two clients take for two different files.

    Raises:
        MalformedMetadata: it is one.
    """
    found = next((each for each in TARGET_ENTRY((path,), entry) if not each.tolerated), None)
    if found is not None:
        raise MalformedMetadata(f"target {found.sentence()}", role="targets")


def require_plain_key(keyid: str, key: Any) -> None:
    """Refuse a public key that is new here and not exactly in the form its type has, with nothing beside.

    Raises:
        MalformedMetadata: two clients would read it differently, or it has members without a meaning.
    """
    looks = (each for check in (public_key, NEW_KEY) for each in check((f"key {keyid[:8]}",), key))
    found = next((each for each in looks if not each.unknown), None)
    if found is not None:
        raise MalformedMetadata(found.sentence(), role="root")


def _sorted_otherwise(document: Document[Any]) -> Iterator[Path]:
    """Yield the objects of a signed part whose members JavaScript sorts in another order.

    Canonical JSON sorts by code point, tuf-js by units of UTF-16, in which a letter beyond the first plane comes before
    the last letters of it. It makes other bytes of such an object, and finds no signature over them.
    """
    if document.payload.isascii():
        return
    waiting: list[tuple[Path, Any]] = [(("signed",), document.value)]
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*where, name), member) for name, member in value.items() if isinstance(member, (dict, list))]
            unusual = [name for name in value if not name.isascii()]
            if len(unusual) > 1 and sorted(unusual) != sorted(unusual, key=_utf16):
                yield where
        elif isinstance(value, list):
            waiting += [((*where, str(number)), member) for number, member in enumerate(value)]


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be", "surrogatepass")


def _plain(document: Document[Any]) -> dict[str, Any]:
    """Return the target entries that have known members alone: a hundred thousand of them are seen at one glance."""
    entries = _targets(document.envelope["signed"]) or {}
    return {path: entry for path, entry in entries.items() if isinstance(entry, dict) and entry.keys() <= ENTRY_MEMBERS}


def _targets(signed: Any) -> dict[str, Any] | None:
    """Return the target entries of a signed part that may be anything."""
    targets = signed.get("targets") if isinstance(signed, dict) else None
    return targets if isinstance(targets, dict) else None
