"""How what root holders read before they sign is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.show import Line, Lines
from tufkeep.errors import PersonNeeded
from tufkeep.metadata.review import Sentence, whole

if TYPE_CHECKING:
    from tufkeep.ceremony.proposal import Proposal
    from tufkeep.metadata.fingerprint import Fingerprint

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What a request leads to."""

    root_version: int
    sentences: tuple[Sentence, ...]  # warnings first
    asked_by: str
    asked_at: str
    file_sha256: str
    file_words: tuple[str, ...]
    root_sha256: str  # of what is signed
    root_words: tuple[str, ...]


class OtherWords(PersonNeeded):
    """The words that were heard are not those of what lies here."""

    exit_code = 41

    def __init__(self, what: str):
        super().__init__(f"these are not the words of {what.partition(',')[0]}")


def person_option(function: F) -> F:
    """Let the command be given the name of who is at work, for the record."""

    def remember(ctx: click.Context, parameter: click.Parameter, value: str | None) -> None:
        app = ctx.find_object(App)
        if app is not None and value:
            app.choices.person = value

    return click.option(
        "--person",
        metavar="NAME",
        expose_value=False,
        callback=remember,
        help="Who you are, for the record [TUFKEEP_PERSON].",
    )(function)


def ask_for_words(app: App, who: str, expected: Fingerprint, what: str) -> None:
    """Let a person type the words that somebody else reads aloud, four lines of eight.

    Raises:
        NotFingerprintWords: a word is none, or stands at the wrong place.
        OtherWords: they are the words of something else.
    """
    from tufkeep.metadata.fingerprint import digest_of

    app.tell(f"the {who} person types the words of {what}:")
    typed = [word for _ in expected.lines() for word in app.ask("  ", flag="--yes, without --confirm-words").split()]
    if digest_of(typed) != expected.digest:
        raise OtherWords(what)


def proposed(proposal: Proposal, *, words: bool = True) -> Proposed:
    """Return a proposal as it is shown.

    Args:
        words: False where people are to type the words that they hear, not those that they see.
    """
    from tufkeep.metadata.fingerprint import fingerprint

    root = fingerprint(proposal.root.payload)
    request = proposal.letter.request
    return Proposed(
        root_version=proposal.root.version,
        sentences=proposal.sentences,
        asked_by=request.person,
        asked_at=request.made,
        file_sha256=proposal.seen.hex,
        file_words=proposal.seen.lines() if words else (),
        root_sha256=root.hex,
        root_words=root.lines() if words else (),
    )


@show.text.register
def _(shown: Proposed) -> Lines:
    yield from show.reviewed_whole(shown.sentences)
    yield Line(f"asked{f' by {shown.asked_by}' if shown.asked_by else ''} at {shown.asked_at}", "quiet")
    if not shown.file_words:
        return
    yield f"the file, in words to compare with who sent it ({shown.file_sha256[:16]}...):"
    yield from (f"  {line}" for line in shown.file_words)
    yield f"root v{shown.root_version}, in words to compare with who else signs it ({shown.root_sha256[:16]}...):"
    yield from (f"  {line}" for line in shown.root_words)


@show.document.register
def _(shown: Proposed) -> dict[str, Any]:
    rest = {field.name: getattr(shown, field.name) for field in fields(shown) if field.name != "sentences"}
    return {
        **show.document(rest),
        "warnings": [each.text for each in shown.sentences if each.warning],
        "sentences": [each.text for each in shown.sentences if not each.warning],
        "whole": list(whole(shown.sentences)),
    }
