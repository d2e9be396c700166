"""What a check is, with what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tufkeep.errors import TufkeepError
from tufkeep.watch.examined import Examined, Fault

DOCS = "docs/checks.md"
Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fault, as it is told."""

    check: str
    severity: Severity
    subject: str
    sentence: str
    docs: str  # where the check is explained
    kind: str = ""
    each: tuple[str, ...] = ()  # where it stands for several of one kind: a line for each
    about: Mapping[str, str] = field(default_factory=dict[str, str])
    error: TufkeepError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question that is asked of a repository.

    Its `look` yields a fault for each answer that is no; what another check speaks of already it
    leaves alone, so that one cause makes one finding where that can be told.
    """

    id: str
    sentence: str  # what is true where nothing is found
    look: Callable[[Examined], Iterator[Fault]]
    last: bool = False  # asked only where no check before it found an error, for it would say the same again

    @property
    def docs(self) -> str:
        return f"{DOCS}#{self.id}"

    def findings(self, examined: Examined) -> Iterator[Finding]:
        """Ask."""
        for fault in self.look(examined):
            yield Finding(
                check=self.id,
                severity="note" if fault.note else "warning" if fault.warning else "error",
                subject=fault.subject,
                sentence=f"{fault.subject}: {fault.fact}",
                docs=self.docs,
                kind=fault.kind,
                each=fault.each,
                about=fault.about,
                error=fault.error,
            )

    def stopped(self, error: TufkeepError) -> Finding:
        """Return what is said where the question could not be asked to its end."""
        sentence = f"{self.id}: could not look at everything: {error}"
        return Finding(
            check=self.id,
            severity="error",
            subject=self.id,
            sentence=sentence,
            docs=self.docs,
            kind="stopped",
            error=error,
        )
