from __future__ import annotations

import copy
import json
import os
import pickle
import traceback

import pytest
from securesystemslib.signer import CryptoSigner, SSlibKey

from tufkeep.cli.base.hints import hint
from tufkeep.keys.entry import write_entry
from tufkeep.keys.keyfile import parse_key_file, seal_key_file
from tufkeep.keys.passphrase import Passphrase
from tufkeep.keys.private import KeyHalvesDiffer, PrivateKey, UnsupportedKey, from_seed, generate
from tufkeep.keys.sealed import KeyFileRefused, seal

SEED = bytes(range(32))


@pytest.fixture(scope="module")
def rsa_key() -> PrivateKey:
    return generate("rsa", rsa_bits=2048)


def test_a_generated_key_has_the_id_and_the_public_form_of_go_tuf() -> None:
    key = generate()
    assert key.public_key.keyid == key.keyid
    assert key.public_key.unrecognized_fields == {"keyid_hash_algorithms": ["sha256", "sha512"]}
    assert (key.public_key.keytype, key.public_key.scheme) == ("ed25519", "ed25519")


def test_two_generated_keys_differ() -> None:
    assert generate().keyid != generate().keyid


def test_a_seed_gives_the_signature_of_rfc_8032() -> None:
    # RFC 8032 section 7.1, test 2
    key = from_seed(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
    assert key.public_key.keyval["public"] == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert key.sign(b"\x72").signature == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_rsa_salt_has_the_length_that_strict_verifiers_want(rsa_key: PrivateKey) -> None:
    from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.hashes import SHA256

    public = rsa_key.secret.public_key()
    assert isinstance(public, RSAPublicKey)
    signature = bytes.fromhex(rsa_key.sign(b"payload").signature)
    public.verify(signature, b"payload", PSS(MGF1(SHA256()), PSS.DIGEST_LENGTH), SHA256())


def test_rsa_goes_by_its_type_or_its_scheme(rsa_key: PrivateKey) -> None:
    assert rsa_key.keytype == generate("rsassa-pss-sha256", rsa_bits=2048).keytype == "rsa"


@pytest.mark.parametrize("kind", ["", "dsa", "ecdsa-sha2-nistp384", "ml-dsa-65/1"])
def test_a_kind_that_agents_cannot_verify_is_not_made(kind: str) -> None:
    with pytest.raises(UnsupportedKey) as caught:
        generate(kind)
    assert "ed25519" in (hint(caught.value) or "")


def test_a_key_signs_under_the_id_that_python_tuf_gave_it() -> None:
    theirs = CryptoSigner.generate_ecdsa()
    ours = PrivateKey("ecdsa-sha2-nistp256", theirs._private_key)  # type: ignore[arg-type]

    signed = ours.under(theirs.public_key.keyid)

    assert signed.keyid == theirs.public_key.keyid
    assert signed.public_key == theirs.public_key
    theirs.public_key.verify_signature(signed.sign(b"payload"), b"payload")
    assert ours.keyid != signed.keyid  # the first stays what it was


def test_a_key_signs_under_a_free_form_id_of_its_public_half() -> None:
    key = from_seed(SEED)
    listed = SSlibKey("alice", "ed25519", "ed25519", {"public": key.public_key.keyval["public"]})

    assert key.under("alice", listed).sign(b"payload").keyid == "alice"
    assert key.under("alice", listed).public_key is listed


def test_a_key_does_not_sign_under_the_id_of_another() -> None:
    other = generate()
    with pytest.raises(KeyHalvesDiffer):
        from_seed(SEED).under(other.keyid)
    with pytest.raises(KeyHalvesDiffer):
        from_seed(SEED).under("alice", other.public_key)


def test_a_private_key_shows_its_id_and_nothing_else() -> None:
    key = from_seed(SEED)
    shown = f"{key!r} {key} {[key]}"
    assert key.keyid in shown
    assert SEED.hex() not in shown
    assert not hasattr(key, "__dict__")


def test_a_private_key_is_neither_pickled_nor_copied() -> None:
    key = from_seed(SEED)
    for spread in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not copied or pickled"):
            spread(key)


@pytest.mark.parametrize("spoil", ["halves", "list"])
def test_the_traceback_of_a_broken_key_file_shows_no_secret(spoil: str) -> None:
    entry = write_entry(from_seed(SEED))
    entry["keyval"]["public"] = generate().public_key.keyval["public"]
    plaintext = json.dumps([entry] if spoil == "halves" else entry).encode()
    box = seal(plaintext, Passphrase("sesame"), randomness=os.urandom)
    file = parse_key_file(json.dumps({"encrypted": True, "data": box}).encode())
    del plaintext, entry

    with pytest.raises(KeyFileRefused) as caught:
        file.open(Passphrase("sesame"))

    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "keyfile.py" in shown
    assert SEED.hex() not in shown
    assert "sesame" not in shown.replace('Passphrase("sesame")', "")  # this test's own lines are in it


def test_a_key_file_shows_no_secret() -> None:
    key = from_seed(SEED)
    assert SEED.hex() not in repr(parse_key_file(seal_key_file([key], None)))
