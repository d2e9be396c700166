"""Facts as the sentences that people read before they sign, warnings first.

A few targets are named one by one; thousands are counted by folder. Each sentence has the details behind it: every
place with both values, whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from tufkeep.metadata.review.fact import NOBODY, Fact, Owners, size
from tufkeep.metadata.review.target_facts import TargetAdded, TargetEntryChanged, TargetRemoved, TargetReplaced
from tufkeep.metadata.shown import shown, shown_exactly

_NAMED_ONE_BY_ONE = 12  # targets of one role; more would not fit beside the rest of the change on one screen
_FOLDERS = 12

_TARGET_FACTS = (TargetAdded, TargetReplaced, TargetEntryChanged, TargetRemoved)
_TargetFact = TargetAdded | TargetReplaced | TargetEntryChanged | TargetRemoved
_VERBS: dict[type[Fact], str] = {
    TargetAdded: "adds",
    TargetReplaced: "replaces",
    TargetEntryChanged: "changes what is said of",
    TargetRemoved: "removes",
}


class Details(Collection[str]):
    """The lines behind a sentence: all that it counts or shortens, made when they are read."""

    def __init__(self, facts: Sequence[Fact] = (), owners: Owners = NOBODY, *, counted: bool = False):
        """Take the facts of a sentence.

        Args:
            counted: the sentence only counts the facts, so that each is said here.
        """
        self._facts, self._owners, self._counted = facts, owners, counted

    def __len__(self) -> int:
        return sum(len(fact.changes) + self._counted for fact in self._facts)

    def __iter__(self) -> Iterator[str]:
        for fact in self._facts:
            if self._counted:
                yield fact.sentence(self._owners)
            yield from (f"{'  ' * self._counted}{change.sentence}" for change in fact.changes)

    def __contains__(self, line: object) -> bool:
        return any(line == each for each in self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Details) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))


_NOTHING = Details()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One line of a review, with the lines that say all of it."""

    text: str
    warning: bool = False
    details: Details = _NOTHING

    @property
    def marked(self) -> str:
        """The text, a warning said to be one."""
        return f"warning: {self.text}" if self.warning else self.text


def whole(told: Iterable[Sentence]) -> tuple[str, ...]:
    """Return each sentence with its details below it, as letters and pages have them."""
    return tuple(line for each in told for line in (each.marked, *(f"    {detail}" for detail in each.details)))


def sentences(facts: Iterable[Fact], *, owners: Owners = NOBODY) -> tuple[Sentence, ...]:
    """Return the lines of a review, warnings first, else in the order of the facts.

    Args:
        owners: who holds a key, by keyid.
    """
    lines = tuple(_lines(facts, owners))
    return (*(line for line in lines if line.warning), *(line for line in lines if not line.warning))


def _lines(facts: Iterable[Fact], owners: Owners) -> Iterator[Sentence]:
    groups: dict[object, list[Fact]] = {}
    for place, fact in enumerate(facts):
        together = isinstance(fact, _TARGET_FACTS) and not fact.warning
        groups.setdefault((type(fact), fact.role) if together else place, []).append(fact)
    for group in groups.values():
        targets = [fact for fact in group if isinstance(fact, _TARGET_FACTS)]
        if len(targets) > _NAMED_ONE_BY_ONE and not group[0].warning:
            yield from (
                Sentence(text=text, details=Details(told, owners, counted=True)) for text, told in _counted(targets)
            )
        else:
            for fact in group:
                yield Sentence(text=fact.sentence(owners), warning=fact.warning, details=Details((fact,), owners))


def _counted(targets: Sequence[_TargetFact]) -> Iterator[tuple[str, Sequence[_TargetFact]]]:
    """Return one line for each folder: `adds 1,000 targets under orbit/linux/ (1.2 GB)`."""
    verb, role = _VERBS[type(targets[0])], targets[0].role
    by = "" if role == "targets" else f" in role {shown(role)}"
    folders = sorted(_folders(targets).items(), key=lambda item: (-len(item[1]), item[0]))
    for folder, inside in folders[:_FOLDERS]:
        where = f"under {shown_exactly(folder)}" if folder else "outside any folder"
        yield f"{verb} {_number(inside)} {where}{_size(inside)}{by}{_custom(inside)}", inside
    rest = [fact for _, inside in folders[_FOLDERS:] for fact in inside]
    if rest:
        where = f"under {len(folders) - _FOLDERS:,} other folders"
        yield f"{verb} {_number(rest)} {where}{_size(rest)}{by}{_custom(rest)}", rest


def _folders(targets: Sequence[_TargetFact]) -> dict[str, list[_TargetFact]]:
    """Group targets by the deepest folder they share; where they share none, by their first one."""
    shared = _shared_folder(targets)
    if shared:
        return {shared: list(targets)}
    groups: dict[str, list[_TargetFact]] = {}
    for fact in targets:
        first, slash, _ = fact.path.partition("/")
        groups.setdefault(first + slash if slash else "", []).append(fact)
    return {_shared_folder(group) if folder else "": group for folder, group in groups.items()}


def _shared_folder(targets: Sequence[_TargetFact]) -> str:
    folders = [fact.path.split("/")[:-1] for fact in targets]
    low, high = min(folders), max(folders)  # what the two farthest apart share, all share
    shared = [name for name, _ in takewhile(lambda pair: pair[0] == pair[1], zip(low, high, strict=False))]
    return "".join(f"{name}/" for name in shared)


def _number(targets: Sequence[_TargetFact]) -> str:
    return f"{len(targets):,} target{'' if len(targets) == 1 else 's'}"


def _custom(targets: Sequence[_TargetFact]) -> str:
    """Return how many of the targets have custom data that a count does not show."""
    found = sum(fact.says_more for fact in targets)
    return f", {found:,} of them with custom data that is new or different" if found else ""


def _size(targets: Sequence[_TargetFact]) -> str:
    """Return how many bytes come in, where bytes come in."""
    lengths = [fact.length_bytes for fact in targets if isinstance(fact, (TargetAdded, TargetReplaced))]
    return f" ({size(sum(lengths))})" if lengths else ""
