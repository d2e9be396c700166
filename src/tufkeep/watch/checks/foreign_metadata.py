"""No file lies beside the metadata that go-tuf would take for metadata."""

from __future__ import annotations

from collections.abc import Iterator

from tufkeep.metadata.filenames import parse_metadata_name
from tufkeep.watch.examined import Examined, Fault
from tufkeep.watch.finding import Check
from tufkeep.workspace import layout


def look(examined: Examined) -> Iterator[Fault]:
    """Name each .json file without a version in its name that is no role of this repository.

    go-tuf reads every such file as a delegated role, and its commit then stops because the
    snapshot does not list it.
    """
    for name in examined.entries:
        found = parse_metadata_name(name.removeprefix(layout.REPOSITORY))
        if found is not None and found.version is None and "/" not in found.role and found.role not in examined.roles:
            yield Fault(subject=name, fact="is no metadata of this repository", warning=True)


CHECK = Check(
    id="foreign-metadata",
    sentence="no other .json file is beside the metadata, where go-tuf would take it for metadata",
    look=look,
)
