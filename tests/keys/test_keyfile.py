from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.secret import SecretBox

from tests.keys.conftest import Scrypts
from tests.keys.vectors import KEY_FILES, REPOSITORIES, encrypted_key_files
from tufkeep.keys.entry import write_entry
from tufkeep.keys.keyfile import LIMIT_BYTES, parse_key_file, seal_key_file
from tufkeep.keys.passphrase import EmptyPassphrase, NoPassphrase, Passphrase
from tufkeep.keys.private import from_seed, generate
from tufkeep.keys.sealed import KeyFileRefused, WrongPassphrase

ENCRYPTED = encrypted_key_files()
SEED = bytes(range(32))
PASS = Passphrase("correct horse")


def drawn(*parts: bytes) -> Callable[[int], bytes]:
    """Return a randomness that draws these bytes."""
    left = iter(parts)
    return lambda count: next(left)


@pytest.fixture(scope="module")
def sealed() -> bytes:
    return seal_key_file([from_seed(SEED)], PASS)


@pytest.mark.parametrize(("path", "passphrase"), ENCRYPTED, ids=[f"{p.parts[-3]}-{p.stem}" for p, _ in ENCRYPTED])
def test_every_key_file_of_go_tuf_opens_and_seals_again_to_the_same_bytes(path: Path, passphrase: Passphrase) -> None:
    data = path.read_bytes()
    file = parse_key_file(data, name=path.name)
    assert file.sealed is not None

    keys = file.open(passphrase)

    assert len(keys) == 1
    assert seal_key_file(keys, passphrase, randomness=drawn(file.sealed.salt, file.sealed.nonce)) == data


def test_one_of_the_passphrases_is_not_ascii() -> None:
    assert any(not passphrase.reveal().isascii() for _, passphrase in ENCRYPTED)


def test_opened_keys_are_those_that_the_repository_trusts() -> None:
    for path, passphrase in ENCRYPTED:
        if path.parts[-3] == "fresh":
            (key,) = parse_key_file(path.read_bytes()).open(passphrase)
            signed = json.loads((path.parents[1] / "repository" / "root.json").read_bytes())["signed"]
            assert signed["roles"][path.stem]["keyids"] == [key.keyid]


@pytest.mark.parametrize("path", [*REPOSITORIES.glob("fresh-plain/keys/*.json"), KEY_FILES / "three-kinds-plain.json"])
def test_a_plain_file_is_written_again_byte_for_byte(path: Path) -> None:
    data = path.read_bytes()
    file = parse_key_file(data)
    assert not file.encrypted
    assert seal_key_file(file.open(None), None) == data


def test_all_kinds_in_one_file_open_in_their_order() -> None:
    data = (KEY_FILES / "three-kinds.json").read_bytes()
    file = parse_key_file(data)
    assert file.sealed is not None
    keys = file.open(Passphrase("three kinds"))
    assert [key.keytype for key in keys] == ["ed25519", "ecdsa-sha2-nistp256", "rsa"]
    again = seal_key_file(keys, Passphrase("three kinds"), randomness=drawn(file.sealed.salt, file.sealed.nonce))
    assert again == data


def test_a_file_of_go_tuf_v0_7_is_read_and_written_as_v0_5_2_reads_it() -> None:
    file = parse_key_file((KEY_FILES / "v0.7.0.json").read_bytes())
    keys = file.open(Passphrase("seven"))
    assert [key.keytype for key in keys] == ["ed25519", "ecdsa"]
    assert b'"N": 32768' in seal_key_file(keys, Passphrase("seven"))


def test_a_file_sealed_with_the_empty_passphrase_opens_but_none_is_made() -> None:
    keys = parse_key_file((KEY_FILES / "empty-passphrase.json").read_bytes()).open(Passphrase(""))
    assert len(keys) == 1
    with pytest.raises(EmptyPassphrase):
        seal_key_file(keys, Passphrase(""))


def test_the_strongest_parameters_that_go_tuf_accepts_open() -> None:
    salt, nonce = b"s" * 32, b"n" * 24
    key = hashlib.scrypt(PASS.encode(), salt=salt, n=131072, r=8, p=1, maxmem=256 << 20, dklen=32)
    plaintext = json.dumps([write_entry(from_seed(SEED))]).encode()
    data = {
        "kdf": {"name": "scrypt", "params": {"N": 131072, "r": 8, "p": 1}, "salt": base64.b64encode(salt).decode()},
        "cipher": {"name": "nacl/secretbox", "nonce": base64.b64encode(nonce).decode()},
        "ciphertext": base64.b64encode(SecretBox(key).encrypt(plaintext, nonce).ciphertext).decode(),
    }
    (opened,) = parse_key_file(json.dumps({"encrypted": True, "data": data}).encode()).open(PASS)
    assert opened.keyid == from_seed(SEED).keyid


