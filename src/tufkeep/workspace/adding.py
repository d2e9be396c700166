"""Files that an `add` brings to staged/targets before any metadata lists them: noted first, so that they block nobody.

An `add` that fails takes them away again. One that was killed leaves them, and its note: they are nobody's then, the
next commit removes them as `clean` does, and the same `add` typed again lists them. A file that a person put there is
in no note, and no commit loses it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec

from tufkeep.decoding import Undecodable, decode_json
from tufkeep.stores import ObjectMissing, Store
from tufkeep.workspace import layout
from tufkeep.workspace.artifacts import Source


def left_by_add(store: Store) -> frozenset[str]:
    """Return the target paths that an `add` was bringing and has not listed; a damaged note says nothing."""
    try:
        return frozenset(decode_json(store.read(layout.ADDING), list[str]))
    except (ObjectMissing, Undecodable):
        return frozenset()


class Adding:
    """What one change brings to staged/targets."""

    def __init__(self, store: Store):
        self._store = store
        self._brought: set[str] = set()

    def begin(self, sources: Sequence[Source]) -> None:
        """Note the files that are not there yet, before the first of them is."""
        left = left_by_add(self._store)
        copied = [source.path for source in sources if source.file is not None]
        self._brought |= {path for path in copied if path in left or self._store.stat(_name(path)) is None}
        if not self._brought <= left:
            _note(self._store, left | self._brought)

    def done(self, listed: Collection[str]) -> None:
        """Forget those that are listed now."""
        self._forget({path for path in left_by_add(self._store) if path in listed})

    def undo(self) -> None:
        """Take away what was brought: the change has failed."""
        for path in self._brought:
            self._store.delete(_name(path))
        self._forget(self._brought)

    def _forget(self, paths: Collection[str]) -> None:
        left = left_by_add(self._store)
        if left and left - set(paths) != left:
            _note(self._store, left - set(paths))


def _name(path: str) -> str:
    return layout.STAGED_TARGETS + path


def _note(store: Store, paths: Collection[str]) -> None:
    if paths:
        store.write(layout.ADDING, msgspec.json.encode(sorted(paths)))
    else:
        store.delete(layout.ADDING)
