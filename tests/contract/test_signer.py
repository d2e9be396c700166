"""The contract of a signer, held against every kind there is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import CryptoSigner, Signature

from tufkeep.keys.private import generate
from tufkeep.keys.signer import Signer

# python-tuf's name for the P-256 type is not go-tuf's; it verifies both, and warns about the older
pytestmark = pytest.mark.filterwarnings("ignore:keytype 'ecdsa-sha2-nistp256' is deprecated")


@pytest.fixture(scope="module", params=["ed25519", "ecdsa-sha2-nistp256", "rsa", "other id", "securesystemslib"])
def signer(request: pytest.FixtureRequest) -> Iterator[Signer]:
    if request.param == "other id":
        key = generate("ecdsa-sha2-nistp256")
        yield key.under(key.keyids[-1])
    elif request.param == "securesystemslib":
        yield CryptoSigner.generate_ed25519()
    else:
        yield generate(request.param, rsa_bits=2048)


@pytest.mark.parametrize("payload", [b"", b"payload", b"\x00\xff" * 100_000])
def test_a_signature_verifies_with_the_public_key(signer: Signer, payload: bytes) -> None:
    signer.public_key.verify_signature(signer.sign(payload), payload)


def test_a_signature_does_not_verify_another_payload(signer: Signer) -> None:
    with pytest.raises(UnverifiedSignatureError):
        signer.public_key.verify_signature(signer.sign(b"one"), b"other")


def test_a_signature_does_not_verify_with_another_key(signer: Signer) -> None:
    other = generate(signer.public_key.keytype if signer.public_key.keytype != "ecdsa" else "ecdsa-sha2-nistp256")
    signature = signer.sign(b"payload")
    with pytest.raises(UnverifiedSignatureError):
        other.public_key.verify_signature(Signature(other.keyid, signature.signature), b"payload")


def test_signature_and_public_key_go_by_the_signers_id(signer: Signer) -> None:
    assert signer.sign(b"payload").keyid == signer.public_key.keyid


def test_the_public_key_of_a_signer_holds_no_private_part(signer: Signer) -> None:
    assert set(signer.public_key.keyval) == {"public"}
    assert "PRIVATE" not in signer.public_key.keyval["public"]
