from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from importlib import resources

import pytest

from tufkeep.keys.words import TooFewWords, entropy_bits, generate_passphrase, word_list


def test_the_list_is_the_effs_byte_for_byte() -> None:
    folder = resources.files("tufkeep.keys")
    digest = hashlib.sha256(folder.joinpath("eff_large_wordlist.txt").read_bytes()).hexdigest()
    assert digest == "addd35536511597a02fa0a9ff1e5284677b8883b83e986e43f15a3db996b903e"
    assert digest in folder.joinpath("eff_large_wordlist.LICENSE").read_text()


def test_the_words_can_be_told_apart_and_typed() -> None:
    words = word_list()
    assert len(words) == len(set(words)) == 6**5
    assert all(re.fullmatch("[a-z]+(-[a-z]+)?", word) for word in words)


def test_a_passphrase_is_eight_words_of_the_list() -> None:
    words = generate_passphrase().reveal().split(" ")
    assert len(words) == 8
    assert set(words) <= set(word_list())


def test_the_words_are_those_that_chance_draws() -> None:
    draws = iter([0, 1, 2, 7773, 7774, 7775])
    bounds: list[int] = []

    def chance(bound: int) -> int:
        bounds.append(bound)
        return next(draws)

    drawn = generate_passphrase(6, randomness=chance).reveal()
    assert drawn.startswith("abacus abdomen abdominal ")
    assert drawn.split(" ")[3:] == list(word_list()[-3:])
    assert bounds == [7776] * 6


def test_no_two_passphrases_are_alike() -> None:
    made = Counter(generate_passphrase().reveal() for _ in range(200))
    assert max(made.values()) == 1
    assert len({word for text in made for word in text.split(" ")}) > 1200  # of 1600 draws out of 7776


def test_the_strength_is_what_the_documentation_says() -> None:
    assert entropy_bits(8) == pytest.approx(103.4, abs=0.01)
    assert entropy_bits(1) == math.log2(7776)


@pytest.mark.parametrize("words", [-1, 0, 1, 5])
def test_a_passphrase_that_could_be_guessed_is_not_made(words: int) -> None:
    with pytest.raises(TooFewWords, match=f"of {words} words"):
        generate_passphrase(words)
