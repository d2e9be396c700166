"""No killed writer of a key file left a copy of it."""

from __future__ import annotations

from collections.abc import Iterator

from tufkeep.watch.examined import Examined, Fault
from tufkeep.watch.finding import Check
from tufkeep.workspace import layout


def look(examined: Examined) -> Iterator[Fault]:
    """Name the temporary files in keys/ that nobody is writing."""
    for name in examined.keyring.leftovers() if examined.keyring else ():
        fact = "was left by a writer of a key file that was killed"
        yield Fault(subject=layout.KEYS + name, fact=fact, about={"file": layout.KEYS + name}, warning=True)


CHECK = Check(
    id="key-leftovers",
    sentence="no killed writer left a copy of a key file",
    look=look,
)
