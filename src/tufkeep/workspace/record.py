"""The record: who did what with which keys, one line after the other, each bound to the one before.

Each line carries the sha256 of the line before it, so that none can be changed, taken out or put
between without a later line telling. Whoever can rewrite the whole file can rewrite the chain: a
hash that was printed, or went out in an approval, is what the chain is held against then.

The line of a commit is made before its commit point and stands in its journal, so it is as much part
of the commit as the metadata: whoever finishes the journal appends it. A record that ends in the
line has it already, because a line can't follow itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from tufkeep.clock import Clock
from tufkeep.decoding import Undecodable, decode_json
from tufkeep.errors import WorkspaceError
from tufkeep.metadata.document import Document
from tufkeep.metadata.quorum import verified_signers
from tufkeep.metadata.review import Change, review, sentences
from tufkeep.metadata.shown import shown
from tufkeep.stores import ObjectMissing, Store
from tufkeep.workspace import layout

FACTS_KEPT = 100  # of one change; the rest is counted, and the hashes of the metadata stand for all of it


class RecordBroken(WorkspaceError):
    """The record is not the one that was written."""

    exit_code = 14

    def __init__(self, fault: str, *, line: int):
        self.fault = f"line {line} {fault}"
        super().__init__(f".tufkeep/record line {line}: {fault}")
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who is at work, with what."""

    name: str = ""  # as the person gave it; nobody proves it
    host: str = ""
    program: str = ""
    program_sha256: str = ""
    command: str = ""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a role's metadata, with the sha256 of its file."""

    version: int
    sha256: str


class RecordEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the record. Nothing in it is secret."""

    previous: str  # sha256 of the line before; empty in the first
    when: str
    act: str  # what was done: "commit", "approve", ...
    name: str = ""
    host: str = ""
    program: str = ""
    program_sha256: str = ""
    command: str = ""
    warnings: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    facts: tuple[dict[str, Any], ...] = ()
    facts_left_out: int = 0
    signed_by: dict[str, tuple[str, ...]] = {}  # role -> keyids of the new metadata's signatures
    verified: bool = False  # those signatures were verified; older versions took them as they were
    before: dict[str, Seen] = {}
    after: dict[str, Seen] = {}
    approvals: tuple[dict[str, Any], ...] = ()  # remarks of those who approved; nobody proves what they say
    remarks: tuple[str, ...] = ()  # what somebody insisted on, and the risk that was named

    def signers(self, role: str) -> str:
        """Who signed the new metadata of a role, in words."""
        keyids = self.signed_by.get(role, ())
        if self.verified or not keyids:
            return f"signed by {_keys(keyids) or 'nobody'}"
        return f"lists signatures of {_keys(keyids)}, which were not verified when this was written"

    @property
    def places(self) -> tuple[str, ...]:
        """Each place that differs with both values, of the facts that are kept; a line of an older version has none."""
        groups = [fact.get("changes") for fact in self.facts]
        found = [each for group in groups if isinstance(group, list) for each in group if isinstance(each, dict)]
        return tuple(Change.of_json(each).sentence for each in found if each.keys() & {"before", "after"})

    @property
    def approval_remarks(self) -> tuple[str, ...]:
        """What is said of approvals, in words. The signatures are proved; names, machines and times are not."""
        return tuple(map(self._remark, self.approvals))

    def _remark(self, note: Mapping[str, Any]) -> str:
        by = f" by {shown(str(note['name']))}" if note.get("name") else ""
        where = f" on {shown(str(note['host']))}" if note.get("host") else ""
        keys = f"names {_keys(approvers(note)) or 'no key'}"
        lacking = [
            keyid for keyid in approvers(note) if not (self.verified and keyid in self.signed_by.get("root", ()))
        ]
        proof = f"; no verified signature of {_keys(lacking)} is here" if lacking else ""
        return f"a remark that nobody proves: approved {shown(str(note.get('when', '')))}{by}{where}, {keys}{proof}"


def approvers(note: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keyids that a remark on an approval names, whatever it is made of."""
    signed = note.get("signed_by")
    keyids = signed.get("root") if isinstance(signed, dict) else None
    return tuple(each for each in keyids if isinstance(each, str)) if isinstance(keyids, (list, tuple)) else ()


def _keys(keyids: Sequence[str]) -> str:
    return ", ".join(shown(keyid[:8]) for keyid in keyids)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLine:
    """An entry where it stands."""

    number: int  # from 1
    sha256: str
    entry: RecordEntry


