"""The source of passphrases that asks a person.

Only the conversation is here. The terminal, its echo and Ctrl-C belong to whoever hands in the functions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tufkeep.errors import TufkeepError
from tufkeep.keys.passphrase import (
    EmptyPassphrase,
    Passphrase,
    PassphraseRequest,
    PassphrasesDiffer,
    PassphraseSource,
    Purpose,
)

TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What is said; {role} and {file} stand for the request's. The originals' words fit in here too."""

    open: str = "Passphrase of {file}: "
    new: str = "New passphrase for {file}: "
    repeat: str = "The same again: "
    wrong: str = "That does not open {file}. Try again."
    differ: str = "The two do not match. Try again."
    empty: str = "With an empty passphrase anyone who finds the file has the key. Try again."


def from_prompt(
    ask: Callable[[str], str], *, tell: Callable[[str], None], wording: Wording | None = None, tries: int = TRIES
) -> PassphraseSource:
    """Return a source that asks; a new passphrase is asked for twice, and again on a mistake.

    An empty answer opens a file that was sealed with the empty passphrase, as go-tuf can, and leaves any other closed.

    Args:
        ask: shows a prompt and returns the line typed, unseen.
        tell: shows a line.
        tries: how many mistakes end it when a new passphrase is typed; how often a wrong one may be
            typed for an existing file is the keyring's to say.
    """
    words = wording or Wording()

    def say(text: str, request: PassphraseRequest) -> str:
        return text.format(role=request.role, file=request.file)

    def new(request: PassphraseRequest) -> Passphrase:
        typed = Passphrase(ask(say(words.new, request)), asked=True)
        if typed.empty:
            raise EmptyPassphrase(request.file)
        if Passphrase(ask(say(words.repeat, request))) != typed:
            raise PassphrasesDiffer(request.file)
        return typed

    def new_at_last(request: PassphraseRequest) -> Passphrase:
        for _ in range(tries - 1):
            try:
                return new(request)
            except (EmptyPassphrase, PassphrasesDiffer) as error:
                tell(say(_rebuke(error, words), request))
        return new(request)

    def source(request: PassphraseRequest) -> Passphrase:
        if request.purpose is not Purpose.OPEN:
            return new_at_last(request)
        if request.attempt > 1:
            tell(say(words.wrong, request))
        return Passphrase(ask(say(words.open, request)), asked=True)

    return source


def _rebuke(error: TufkeepError, words: Wording) -> str:
    return words.empty if isinstance(error, EmptyPassphrase) else words.differ
