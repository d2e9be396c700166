from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.signer import CryptoSigner, SSlibKey

from tests.keys.vectors import REPOSITORIES
from tufkeep.keys.keyid import public_forms


def test_ids_are_those_that_go_tuf_wrote_into_its_repositories() -> None:
    listed = 0
    for path in REPOSITORIES.glob("*/repository/root.json"):
        for keyid, key in json.loads(path.read_bytes())["signed"]["keys"].items():
            assert next(iter(public_forms(key["keytype"], key["scheme"], key["keyval"]["public"]))) == keyid
            listed += 1
    assert listed > 20


def test_the_ids_of_python_tuf_are_among_a_keys_ids() -> None:
    for signer in (CryptoSigner.generate_ed25519(), CryptoSigner.generate_ecdsa(), CryptoSigner.generate_rsa()):
        key = signer.public_key
        assert key.keyid in public_forms(key.keytype, key.scheme, key.keyval["public"])


def test_both_names_of_the_p256_type_are_one_key() -> None:
    public = CryptoSigner.generate_ecdsa().public_key.keyval["public"]
    new = public_forms("ecdsa", "ecdsa-sha2-nistp256", public)
    old = public_forms("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", public)
    assert new.keys() == old.keys()
    assert len(new) == 4
    assert next(iter(new)) != next(iter(old))


def test_a_pem_without_its_last_newline_is_the_same_key() -> None:
    key: SSlibKey = CryptoSigner.generate_ecdsa().public_key
    public = key.keyval["public"]
    assert public_forms("ecdsa", key.scheme, public.rstrip("\n")) == public_forms("ecdsa", key.scheme, public)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_different_keys_share_no_id(one: bytes, other: bytes) -> None:
    ids = public_forms("ed25519", "ed25519", one.hex()).keys()
    shared = ids & public_forms("ed25519", "ed25519", other.hex()).keys()
    assert bool(shared) == (one == other)
