"""Something in metadata that clients out there do not read, and all of one kind as one sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tufkeep.errors import TrustRefused
from tufkeep.metadata.clients import Happens, Reading, Trait, concerned


@dataclass(frozen=True, slots=True, kw_only=True)
class Misread:
    """One thing that some clients out there do not read."""

    trait: Trait
    clients: tuple[str, ...]
    happens: Happens
    subject: str  # the same in the next version of the file, if the thing is
    fact: str

    @property
    def whole_file(self) -> bool:
        """Whether these clients are stopped altogether."""
        return self.happens is Happens.UNREADABLE

    @property
    def sentence(self) -> str:
        """What is the matter, and with whom."""
        return f"{self.fact}; {self.happens.value} by {', '.join(self.clients)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MisreadKind:
    """All that is of one kind, as one sentence."""

    found: tuple[Misread, ...]

    @property
    def subject(self) -> str:
        more = f" and {len(self.found) - 1:,} more" if len(self.found) > 1 else ""
        return f"{self.found[0].subject}{more}"

    @property
    def fact(self) -> str:
        return self.found[0].sentence

    @property
    def sentence(self) -> str:
        return f"{self.subject}: {self.fact}"

    @property
    def each(self) -> tuple[str, ...]:
        """A line for every one of them; none where the sentence says it all."""
        return tuple(f"{each.subject}: {each.fact}" for each in self.found) if len(self.found) > 1 else ()


class UnreadableByClients(TrustRefused):
    """A file that a client out there would refuse as a whole, by what tufkeep.toml says which clients there are."""

    exit_code = 22

    def __init__(self, found: Misread):
        super().__init__(f"{found.subject} {found.sentence}")
        self.trait, self.clients = found.trait.id, found.clients


def by_kind(found: Iterable[Misread]) -> tuple[MisreadKind, ...]:
    """Return what was found, one for each kind and the clients that it concerns."""
    kinds: dict[tuple[str, Happens, tuple[str, ...]], list[Misread]] = {}
    for each in found:
        kinds.setdefault((each.trait.id, each.happens, each.clients), []).append(each)
    return tuple(MisreadKind(found=tuple(each)) for each in kinds.values())


def found(
    trait: Trait,
    declared: Sequence[str],
    subject: str,
    fact: str,
    *,
    when: Callable[[Reading], bool] = lambda reading: True,
) -> Iterator[Misread]:
    """Yield a thing once for each way in which clients fail on it, where any of them does."""
    ways: dict[Happens, list[str]] = {}
    for client, reading in concerned(trait, declared):
        if when(reading):
            ways.setdefault(reading.happens, []).append(client)
    for happens, names in ways.items():
        yield Misread(trait=trait, clients=tuple(names), happens=happens, subject=subject, fact=fact)


def can_not_ask(name: str, reading: Reading) -> bool:
    """Whether a client can't ask for this name."""
    return reading.fails is not None and reading.fails.search(name) is not None
