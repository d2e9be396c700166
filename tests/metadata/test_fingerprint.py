"""Hashes as words."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tufkeep.metadata.fingerprint import Fingerprint, NotFingerprintWords, digest_of, fingerprint, words_of
from tufkeep.metadata.pgp_words import EVEN_WORDS, ODD_WORDS


def test_the_list_is_the_published_one() -> None:
    """The PGP fingerprint that the article on the list in Wikipedia spells out."""
    digest = bytes.fromhex("E58294F2E9A227486E8B061B31CC528FD7FA3F19")
    assert " ".join(words_of(digest)) == (
        "topmost Istanbul Pluto vagabond treadmill Pacific brackish dictator goldfish Medusa "
        "afflict bravado chatter revolver Dupont midsummer stopwatch whimsical cowbell bottomless"
    )


def test_no_word_stands_for_two_things() -> None:
    words = [word.lower() for word in (*EVEN_WORDS, *ODD_WORDS)]
    assert len(words) == len(set(words)) == 512
    assert all(word.isascii() and word.isalpha() for word in words)


@given(st.binary(max_size=40))
def test_words_come_back_as_the_bytes_they_stand_for(digest: bytes) -> None:
    words = words_of(digest)
    assert len(words) == len(digest)
    assert digest_of([word.upper() for word in words]) == digest


def test_a_word_left_out_or_swapped_is_noticed() -> None:
    words = list(fingerprint(b"root").words)
    with pytest.raises(NotFingerprintWords, match=r"fingerprint word 4: .* a word was left out, or two were swapped"):
        digest_of([*words[:3], *words[4:]])
    with pytest.raises(NotFingerprintWords, match="fingerprint word 1"):
        digest_of([words[1], words[0]])
    with pytest.raises(NotFingerprintWords, match=r"fingerprint word 3: 'tuf' is not in the list"):
        digest_of([*words[:2], "tuf"])


def test_a_fingerprint_is_the_sha256_in_words_hex_and_lines_for_reading_aloud() -> None:
    found = fingerprint(b"root")
    assert found == Fingerprint(digest=hashlib.sha256(b"root").digest())
    assert found.hex == hashlib.sha256(b"root").hexdigest()
    assert len(found.words) == 32
    assert " ".join(found.lines()) == str(found) == " ".join(found.words)
    assert [len(line.split()) for line in found.lines()] == [8, 8, 8, 8]
