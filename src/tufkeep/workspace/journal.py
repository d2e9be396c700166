"""The commit journal: what a commit will do, written before it does any of it.

The journal is the commit point. Before it stands, staged/ and repository/ are as they were; once
it stands, the commit has happened and whoever comes next finishes it. Each step may be done again:
a copy is made again from staged/, a move whose source is gone was done already. What the steps read
is removed by the last ones, so nothing is lost between two of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal

import msgspec

from tufkeep.decoding import Undecodable, decode_json
from tufkeep.errors import WorkspaceError
from tufkeep.stores import ObjectMissing, Store
from tufkeep.stores.errors import spoken
from tufkeep.workspace import layout
from tufkeep.workspace.record import append_line


class DamagedJournal(WorkspaceError):
    """The journal of an interrupted commit can't be followed to its end."""

    exit_code = 14

    def __init__(self, reason: str):
        super().__init__(f"an interrupted commit can't be finished: {reason}")
        self.reason = reason


class CommitStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One thing that a commit does; doing it twice is doing it once."""

    do: Literal["copy", "move", "link", "delete"]
    name: str  # what is there, or gone, afterwards
    source: str = ""
    sha256: str = ""  # of a copy: metadata is small, and the last look before agents see it


# What a commit touches, and nothing else: a journal may come with a folder that somebody else has
# prepared, and must not move a private key to where a web server serves it.
_TOUCHED = (layout.STAGED, layout.REPOSITORY, layout.PULLED)


class Journal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The steps of one commit, in the one order that agents may watch."""

    steps: tuple[CommitStep, ...]
    version: Literal[1] = 1  # of this format
    record: str = ""  # the line that the record ends in once this is done

    def encode(self) -> bytes:
        return msgspec.json.encode(self)


def write_journal(store: Store, journal: Journal) -> None:
    """Write the journal: from here on the commit has happened."""
    store.write(layout.JOURNAL, journal.encode())


def read_journal(store: Store) -> Journal | None:
    """Return the journal of a commit that was interrupted, None when there is none.

    Raises:
        DamagedJournal: it is not one of ours, or would touch what no commit touches.
    """
    try:
        data = store.read(layout.JOURNAL)
    except ObjectMissing:
        return None
    try:
        journal = decode_json(data, Journal)
    except Undecodable as error:
        raise DamagedJournal(str(error)) from None
    for name in (name for step in journal.steps for name in (step.name, step.source)):
        if name and name not in (layout.BASE, layout.ADDING) and not name.startswith(_TOUCHED):
            raise DamagedJournal(f"it would touch {spoken(name)}, as no commit does")
    return journal


def follow(store: Store, journal: Journal, *, proved: Mapping[str, bytes] = MappingProxyType({})) -> None:
    """Do every step of the journal, put its line into the record, then forget it.

    Artifacts may come in any order, for nothing refers to them yet; metadata is written one file
    after the other, for agents may be reading.

    Args:
        proved: metadata that this process holds still, by sha256; it is not read again.

    Raises:
        DamagedJournal: a step's source is gone, or holds other bytes than were proved.
    """
    artifacts = [step for step in journal.steps if step.do in ("move", "link")]
    with store.batch() as batch:
        for step in artifacts:
            _place(batch, step)
    for step in journal.steps:
        if step.do == "copy":
            _copy(store, step, proved)
    if journal.record:
        append_line(store, journal.record)
    with store.batch() as batch:
        for name in _leftovers(journal):
            batch.delete(name)
    store.delete(layout.JOURNAL)


def _place(store: Store, step: CommitStep) -> None:
    try:
        if step.do == "move":
            store.move(step.source, step.name)
        else:
            store.copy(step.source, step.name, shared=True)  # hash-prefixed names, each for the same bytes
    except ObjectMissing:
        if store.stat(step.name) is None:
            raise DamagedJournal(f"{step.source} is gone") from None


def _copy(store: Store, step: CommitStep, proved: Mapping[str, bytes]) -> None:
    data = proved.get(step.sha256) or _proved(store, step.source, step.sha256)
    if data is not None:
        store.write_stream(step.name, (data,))  # and not `write`, whose tag costs one more hash of all of it
    elif _proved(store, step.name, step.sha256) is None:  # else an earlier run had come to its end here
        raise DamagedJournal(f"{step.source} is not what was proved")


def _proved(store: Store, name: str, sha256: str) -> bytes | None:
    try:
        data = store.read(name)
    except ObjectMissing:
        return None
    return data if hashlib.sha256(data).hexdigest() == sha256 else None


def _leftovers(journal: Journal) -> Iterator[str]:
    """What the commit has made needless: artifacts no longer listed, then the staged files."""
    yield from (step.name for step in journal.steps if step.do == "delete")
