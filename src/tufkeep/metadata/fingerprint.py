"""A hash as words that two people can read to each other.

Spec: PGP word list (see `pgp_words`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tufkeep.errors import BadRequest
from tufkeep.metadata.pgp_words import EVEN_WORDS, ODD_WORDS

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORDS_PER_LINE = 8
_BYTES_BY_WORD = [{word.lower(): byte for byte, word in enumerate(words)} for words in (EVEN_WORDS, ODD_WORDS)]


class NotFingerprintWords(BadRequest):
    """A word that the PGP word list does not have at this place."""

    def __init__(self, word: str, *, place: int):
        misplaced = word.lower() in _BYTES_BY_WORD[(place + 1) % 2]
        fault = (
            "belongs in another place: a word was left out, or two were swapped" if misplaced else "is not in the list"
        )
        super().__init__(f"fingerprint word {place + 1}: {word!r} {fault}")
        self.place = place


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """The sha256 of something that people compare by voice."""

    digest: bytes  # 32 bytes

    @property
    def hex(self) -> str:
        return self.digest.hex()

    @property
    def words(self) -> tuple[str, ...]:
        return words_of(self.digest)

    def lines(self) -> tuple[str, ...]:
        """Return the words in lines short enough to be read in one breath."""
        words = self.words
        return tuple(" ".join(words[at : at + _WORDS_PER_LINE]) for at in range(0, len(words), _WORDS_PER_LINE))

    def __str__(self) -> str:
        return " ".join(self.words)


def fingerprint(data: bytes) -> Fingerprint:
    """Return the fingerprint of some bytes."""
    return Fingerprint(digest=hashlib.sha256(data).digest())


def words_of(digest: bytes) -> tuple[str, ...]:
    """Return one word for each byte, from the two lists in turn."""
    return tuple((ODD_WORDS if place % 2 else EVEN_WORDS)[byte] for place, byte in enumerate(digest))


def digest_of(words: Sequence[str]) -> bytes:
    """Return the bytes that words stand for, however they are capitalised.

    Raises:
        NotFingerprintWords: a word is unknown or stands where only the other list is spoken.
    """
    return bytes(_byte_of(word, place) for place, word in enumerate(words))


def _byte_of(word: str, place: int) -> int:
    try:
        return _BYTES_BY_WORD[place % 2][word.lower()]
    except KeyError:
        raise NotFingerprintWords(word, place=place) from None
