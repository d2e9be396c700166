"""Each key file holds a key that root lists."""

from __future__ import annotations

from collections.abc import Iterator

from tufkeep.keys.naming import role_named
from tufkeep.watch.examined import Examined, Fault, listed_keyids
from tufkeep.watch.finding import Check
from tufkeep.workspace import layout
from tufkeep.workspace.unfinished import made_keys


def look(examined: Examined) -> Iterator[Fault]:
    """Name key files that sign for nobody, and files in keys/ that are none.

    Keys of older roots are spoken of as such: the last rotation may still need them elsewhere. Those that an unfinished
    operation has made will be listed when it is finished.
    """
    now, ever = listed_keyids(examined)
    now |= made_keys(examined.store)
    for file in examined.keyring.files() if examined.keyring else ():
        name = layout.KEYS + file.name
        if file.fault is not None:
            yield Fault(subject=name, fact=f"is no key file: {file.fault}", kind="unreadable", warning=True)
        elif file.keyids and now.isdisjoint(file.keyids):
            old = not ever.isdisjoint(file.keyids)
            fact = "was rotated out; no root lists it any more" if old else "is listed by no root"
            role = role_named(file.name, "")
            kind = "old" if old else "" if role else "unnamed"
            about = {"file": name, "role": role}
            yield Fault(subject=name, fact=f"key {file.keyids[0][:8]} {fact}", kind=kind, about=about, warning=True)


CHECK = Check(
    id="unlisted-keys",
    sentence="each key file contains a key that root lists",
    look=look,
)
