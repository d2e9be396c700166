"""Operations that may be interrupted: each noted before its first step, so that it can be finished or abandoned.

An operation is one file. It is written before anything else happens, again after each step, and its deletion is
the last step. Who finds it knows what was begun, by whom and since when; the command that began it goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeVar

import msgspec

from tufkeep.decoding import Undecodable, decode_json
from tufkeep.errors import WorkspaceError
from tufkeep.stores import ObjectMissing, Store
from tufkeep.workspace import layout
from tufkeep.workspace.operations import KINDS, Note, Unfinished

if TYPE_CHECKING:
    from tufkeep.workspace.working_directory import WorkingDirectory

ALL_TAKEN: Final = "*"  # beside the steps of a ceremony: there are no others


class OperationUnfinished(WorkspaceError):
    """Another operation was begun here; it must be finished or abandoned first."""

    exit_code = 19

    def __init__(self, unfinished: Unfinished):
        super().__init__(unfinished.sentence)
        self.unfinished = unfinished


class StagedInTheWay(WorkspaceError):
    """A change is staged that the operation would commit along with its own."""

    exit_code = 19

    def __init__(self, roles: tuple[str, ...]):
        super().__init__(f"a change of {', '.join(roles)} is staged already")
        self.roles = roles


class DamagedNote(WorkspaceError):
    """The note of an unfinished operation can't be read."""

    exit_code = 14

    def __init__(self, name: str, reason: str, *, unfinished: Unfinished):
        super().__init__(f"{name}: the note of an unfinished operation can't be read: {reason}")
        self.name, self.reason, self.unfinished = name, reason, unfinished


N = TypeVar("N", bound=Note)
T = TypeVar("T")


def begun(store: Store, kind: type[N]) -> N | None:
    """Return the note of an operation that is not finished; None where there is none.

    Raises:
        DamagedNote: it is there and can't be read.
    """
    return _read(store, kind.file, kind, operation=kind.operation)


def begin(workspace: WorkingDirectory, note: N) -> N:
    """Write the note of an operation before its first step; return it with who began it and when.

    Raises:
        OperationUnfinished: another one must be finished or abandoned first.
        StagedInTheWay: a change is staged that would be mixed with it.
        ClockDoubted: the clock can hardly be right.
    """
    workspace.require_likely_clock()
    require_none(workspace.store, other_than=note.operation, beside=note.beside)
    if note.alone and workspace.state.staged_roles:
        raise StagedInTheWay(workspace.state.staged_roles)
    author = workspace.author()
    since = f"{workspace.clock():%Y-%m-%dT%H:%M:%SZ}"
    return advance(workspace.store, msgspec.structs.replace(note, since=since, by=author.name or author.host))


def require_none(store: Store, *, other_than: str = "", beside: frozenset[str] = frozenset()) -> None:
    """Stop where an operation is unfinished that nothing else may be mixed with.

    Raises:
        OperationUnfinished: there is one.
    """
    for found in unfinished(store):
        if found.blocks and found.operation not in {other_than, *beside}:
            raise OperationUnfinished(found)


def advance(store: Store, note: N) -> N:
    """Write how far an operation is now; return the note."""
    store.write(note.file, msgspec.json.encode(note))
    return note


def done(store: Store, kind: type[Note]) -> None:
    """Say that an operation is finished."""
    store.delete(kind.file)


def unfinished(store: Store) -> tuple[Unfinished, ...]:
    """Return every operation that was begun and not finished; one whose note is damaged, too."""
    return (*_operations(store), *_ceremonies(store))


def made_keys(store: Store) -> set[str]:
    """Return the keyids of the keys that unfinished operations have made."""
    made: set[str] = set()
    for kind in KINDS:
        with suppress(DamagedNote):
            note = begun(store, kind)
            made.update(note.made if note is not None else ())
    return made


def ceremony(name: str) -> str:
    """Return the operation that a ceremony is."""
    return f"ceremony {name}"


def taken_steps(store: Store) -> dict[str, dict[str, str]]:
    """Return which steps of each ceremony people said were taken, and when: ceremony -> step -> time.

    Raises:
        DamagedNote: the note can't be read.
    """
    kind: type[dict[str, dict[str, str]]] = dict[str, dict[str, str]]
    return _read(store, layout.CEREMONIES, kind, operation="ceremony", blocks=False) or {}


def write_taken_steps(store: Store, taken: Mapping[str, Mapping[str, str]]) -> None:
    """Write which steps of each ceremony were taken; whoever does holds the directory's lock."""
    store.write(layout.CEREMONIES, msgspec.json.encode(taken))


def _operations(store: Store) -> Iterator[Unfinished]:
    for kind in KINDS:
        try:
            note = begun(store, kind)
        except DamagedNote as error:
            yield error.unfinished
        else:
            if note is not None:
                yield note.unfinished


def _ceremonies(store: Store) -> Iterator[Unfinished]:
    try:
        found = taken_steps(store)
    except DamagedNote as error:
        yield error.unfinished
        return
    for name, taken in found.items():
        if taken and ALL_TAKEN not in taken:
            since = min((when for when in taken.values() if when), default="")
            words = ceremony(name)
            yield Unfinished(operation=words, what=f"the {words}", since=since, finish=words, blocks=False)


def _read(store: Store, name: str, kind: type[T], *, operation: str, blocks: bool = True) -> T | None:
    try:
        return decode_json(store.read(name), kind)
    except ObjectMissing:
        return None
    except Undecodable as error:
        found = Unfinished(operation=operation, what=f"'{operation}'", damage=str(error), blocks=blocks)
        raise DamagedNote(name, str(error), unfinished=found) from None
