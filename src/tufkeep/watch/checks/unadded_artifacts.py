"""Each file under staged/targets is in the staged change."""

from __future__ import annotations

from collections.abc import Iterator

from tufkeep.watch.examined import Examined, Fault
from tufkeep.watch.finding import Check
from tufkeep.workspace import State, UnreadableMetadata, layout
from tufkeep.workspace.adding import left_by_add


def look(examined: Examined) -> Iterator[Fault]:
    """Name what the next commit would stop at: a file that nobody added."""
    try:
        current = State(examined.store).current("targets")
    except UnreadableMetadata:
        return
    listed = current.signed.targets if current is not None else {}
    left = left_by_add(examined.store)
    for entry in examined.store.list(layout.STAGED_TARGETS):
        path = entry.name.removeprefix(layout.STAGED_TARGETS)
        if path not in listed and not layout.is_litter(entry.name):
            cut_off = path in left
            fact = "was left by an add that was cut off" if cut_off else "is in no staged targets metadata"
            kind = "cut-off" if cut_off else ""
            yield Fault(subject=entry.name, fact=fact, kind=kind, about={"file": entry.name}, warning=True)


CHECK = Check(
    id="unadded-artifacts",
    sentence="each file under staged/targets is part of the staged change",
    look=look,
)
