"""How an unfinished operation is told: what was begun, with what to type to finish it or to abandon it."""

from __future__ import annotations

from tufkeep.cli.base.hints import hint
from tufkeep.workspace.operations import Unfinished
from tufkeep.workspace.unfinished import OperationUnfinished


def told(found: Unfinished) -> str:
    """Return one line."""
    return f"{found.sentence}; {hint(OperationUnfinished(found))}"