@settings(max_examples=8)
@given(st.lists(st.binary(min_size=32, max_size=32), max_size=3), st.text(min_size=1))
def test_what_is_sealed_opens_with_its_passphrase(seeds: list[bytes], text: str) -> None:
    text = text.encode("utf-8", "ignore").decode() or "x"
    keys = [from_seed(seed) for seed in seeds]
    opened = parse_key_file(seal_key_file(keys, Passphrase(text))).open(Passphrase(text))
    assert [write_entry(key) for key in opened] == [write_entry(key) for key in keys]


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=5))
def test_what_is_written_plain_is_read_again(seeds: list[bytes]) -> None:
    keys = [from_seed(seed) for seed in seeds]
    opened = parse_key_file(seal_key_file(keys, None)).open(None)
    assert [write_entry(key) for key in opened] == [write_entry(key) for key in keys]


def test_salt_and_nonce_are_new_every_time(sealed: bytes) -> None:
    one = parse_key_file(sealed).sealed
    other = parse_key_file(seal_key_file([from_seed(SEED)], PASS)).sealed
    assert one is not None
    assert other is not None
    assert one.salt != other.salt
    assert one.nonce != other.nonce


def test_opening_costs_one_scrypt_and_so_does_sealing(sealed: bytes, scrypts: Scrypts) -> None:
    parse_key_file(sealed).open(PASS)
    assert scrypts.count == 1
    seal_key_file([from_seed(SEED)], PASS)
    assert scrypts.count == 2


def test_a_wrong_passphrase_is_said_to_be_wrong(sealed: bytes) -> None:
    with pytest.raises(WrongPassphrase, match=r"^root1\.json: ") as caught:
        parse_key_file(sealed, name="root1.json").open(Passphrase("incorrect horse"))
    assert "horse" not in str(caught.value)
    assert caught.value.__context__ is None


def test_an_encrypted_file_wants_a_passphrase(sealed: bytes) -> None:
    with pytest.raises(NoPassphrase):
        parse_key_file(sealed).open(None)


def test_a_flipped_bit_anywhere_in_the_sealed_half_is_noticed(sealed: bytes, scrypts: Scrypts) -> None:
    where = sealed.index(b'"ciphertext": "') + 20
    changed = bytearray(sealed)
    changed[where] = ord("A") if changed[where] != ord("A") else ord("B")
    with pytest.raises(WrongPassphrase):
        parse_key_file(bytes(changed)).open(PASS)


def altered(sealed: bytes, *path: str, value: Any) -> bytes:
    """Return the key file with one member changed."""
    whole = json.loads(sealed)
    part = whole["data"]
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    return json.dumps(whole).encode()


def code(length: int) -> str:
    return base64.b64encode(b"x" * length).decode()


@pytest.mark.parametrize(
    ("path", "value", "fact"),
    [
        (
            ("kdf", "params", "N"),
            1 << 24,
            "scrypt with N=16777216 r=8 p=1, expected N=32768 or 65536 or 131072 r=8 p=1",
        ),
        (("kdf", "params", "N"), 16384, "N=16384"),
        (("kdf", "params", "N"), 2, "N=2 "),
        (("kdf", "params", "N"), 0, "N=0 "),
        (("kdf", "params", "N"), -32768, "N=-32768"),
        (("kdf", "params", "N"), 1 << 90, "N=1237940039285380274899124224"),
        (("kdf", "params", "N"), "32768", "not a key file"),
        (("kdf", "params", "r"), 1 << 20, "r=1048576"),
        (("kdf", "params", "p"), 1 << 20, "p=1048576"),
        (("kdf", "params"), {}, "not a key file"),
        (("kdf", "params"), None, "not a key file"),
        (("kdf", "name"), "argon2id", "unknown key derivation 'argon2id'"),
        (("kdf", "name"), "x" * 500, "unknown key derivation 'xxx"),
        (("kdf", "salt"), code(8), "a salt of 8 bytes, expected 32"),
        (("kdf", "salt"), code(5000), "a salt of 5000 bytes"),
        (("kdf", "salt"), "***", "not a key file"),
        (("cipher", "name"), "aes-gcm", "unknown cipher 'aes-gcm'"),
        (("cipher", "nonce"), code(12), "a nonce of 12 bytes, expected 24"),
        (("cipher", "nonce"), "", "a nonce of 0 bytes"),
        (("ciphertext",), code(15), "a ciphertext of 15 bytes"),
        (("ciphertext",), None, "not a key file"),
    ],
)
def test_parameters_that_go_tuf_never_wrote_are_refused_before_any_work(
    sealed: bytes, scrypts: Scrypts, path: tuple[str, ...], value: Any, fact: str
) -> None:
    with pytest.raises(KeyFileRefused) as caught:
        parse_key_file(altered(sealed, *path, value=value), name="root.json")
    assert str(caught.value).startswith("root.json: ")
    assert fact in str(caught.value)
    assert len(str(caught.value)) < 300
    assert scrypts.count == 0


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{}",
        b'"root"',
        b'{"encrypted": true}',
        b'{"encrypted": "true", "data": []}',
        b'{"encrypted": false, "data": {}}',
        b'{"encrypted": true, "data": []}',
        b'{"encrypted": false, "data": [null]}',
        b'{"encrypted": false, "data": [{"keytype": "ed25519"}]}',
        b'{"encrypted": false, "data": [{"keytype": "ed25519", "keyval": {"public": "\xff", "private": ""}}]}',
        b"[" * 100_000,
        b'{"encrypted": false, "data": ' + b"[" * 100_000,
    ],
)
def test_what_is_no_key_file_is_refused(data: bytes) -> None:
    with pytest.raises(KeyFileRefused, match="not a key file"):
        parse_key_file(data)


