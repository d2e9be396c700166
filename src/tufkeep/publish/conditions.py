"""Whether a remote keeps conditional writes: asked once, then remembered."""

from __future__ import annotations

from contextlib import suppress

from tufkeep.metadata.filenames import OWN
from tufkeep.publish.base import LastSeen
from tufkeep.publish.remote import Remote
from tufkeep.stores import StoreFault
from tufkeep.stores.conditions import Conditions, find_conditions
from tufkeep.stores.object import ObjectStore

_KEPT = Conditions(create=True, unchanged=True)


def conditions_of(remote: Remote, base: LastSeen | None) -> Conditions:
    """Return which conditions hold, and tell the store: its locks depend on them.

    Args:
        base: where an earlier answer is kept.
    """
    if not isinstance(remote.store, ObjectStore):
        return _KEPT  # our own stores, which tests/contract holds to it
    found = _said(remote) or (base.conditions if base is not None else None)
    if found is None:
        found = find_conditions(remote.store, folder=OWN)
        if base is not None:
            with suppress(StoreFault):  # a directory that takes no note asks again next time
                base.remember(found)
    remote.store.conditions = found.kept
    return found


def _said(remote: Remote) -> Conditions | None:
    """What tufkeep.toml says of it."""
    if remote.policy.conditions == "ask":
        return None
    kept = remote.policy.conditions == "kept"
    return Conditions(create=kept, unchanged=kept)
