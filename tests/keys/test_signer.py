"""Signers that a caller brings sign under the keyid that metadata knows their key by, or are refused."""

from __future__ import annotations

import pytest
from securesystemslib.signer import CryptoSigner, Key, Signature, SSlibKey

from tufkeep.keys.private import generate
from tufkeep.keys.signer import SignatureWrong, signatures


def test_a_signer_signs_under_its_own_keyid() -> None:
    signer = CryptoSigner.generate_ed25519()
    (made,) = signatures([signer], b"payload", {signer.public_key.keyid: signer.public_key})
    assert made.keyid == signer.public_key.keyid


def test_a_signer_signs_under_the_keyid_that_it_is_listed_by() -> None:
    signer = CryptoSigner.generate_ed25519()
    listed: Key = SSlibKey("alice", "ed25519", "ed25519", {"public": signer.public_key.keyval["public"]})
    (made,) = signatures([signer], b"payload", {"alice": listed})
    assert made.keyid == "alice"
    listed.verify_signature(made, b"payload")


def test_a_signer_that_nobody_wants_is_not_asked() -> None:
    other = generate()
    assert list(signatures([_Liar()], b"payload", {other.keyid: other.public_key})) == []


def test_a_signer_that_signs_with_another_key_is_refused() -> None:
    liar = _Liar()
    with pytest.raises(SignatureWrong, match="does not verify"):
        list(signatures([liar], b"payload", {liar.public_key.keyid: liar.public_key}))


class _Liar:
    """Shows one key and signs with another."""

    def __init__(self) -> None:
        self.public_key = generate().public_key

    def sign(self, payload: bytes) -> Signature:
        return Signature(self.public_key.keyid, generate().sign(payload).signature)
