"""Strong passphrases for a person to write down: words drawn from a public list.

Each word is drawn evenly from the 7,776 of the EFF's large list, which is log2(7776) = 12.92 bits; eight words are 103.
What that means for a stolen key file: one guess costs the thief one scrypt (N=32768: about 0.1 s of a core and 32 MiB),
so six words (77 bits) already cost 10^14 core-years, and eight leave room for decades. The strength comes from the draw
alone: whoever knows the list, the count and the separator knows nothing more.
"""

from __future__ import annotations

import math
import re
import secrets
from collections.abc import Callable
from functools import cache
from importlib import resources

from tufkeep.errors import BadRequest
from tufkeep.keys.passphrase import Passphrase

WORDS = 8
FEWEST_WORDS = 6  # 77 bits
SEPARATOR = " "  # no word holds one, four hold a hyphen
ENOUGH_BITS = 60  # below it a stolen key file is opened within the means of a company
_ALPHABETS = ((r"[a-z]", 26), (r"[A-Z]", 26), (r"[0-9]", 10), (r"[!-/:-@[-`{-~ ]", 33), (r"[^ -~]", 100))


class TooFewWords(BadRequest):
    """A passphrase of so few words could be guessed."""

    def __init__(self, words: int):
        bits = max(0.0, entropy_bits(words))
        super().__init__(f"a passphrase of {words} words has {bits:.0f} bits, at least {FEWEST_WORDS} words are needed")
        self.words, self.enough = words, WORDS


def generate_passphrase(words: int = WORDS, *, randomness: Callable[[int], int] = secrets.randbelow) -> Passphrase:
    """Return a new passphrase.

    Args:
        randomness: returns a number from 0 up to its argument, evenly and unpredictably.

    Raises:
        TooFewWords: fewer than six.
    """
    if words < FEWEST_WORDS:
        raise TooFewWords(words)
    choices = word_list()
    return Passphrase(SEPARATOR.join(choices[randomness(len(choices))] for _ in range(words)))


def entropy_bits(words: int) -> float:
    """Return how many bits of chance a passphrase of so many words holds."""
    return words * math.log2(len(word_list()))


def most_bits(passphrase: Passphrase) -> float:
    """Return how many bits of chance a passphrase has at most, as if all of it had been drawn evenly.

    A word of the list counts as one drawn word, and a letter that repeats or continues the one before counts as none.
    What a person makes up has fewer bits than this, so a low number is sure and a high one promises nothing.
    """
    text, words = passphrase.reveal(), frozenset(word_list())
    parts = re.findall(r"[a-z-]+|[^a-z-]", text, re.IGNORECASE)
    drawn = sum(part.lower() in words for part in parts)
    rest = "".join(part for part in parts if part.lower() not in words)
    if drawn:
        rest = rest.replace(" ", "")
    steps = sum(abs(ord(letter) - ord(before)) > 1 for before, letter in zip(f"\0{rest}", rest, strict=False))
    letters = sum(size for pattern, size in _ALPHABETS if re.search(pattern, rest))
    return entropy_bits(drawn) + steps * math.log2(letters or 1)


@cache
def word_list() -> tuple[str, ...]:
    """Return the EFF's large list; eff_large_wordlist.LICENSE says whose it is."""
    text = resources.files("tufkeep.keys").joinpath("eff_large_wordlist.txt").read_text(encoding="ascii")
    return tuple(line.split("\t")[1] for line in text.splitlines())
