"""What a check is, with what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tufkeep.watch.examined import Examined

DOCS = "docs/checks.md"
Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is not as it must be."""

    subject: str  # the file or the role it is about
    fact: str
    hint: str | None = None  # None takes the check's own
    warning: bool = False  # nobody is stopped by it, today


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A fault, as it is told."""

    check: str
    severity: Severity
    subject: str
    sentence: str
    hint: str
    docs: str  # where the check is explained


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question that is asked of a repository.

    Its `look` yields a fault for each answer that is no; what another check speaks of already it
    leaves alone, so that one cause makes one finding where that can be told.
    """

    id: str
    sentence: str  # what is true where nothing is found
    hint: str
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
                severity="warning" if fault.warning else "error",
                subject=fault.subject,
                sentence=f"{fault.subject}: {fault.fact}",
                hint=fault.hint or self.hint,
                docs=self.docs,
            )
