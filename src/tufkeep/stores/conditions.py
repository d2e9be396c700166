"""Whether a store keeps conditions: asked of the store itself, with an object made for the purpose.

Some servers take a conditional write, ignore the condition and answer that all is well. Two releasers would then roll
each other back without a word.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from secrets import token_hex

from tufkeep.stores.errors import ObjectChanged, ObjectExists, StoreFault
from tufkeep.stores.store import CREATE, Store, Unchanged


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Which conditions a store keeps."""

    create: bool  # a taken name is refused
    unchanged: bool  # another's bytes are not written over, one's own are

    @property
    def kept(self) -> bool:
        return self.create and self.unchanged


def find_conditions(store: Store, *, folder: str) -> Conditions:
    """Find out by writing, and removing, one small object.

    Raises:
        StoreFault: the store can't be written at all.
    """
    name = f"{folder.rstrip('/')}/probe-{token_hex(8)}"
    first = store.write(name, b"first", condition=CREATE)
    try:
        create = _refuses(lambda: store.write(name, b"again", condition=CREATE))
        second = store.write(name, b"second", condition=Unchanged(store.read_tagged(name)[1]))
        stale = _refuses(lambda: store.write(name, b"stale", condition=Unchanged(first)))
        # A server may refuse every condition; then nothing could be published at all.
        unchanged = stale and second == store.read_tagged(name)[1]
        return Conditions(create=create, unchanged=unchanged)
    finally:
        with suppress(StoreFault):
            store.delete(name)


def _refuses(write: Callable[[], object]) -> bool:
    try:
        write()
    except (ObjectExists, ObjectChanged):
        return True
    return False
