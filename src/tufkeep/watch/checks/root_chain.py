"""A client on any root version reaches the newest one."""

from __future__ import annotations

from collections.abc import Iterator

from tufkeep.metadata.chain import RootChainBroken, walk
from tufkeep.watch.examined import Examined, Fault
from tufkeep.watch.finding import Check
from tufkeep.workspace import layout


def look(examined: Examined) -> Iterator[Fault]:
    """Take each step of the chain once: where every step holds, every walk does."""
    roots = examined.roots
    if not roots:
        if examined.root is not None:
            name = layout.committed("root", examined.root.version)
            yield Fault(subject=name, fact="is missing; clients look for the next root under such a name")
        return
    broken: set[int] = set()
    for version in roots:
        try:
            walk({each: roots[each] for each in (version, version + 1) if each in roots}, version)
        except RootChainBroken as error:
            if error.version not in broken:
                yield Fault(subject=layout.committed("root", error.version), fact=error.fact, error=error)
            broken.add(error.version)
        if version + 1 not in roots and version != max(roots):
            fact = f"is missing: an agent that trusts v{version} never sees v{max(roots)}"
            yield Fault(subject=layout.committed("root", version + 1), fact=fact)
    yield from _lost_beginning(min(roots))


def _lost_beginning(first: int) -> Iterator[Fault]:
    if first > 1:
        lost = "v1" if first == 2 else f"v1 to v{first - 1}"
        yield Fault(
            subject=layout.committed("root", first),
            fact=f"is the first root here; an agent that trusts {lost} can't follow unless another server has them",
            warning=True,
        )


CHECK = Check(
    id="root-chain",
    sentence="an agent on any root version reaches the newest one",
    look=look,
)
