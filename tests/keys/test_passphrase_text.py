"""A passphrase is text: the same words open the same key, from whatever editor, keyboard or machine they come."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from tufkeep.keys.keyfile import parse_key_file, seal_key_file
from tufkeep.keys.passphrase import (
    NoPassphrase,
    Passphrase,
    PassphraseNotText,
    PassphraseRequest,
    UnknownPassphraseLine,
)
from tufkeep.keys.private import generate
from tufkeep.keys.sealed import WrongPassphrase
from tufkeep.keys.sources import PassphraseUnreadable, from_command, from_descriptor, from_file
from tufkeep.keys.words import ENOUGH_BITS, generate_passphrase, most_bits

WORDS = "schöne grüße"
NFC, NFD = (unicodedata.normalize(form, WORDS) for form in ("NFC", "NFD"))


def request(stem: str) -> PassphraseRequest:
    return PassphraseRequest(role=stem.rstrip("0123456789"), file=f"{stem}.json")


def read(folder: Path, data: bytes, stem: str = "root1") -> Passphrase:
    (folder / "pass").write_bytes(data)
    return from_file(folder / "pass")(request(stem))


def test_a_byte_order_mark_is_no_part_of_a_passphrase(tmp_path: Path) -> None:
    assert read(tmp_path, b"\xef\xbb\xbfwords\r\n").reveal() == "words"


@pytest.mark.parametrize(
    ("sealed", "typed"),
    [
        (NFC, Passphrase(NFD)),
        (NFD, Passphrase(NFC)),
        ("\ufeffwords", Passphrase("words", marked=True)),
    ],
)
def test_other_spellings_are_tried_before_it_does_not_open(sealed: str, typed: Passphrase) -> None:
    key = generate()
    file = parse_key_file(seal_key_file((key,), Passphrase(sealed), name="root1.json"))
    assert [each.keyid for each in file.open(typed)] == [key.keyid]
    with pytest.raises(WrongPassphrase):
        file.open(Passphrase("other words"))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
def test_no_key_is_sealed_with_what_is_not_text(tmp_path: Path, encoding: str) -> None:
    passphrase = read(tmp_path, f"{WORDS}\r\n".encode(encoding))
    with pytest.raises(PassphraseNotText, match=r"^root1\.json: the passphrase is (not UTF-8|UTF-16)"):
        seal_key_file((generate(),), passphrase, name="root1.json")


def test_a_file_of_keyed_lines_has_a_passphrase_for_each_key_that_it_names(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbfroot1=one = 1\r\nroot2.json= two\n\ntargets=three\n"
    assert read(tmp_path, data, "root1").reveal() == "one = 1"
    assert read(tmp_path, data, "root2").reveal() == " two"
    assert read(tmp_path, data, "targets").reveal() == "three"
    for stem in ("root3", "root", "timestamp"):
        with pytest.raises(NoPassphrase):
            read(tmp_path, data, stem)


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"rot1=secret\nroot2=x\n", 1),
        (b"root1=x\nrot2=secret\n", 2),
        (b"root1=x\nsecret\n", 2),
        (b"root1=x\nroot1=secret\n", 2),
        (b"root1=x\nroot1.json=secret\n", 2),
        (b"TUF_ROOT_PASSPHRASE=secret\n", 1),
    ],
)
def test_an_unknown_line_is_an_error_that_shows_no_secret(tmp_path: Path, data: bytes, line: int) -> None:
    with pytest.raises(UnknownPassphraseLine, match=f"^passphrase from pass: line {line} ") as caught:
        read(tmp_path, data)
    assert "secret" not in str(caught.value)


def test_keyed_lines_come_through_a_pipe(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"root1=one\nroot2=two\n")
    os.close(writing)
    source = from_file(f"/dev/fd/{reading}")
    assert [source(request(stem)).reveal() for stem in ("root1", "root2")] == ["one", "two"]
    os.close(reading)


def test_no_other_source_makes_one_passphrase_of_a_keyed_line(tmp_path: Path) -> None:
    (tmp_path / "pass").write_bytes(b"root1=one\nroot2=two\n")
    with (tmp_path / "pass").open("rb") as file, pytest.raises(PassphraseUnreadable, match="name of a key"):
        from_descriptor(file.fileno())(request("root1"))
    with pytest.raises(PassphraseUnreadable, match="name of a key"):
        from_command(["cat", str(tmp_path / "pass")], environ=os.environ)(request("root1"))


@pytest.mark.parametrize("line", ["a=b", "rooted=x", "root 1=x", "=root1=", "root1"])
def test_a_passphrase_with_an_equals_sign_stays_one(tmp_path: Path, line: str) -> None:
    assert read(tmp_path, line.encode()).reveal() == line


@pytest.mark.parametrize(
    "text", ["", "a", "abcdefghijklmnop", "1111111111111111", "abacus", "abacus abacus abdomen", "Tr0ub4d0r"]
)
def test_what_is_surely_too_short_is_known(text: str) -> None:
    assert most_bits(Passphrase(text)) < ENOUGH_BITS


def test_what_was_drawn_is_long_enough() -> None:
    assert round(most_bits(generate_passphrase())) == 103
    assert most_bits(Passphrase("kV8-qpXu2Tz")) > ENOUGH_BITS