def test_a_key_file_cut_short_anywhere_is_refused(sealed: bytes) -> None:
    for end in range(0, len(sealed) - 2, 7):
        with pytest.raises(KeyFileRefused):
            parse_key_file(sealed[:end])


def test_a_file_too_long_for_keys_is_not_even_parsed() -> None:
    with pytest.raises(KeyFileRefused, match="at most 1,048,576"):
        parse_key_file(b" " * (LIMIT_BYTES + 1))


@given(st.binary())
def test_no_bytes_at_all_raise_anything_but_a_refusal(data: bytes) -> None:
    with pytest.raises(KeyFileRefused):
        parse_key_file(data)


def entries(*changes: Callable[[dict[str, Any]], object], keytype: str = "ed25519") -> bytes:
    """Return a plain key file whose only entry has been changed."""
    entry = write_entry(from_seed(SEED) if keytype == "ed25519" else generate(keytype, rsa_bits=2048))
    for change in changes:
        change(entry)
    return json.dumps({"encrypted": False, "data": [entry]}).encode()


def halves(**changes: str) -> Callable[[dict[str, Any]], object]:
    return lambda entry: entry["keyval"].update(changes)


OTHER = write_entry(from_seed(bytes(32)))["keyval"]
OWN = write_entry(from_seed(SEED))["keyval"]


@pytest.mark.parametrize("keytype", ["ed25519", "ecdsa-sha2-nistp256", "rsa"])
def test_a_public_half_of_another_key_is_refused(keytype: str) -> None:
    other = write_entry(generate(keytype, rsa_bits=2048))["keyval"]["public"]
    with pytest.raises(KeyFileRefused, match="public half does not belong"):
        parse_key_file(entries(halves(public=other), keytype=keytype))


def test_the_public_half_inside_the_private_one_must_match_too() -> None:
    crossed = OWN["private"][:64] + OTHER["public"]
    with pytest.raises(KeyFileRefused, match="public half does not belong"):
        parse_key_file(entries(halves(private=crossed)))


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        (halves(private=OWN["private"][:64]), "128 hex digits"),
        (halves(private="zz" * 64), "128 hex digits"),
        (halves(private=" " * 128), "128 hex digits"),
        (lambda entry: entry.update(keytype="dsa"), "'dsa"),
        (lambda entry: entry.update(scheme="rsassa-pss-sha256"), "'ed25519/rsassa-pss-sha256'"),
        (lambda entry: entry.update(keytype="ml-dsa", scheme=""), "'ml-dsa'"),
    ],
)
def test_a_key_that_cannot_sign_is_refused(change: Callable[[dict[str, Any]], object], fact: str) -> None:
    with pytest.raises(KeyFileRefused) as caught:
        parse_key_file(entries(change))
    assert fact in str(caught.value)


def pem(kind: str) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = ec.generate_private_key(ec.SECP384R1()) if kind == "p384" else rsa.generate_private_key(65537, 1024)
    return key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()


@pytest.mark.parametrize(
    ("keytype", "private"),
    [
        ("ecdsa-sha2-nistp256", pem("p384")),
        ("ecdsa-sha2-nistp256", "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n"),
        ("ecdsa-sha2-nistp256", ""),
        ("ecdsa-sha2-nistp256", "é"),
        ("rsa", pem("rsa-1024")),
        ("rsa", pem("p384")),
    ],
    ids=["p384", "no key", "empty", "not ascii", "short", "other type"],
)
def test_a_pem_that_holds_another_kind_of_key_is_refused(keytype: str, private: str) -> None:
    with pytest.raises(KeyFileRefused, match="not a private key"):
        parse_key_file(entries(halves(private=private), keytype=keytype))


def test_a_pem_is_measured_before_it_is_read() -> None:
    with pytest.raises(KeyFileRefused, match="100,000 characters of PEM, where 16,384 are plenty"):
        parse_key_file(entries(halves(private="A" * 100_000), keytype="rsa"))


def test_members_that_go_tuf_leaves_out_or_ignores_do_no_harm() -> None:
    def bare(entry: dict[str, Any]) -> None:
        del entry["scheme"], entry["keyid_hash_algorithms"]
        entry["note"] = "from another program"

    (key,) = parse_key_file(entries(bare)).open(None)
    assert key.keyid == from_seed(SEED).keyid
