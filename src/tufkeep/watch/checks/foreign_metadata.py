"""No file lies beside the metadata that go-tuf would take for metadata."""

from __future__ import annotations

from collections.abc import Iterator

from tufkeep.watch.examined import Examined
from tufkeep.watch.finding import Check, Fault
from tufkeep.workspace import layout


def look(examined: Examined) -> Iterator[Fault]:
    """Name each .json file without a version in its name that is no role of this repository.

    go-tuf reads every such file as a delegated role, and its commit then stops because the
    snapshot does not list it.
    """
    for name in examined.entries:
        if name.count("/") == 1 and name.endswith(".json") and not layout.is_litter(name):
            plain = not name.removeprefix(layout.REPOSITORY)[0].isdigit()
            if plain and name not in examined.known_metadata:
                yield Fault(subject=name, fact="is no metadata of this repository", warning=True)


CHECK = Check(
    id="foreign-metadata",
    sentence="no other .json file is beside the metadata, where go-tuf would take it for metadata",
    look=look,
)
