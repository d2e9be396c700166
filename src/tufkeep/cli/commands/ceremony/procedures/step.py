"""What a procedure is made of: steps that one person can take, with what must be true after each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Person = Literal["root holder", "releaser", "witness", "operator"]
Where = Literal["offline", "online"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to do, before the next one is thought of."""

    id: str  # what progress is noted under; stays the same when steps are added before it
    title: str
    who: Person
    where: Where
    do: tuple[str, ...]  # sentences
    commands: tuple[str, ...] = ()  # to type, in this order
    expect: str  # what is seen when it went well
    check: str  # the question that has to be answered with yes


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """A list of steps with a beginning and an end, which may be days apart."""

    name: str
    title: str
    purpose: str
    people: tuple[str, ...]
    things: tuple[str, ...]  # to lay on the table before
    steps: tuple[Step, ...]

    def number(self, step: Step) -> int:
        return self.steps.index(step) + 1
