"""Say what the staged change would do."""

from __future__ import annotations

from typing import Any

from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.show import Lines
from tufkeep.watch.change import StagedChange, staged_change


@command("review", example="tufkeep review\ntufkeep review -v\ntufkeep review --json")
def review(app: App) -> None:
    """Say what the staged change would do, warnings first.

    Read it before you sign: each line is made from the metadata itself, and what no line mentions does not change.
    With -v each line is followed by the places it is about, with both values whole.
    """
    app.show(staged_change(app.workspace))


@show.text.register
def _(change: StagedChange) -> Lines:
    if not change.facts:
        yield "nothing is staged"
    yield from show.reviewed(change.sentences)


@show.document.register
def _(change: StagedChange) -> dict[str, Any]:
    return {
        "sentences": [{"text": sentence.text, "warning": sentence.warning} for sentence in change.sentences],
        "facts": [fact.as_json() for fact in change.facts],
        "owners": dict(change.owners),
    }
