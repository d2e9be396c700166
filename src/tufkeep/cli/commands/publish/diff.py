"""Say how the directory differs from a remote."""

from __future__ import annotations

from typing import Any

from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.publishing import open_publisher, relation, remote_argument, warn_of_unfinished_push
from tufkeep.cli.base.show import Lines
from tufkeep.metadata.review import sentences
from tufkeep.publish.difference import Difference


@command("diff", example="tufkeep diff staging\ntufkeep diff staging --json")
@remote_argument
def diff(app: App, *, remote: str) -> None:
    """Say how what is committed here and what a remote has published differ.

    Found by what the metadata says, not by times or sizes. Nothing is changed.
    """
    difference = open_publisher(app, remote).diff()
    app.show(difference)
    warn_of_unfinished_push(app, remote, difference.roots_ahead)


@show.text.register
def _(difference: Difference) -> Lines:
    yield from show.reviewed(sentences(difference.facts))
    yield relation(difference)


@show.document.register
def _(difference: Difference) -> dict[str, Any]:
    return {
        "remote": difference.remote,
        "relation": difference.relation,
        "here": dict(difference.here),
        "there": dict(difference.there) if difference.there is not None else None,
        "facts": [fact.as_json() for fact in difference.facts],
    }
