"""What lies in repository/ is there for clients."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tufkeep.metadata.filenames import parse_metadata_name, split_prefixed
from tufkeep.stores.errors import spoken
from tufkeep.watch.examined import Examined, Fault
from tufkeep.watch.finding import Check
from tufkeep.workspace import layout

# What killed writers leave: go-tuf's root.json1234567, editors' copies, half downloads.
_LEFTOVER = re.compile(r"\.json[0-9]+$|\.(tmp|temp|part|partial|bak|swp|orig)$|~$", re.IGNORECASE)


def look(examined: Examined) -> Iterator[Fault]:
    """Name oddities and leftovers one by one; artifacts that nothing lists are one finding, for a history is long."""
    for odd in examined.odd:
        yield Fault(subject=spoken(odd.name), fact=odd.fact, kind="odd", about={"file": odd.name}, error=odd)
    listed = {path for each in examined.targets_roles if each.document for path in each.document.signed.targets}
    unlisted = []
    for name in examined.entries:
        if name.startswith(layout.REPOSITORY_TARGETS):
            if not _is_listed(name.removeprefix(layout.REPOSITORY_TARGETS), listed):
                unlisted.append(name)
        elif not _is_metadata(name.removeprefix(layout.REPOSITORY), examined.roles):
            fact = "is a leftover of a killed writer" if _LEFTOVER.search(name) else "is no file of a repository"
            yield Fault(subject=name, fact=fact, kind="file", about={"file": name}, warning=True)
    if unlisted and examined.targets is not None:
        more = f" and {len(unlisted) - 1:,} more" if len(unlisted) > 1 else ""
        yield Fault(subject=unlisted[0] + more, fact="is served, and nothing lists it", warning=True)


def _is_metadata(stored: str, roles: frozenset[str]) -> bool:
    """Whether a file is some version of a role; of one that is not known here, where go-tuf would take it for one."""
    found = parse_metadata_name(stored)
    return found is not None and ("/" not in stored or found.role in roles)


def _is_listed(stored: str, listed: set[str]) -> bool:
    """Whether a file is an artifact of a listed path, be it of an earlier version that slow clients still fetch."""
    split = split_prefixed(stored)
    return stored in listed or (split is not None and split[0] in listed)


CHECK = Check(
    id="stray-files",
    sentence="everything in repository/ is there for clients",
    look=look,
)
