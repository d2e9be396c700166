"""No private key lies where a server would serve it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from tufkeep.errors import TufkeepError
from tufkeep.keys.material import PrivateMaterial, Unlooked
from tufkeep.keys.material.look import look_into
from tufkeep.metadata.filenames import stored_paths
from tufkeep.stores import StoreFault
from tufkeep.watch.examined import Examined, Fault
from tufkeep.watch.finding import Check
from tufkeep.workspace import layout
from tufkeep.workspace.no_keys import target_is_meant

_WORKERS = 4
_AT_ONCE = 1024  # files under way, so that a million need no more memory than these


def look(examined: Examined) -> Iterator[Fault]:
    """Search each file of repository/, and the archives among them; what could not be searched is one finding."""
    passed = _passed(examined)
    unlooked: list[Unlooked] = []
    for one in _search(examined, (name for name in examined.entries if name not in passed)):
        if isinstance(one, PrivateMaterial):
            yield Fault(subject=one.name, fact=f"contains {one.form}")
        else:
            unlooked.append(one)
    if unlooked:
        more = f" and {len(unlooked) - 1:,} more" if len(unlooked) > 1 else ""
        fact = f"{unlooked[0].reason}, so it was not searched for private keys"
        yield Fault(subject=unlooked[0].name + more, fact=fact, kind="unlooked", warning=True)


def _search(examined: Examined, names: Iterator[str]) -> Iterator[PrivateMaterial | Unlooked]:
    def search(name: str) -> Iterable[PrivateMaterial | Unlooked]:
        try:
            return look_into(examined.store, name)
        except StoreFault:
            return ()  # other checks speak of files that can't be read

    with ThreadPoolExecutor(_WORKERS) as workers:
        while group := list(islice(names, _AT_ONCE)):
            for found in workers.map(search, group):
                yield from found


def _passed(examined: Examined) -> set[str]:
    """Return the files that need no search: the second name of an artifact, and a key that is meant for everybody.

    That a second name has the same bytes, another check looks at.
    """
    passed: set[str] = set()
    for role in examined.targets_roles:
        for path in role.document.signed.targets if role.document is not None else ():
            assert role.document is not None
            try:
                target = role.document.signed.targets[path]
                names = stored_paths(target, consistent_snapshot=examined.consistent)
            except TufkeepError:
                continue
            there = [name for each in names if (name := layout.REPOSITORY_TARGETS + each) in examined.entries]
            passed.update(there if target_is_meant(target) else there[1:])
    return passed


CHECK = Check(
    id="private-keys",
    sentence="no private key is in repository/",
    look=look,
)
