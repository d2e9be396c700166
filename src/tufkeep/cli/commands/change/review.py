"""Say what the staged change would do."""

from __future__ import annotations

from typing import Any

from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.show import Line, Lines
from tufkeep.watch.change import StagedChange, staged_change


@command("review", example="tufkeep review\ntufkeep review --json")
def review(app: App) -> None:
    """Say what the staged change would do, warnings first.

    Read it before you sign: each line is made from the metadata itself, and what no line mentions does not change.
    """
    app.show(staged_change(app.workspace))


@show.text.register
def _(change: StagedChange) -> Lines:
    if not change.facts:
        yield "nothing is staged"
    for sentence in change.sentences:
        yield Line(f"warning: {sentence.text}" if sentence.warning else sentence.text, _tone(sentence.warning))


@show.document.register
def _(change: StagedChange) -> dict[str, Any]:
    return {
        "sentences": [{"text": sentence.text, "warning": sentence.warning} for sentence in change.sentences],
        "facts": [fact.as_json() for fact in change.facts],
        "owners": dict(change.owners),
    }


def _tone(warning: bool) -> show.Tone:
    return "warning" if warning else "plain"
