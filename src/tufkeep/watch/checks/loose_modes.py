"""Nobody but their owner can get at the key files."""

from __future__ import annotations

from collections.abc import Iterator

from tufkeep.keys.modes import LooseMode
from tufkeep.watch.examined import Examined
from tufkeep.watch.finding import Check, Fault
from tufkeep.workspace import layout


def look(examined: Examined) -> Iterator[Fault]:
    """Tell what the keyring warns of, all files as one finding; without a keyring there are no keys to lose."""
    loose = examined.keyring.warnings() if examined.keyring else ()
    for folder in (each for each in loose if each.name == "."):
        yield Fault(subject=layout.KEYS, fact=_fact(folder), hint=f"chmod {folder.wanted:o} keys", warning=True)
    files = [each for each in loose if each.name != "."]
    if files:
        more = f" and {len(files) - 1:,} more" if len(files) > 1 else ""
        hint = f"chmod {files[0].wanted:o} {layout.KEYS}{'*' if more else files[0].name}"
        yield Fault(subject=layout.KEYS + files[0].name + more, fact=_fact(files[0]), hint=hint, warning=True)


def _fact(loose: LooseMode) -> str:
    return f"mode {loose.found:04o} lets others in, {loose.wanted:04o} would not"


CHECK = Check(
    id="loose-modes",
    sentence="nobody but their owner can get at the key files",
    hint="chmod 700 keys; chmod 600 keys/*",
    look=look,
)
