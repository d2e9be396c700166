"""Every metadata file that clients ask for is there, in a form that can be read."""

from __future__ import annotations

from collections.abc import Iterator

from tufkeep.metadata.filenames import asked_name, parse_metadata_name
from tufkeep.watch.examined import Examined, Fault
from tufkeep.watch.finding import Check
from tufkeep.workspace import layout


def look(examined: Examined) -> Iterator[Fault]:
    """Name what is missing, what can't be read, what holds another version than its name says."""
    if examined.root is None and not examined.faults:
        yield Fault(subject=layout.committed("root"), fact="is missing")
    elif examined.root is not None:
        yield from _missing(examined)
    yield from examined.faults
    for version, root in examined.roots.items():
        if root.version != version:
            yield Fault(subject=layout.committed("root", version), fact=f"holds version {root.version}")


def _missing(examined: Examined) -> Iterator[Fault]:
    asked = [layout.committed("timestamp")]
    if examined.timestamp is not None:
        asked.append(examined.versioned("snapshot", examined.timestamp.signed.snapshot_meta.version))
    if examined.snapshot is not None:
        asked += [each.name for each in examined.targets_roles]
    for name in dict.fromkeys(asked):
        if name not in examined.entries:
            encoded = _encoded(name)
            kind = "encoded" if encoded in examined.entries else ""
            about = {"file": name, "encoded": encoded}
            yield Fault(subject=name, fact="is missing; clients ask for it", kind=kind, about=about)


def _encoded(name: str) -> str:
    """Return the name as it is in a URL, under which some programs store the file."""
    found = parse_metadata_name(name.removeprefix(layout.REPOSITORY))
    return layout.REPOSITORY + asked_name(*found) if found else name


CHECK = Check(
    id="readable",
    sentence="every metadata file that clients ask for is there and can be read",
    look=look,
)
