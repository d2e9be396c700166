"""How far a procedure came in one folder, so that it goes on another day.

A note of what people said, no proof of anything: the record and the metadata are that.
"""

from __future__ import annotations

from datetime import UTC
from typing import Final

from tufkeep.cli.commands.ceremony.procedures import Procedure, Step
from tufkeep.clock import Clock
from tufkeep.stores import Store
from tufkeep.workspace import layout
from tufkeep.workspace.unfinished import ALL_TAKEN, taken_steps, write_taken_steps

ELSEWHERE: Final = ""  # in place of a time: taken on another machine


class Progress:
    """Which steps of a procedure were taken."""

    def __init__(self, store: Store, procedure: Procedure, *, clock: Clock):
        self._store = store
        self._procedure = procedure
        self._clock = clock

    @property
    def taken(self) -> dict[str, str]:
        """When each step was taken, by its id; `ELSEWHERE` for one that somebody said was taken elsewhere."""
        ids = {step.id for step in self._procedure.steps}
        noted = taken_steps(self._store).get(self._procedure.name, {})
        return {id_: when for id_, when in noted.items() if id_ in ids}

    @property
    def next(self) -> Step | None:
        """The first step that was not taken; None when nothing is left."""
        taken = self.taken
        return next((step for step in self._procedure.steps if step.id not in taken), None)

    def take(self, step: Step) -> None:
        """Note that a step was taken now."""
        self._note({**self.taken, step.id: f"{self._clock().astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"})

    def start_at(self, number: int) -> None:
        """Go on, or go back, to a step: those before it were taken, it and those after it were not.

        Args:
            number: of the step, from 1.
        """
        taken = self.taken
        self._note({step.id: taken.get(step.id, ELSEWHERE) for step in self._procedure.steps[: number - 1]})

    def _note(self, taken: dict[str, str]) -> None:
        everything = {ALL_TAKEN: ELSEWHERE} if len(taken) == len(self._procedure.steps) else {}
        with self._store.lock(layout.LOCK, note="ceremony", wait_seconds=10):
            noted = {**taken_steps(self._store), self._procedure.name: {**taken, **everything}}
            write_taken_steps(self._store, noted)
