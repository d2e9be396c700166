from __future__ import annotations

from collections.abc import Iterable

import pytest

from tufkeep.keys.passphrase import EmptyPassphrase, PassphraseRequest, PassphrasesDiffer, Purpose
from tufkeep.keys.prompt import Wording, from_prompt

OPEN = PassphraseRequest(role="root", file="root2.json")
NEW = PassphraseRequest(role="root", file="root2.json", purpose=Purpose.NEW)


class Person:
    """Types answers at a terminal; what was shown to it is kept."""

    def __init__(self, answers: Iterable[str]):
        self._answers = iter(answers)
        self.asked: list[str] = []
        self.told: list[str] = []

    def ask(self, prompt: str) -> str:
        self.asked.append(prompt)
        return next(self._answers)


def test_an_existing_file_is_asked_for_by_name() -> None:
    person = Person(["sesame"])
    typed = from_prompt(person.ask, tell=person.told.append)(OPEN)
    assert typed.reveal() == "sesame"
    assert typed.asked
    assert person.asked == ["Passphrase of root2.json: "]
    assert not person.told


def test_the_second_attempt_says_why_it_is_one() -> None:
    person = Person(["sesame"])
    again = PassphraseRequest(role="root", file="root2.json", attempt=2)
    from_prompt(person.ask, tell=person.told.append)(again)
    assert person.told == ["That does not open root2.json. Try again."]


def test_a_new_passphrase_is_typed_twice() -> None:
    person = Person(["sesame", "sesame"])
    assert from_prompt(person.ask, tell=person.told.append)(NEW).reveal() == "sesame"
    assert person.asked == ["New passphrase for root2.json: ", "The same again: "]


def test_a_mismatch_and_an_empty_answer_are_asked_again() -> None:
    person = Person(["sesame", "seasme", "", "sesame", "sesame"])
    assert from_prompt(person.ask, tell=person.told.append)(NEW).reveal() == "sesame"
    assert person.told[0] == "The two do not match. Try again."
    assert person.told[1].startswith("With an empty passphrase anyone who finds the file has the key")
    assert len(person.told) == 2


def test_mistakes_come_to_an_end() -> None:
    person = Person(["a", "b"] * 10)
    with pytest.raises(PassphrasesDiffer):
        from_prompt(person.ask, tell=person.told.append, tries=3)(NEW)
    assert len(person.asked) == 6


def test_an_empty_new_passphrase_is_never_taken() -> None:
    person = Person([""] * 10)
    with pytest.raises(EmptyPassphrase):
        from_prompt(person.ask, tell=person.told.append)(NEW)


def test_the_words_can_be_those_of_the_originals() -> None:
    words = Wording(new="Enter {role} keys passphrase: ", repeat="Repeat {role} keys passphrase: ")
    person = Person(["one", "two"])
    with pytest.raises(PassphrasesDiffer, match="the entered passphrases do not match"):
        from_prompt(person.ask, tell=person.told.append, wording=words, tries=1)(NEW)
    assert person.asked == ["Enter root keys passphrase: ", "Repeat root keys passphrase: "]
    assert not person.told