class Record:
    """The record of one working directory; whoever writes to it holds the directory's lock."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        author: Callable[[], Author],
        owner: Callable[[str], str | None],
    ):
        self._store = store
        self._clock = clock
        self._author = author
        self._owner = owner

    def line(
        self,
        act: str,
        before: Mapping[str, Document[Any]],
        after: Mapping[str, Document[Any]],
        *,
        approvals: Sequence[Mapping[str, object]] = (),
        remarks: Sequence[str] = (),
    ) -> str:
        """Return what is to be remembered of a change as the line that would be the next one.

        Args:
            before: the metadata by role as it was.
            after: what is new.
        """
        now, author = self._clock(), self._author()
        facts = review(before, after, now=now)
        told = sentences(facts, owners=self._owners(before.get("root"), after.get("root")))
        last = _lines(_read(self._store))[-1:]
        entry = RecordEntry(
            previous=hashlib.sha256(last[0]).hexdigest() if last else "",
            when=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            act=act,
            name=author.name,
            host=author.host,
            program=author.program,
            program_sha256=author.program_sha256,
            command=author.command,
            warnings=tuple(each.text for each in told if each.warning),
            sentences=tuple(each.text for each in told if not each.warning),
            facts=tuple(fact.as_json() for fact in facts[:FACTS_KEPT]),
            facts_left_out=max(0, len(facts) - FACTS_KEPT),
            signed_by=verified_signers(before, after),
            verified=True,
            before=_seen({role: document for role, document in before.items() if role in after}),
            after=_seen(after),
            approvals=tuple(dict(each) for each in approvals),
            remarks=tuple(remarks),
        )
        return msgspec.json.encode(entry).decode()

    def append(
        self,
        act: str,
        before: Mapping[str, Document[Any]],
        after: Mapping[str, Document[Any]],
        *,
        remarks: Sequence[str] = (),
    ) -> dict[str, Any]:
        """Remember something that was done without a commit; return its entry."""
        line = self.line(act, before, after, remarks=remarks)
        append_line(self._store, line)
        entry: dict[str, Any] = msgspec.json.decode(line)
        return entry

    def read(self) -> tuple[RecordLine, ...]:
        """Return every line; raises as `read_record`."""
        return read_record(self._store)

    def last(self) -> RecordEntry | None:
        """Return the last line, None where there is none; the chain before it is not looked at.

        Raises:
            RecordBroken: it is no entry.
        """
        lines = _lines(_read(self._store))
        try:
            return decode_json(lines[-1], RecordEntry) if lines else None
        except Undecodable as error:
            raise RecordBroken(f"is no entry: {error}", line=len(lines)) from None

    def _owners(self, *roots: Document[Any] | None) -> dict[str, str]:
        keyids = [keyid for root in roots if root is not None for keyid in root.signed.keys]
        return {keyid: owner for keyid in keyids if (owner := self._owner(keyid)) is not None}


def append_line(store: Store, line: str) -> None:
    """Make sure that the record ends in this line.

    The record is written anew as a whole, for a store has no other way that a crash can't tear.
    """
    data = _read(store)
    if _lines(data)[-1:] == [line.encode()]:
        return
    ended = data if data.endswith(b"\n") or not data else data + b"\n"
    store.write(layout.RECORD, ended + line.encode() + b"\n")


def read_record(store: Store) -> tuple[RecordLine, ...]:
    """Return the record after looking whether each line follows the one before it.

    Raises:
        RecordBroken: a line is no entry, or follows another line than the one that stands before it.
    """
    previous, found = "", []
    for number, data in enumerate(_lines(_read(store)), 1):
        try:
            entry = decode_json(data, RecordEntry)
        except Undecodable as error:
            raise RecordBroken(f"is no entry: {error}", line=number) from None
        if entry.previous != previous:
            fault = f"follows a line with sha256 {entry.previous[:16] or '(none)'}, the one before has {previous[:16]}"
            raise RecordBroken(fault if previous else "is not the first line that was written", line=number)
        previous = hashlib.sha256(data).hexdigest()
        found.append(RecordLine(number=number, sha256=previous, entry=entry))
    return tuple(found)


def _seen(documents: Mapping[str, Document[Any]]) -> dict[str, Seen]:
    return {role: Seen(version=document.version, sha256=document.sha256) for role, document in documents.items()}


def _read(store: Store) -> bytes:
    try:
        return store.read(layout.RECORD)
    except ObjectMissing:
        return b""


def _lines(data: bytes) -> list[bytes]:
    return [line for line in data.split(b"\n") if line]
