"""Say which agents follow now, what would fail when."""

from __future__ import annotations

from tufkeep.ceremony.prove import Outlook, outlook
from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.show import Line, Lines, columns


@command("prove", example="tufkeep prove\ntufkeep prove --json")
def prove(app: App) -> None:
    """Play a client from every root version ever committed: now, and at every moment when something expires.

    The table says what would fail when, if nobody did anything from now on. Nothing is changed. The exit code is 25
    where some client is refused now already.
    """
    found = outlook(app.workspace)
    app.show(found)
    found.require_now(app.clock())


@show.text.register
def _(shown: Outlook) -> Lines:
    rows = [
        (f"{each.at:%Y-%m-%d %H:%M:%S}", _roots(each.from_roots), each.why, each.refused or "clients follow")
        for each in shown.outcomes
    ]
    for text, each in zip(columns(rows), shown.outcomes, strict=True):
        yield Line(text, "bad" if each.refused else "plain")
    first = shown.first_refusal
    if first is not None:
        yield Line(f"the first refusal: {first.at:%Y-%m-%d %H:%M:%S}, {first.refused}", "title")


def _roots(versions: tuple[int, ...]) -> str:
    first, last = versions[0], versions[-1]
    if last - first + 1 == len(versions) and len(versions) > 2:
        return f"root v{first} to v{last}"
    return "root " + ", ".join(f"v{version}" for version in versions)
