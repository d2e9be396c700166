"""Public keys that were made elsewhere are read in every form, under the id that their maker signs with."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.signer import CryptoSigner

from tests.keys.vectors import encrypted_key_files
from tufkeep.errors import TufkeepError
from tufkeep.keys.keyfile import parse_key_file, seal_key_file
from tufkeep.keys.private import PrivateKey, generate, public_text
from tufkeep.keys.public import NotAPublicKey, read_public_keys

KINDS = ["ed25519", "ecdsa-sha2-nistp256", "rsa"]
MADE = {kind: generate(kind, rsa_bits=2048) for kind in KINDS}
SIGNERS = [CryptoSigner.generate_ed25519(), CryptoSigner.generate_ecdsa(), CryptoSigner.generate_rsa()]


def read(data: bytes | str, **more: Any) -> Any:
    (key,) = read_public_keys(data.encode() if isinstance(data, str) else data, name="new.pub", role="targets", **more)
    return key


def pem(key: PrivateKey) -> bytes:
    return key.secret.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize("kind", KINDS)
def test_a_pem_is_the_key_under_go_tufs_id(kind: str) -> None:
    key = MADE[kind]
    assert read(pem(key)) == key.public_key


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_file_gives_its_public_half_alone(kind: str) -> None:
    key = MADE[kind]
    found = read(seal_key_file([key], None))
    assert found == key.public_key
    assert "private" not in found.keyval


def test_a_key_file_that_go_tuf_sealed_is_opened_for_its_public_half() -> None:
    path, passphrase = encrypted_key_files()[0]
    data = path.read_bytes()
    expected = parse_key_file(data).open(passphrase)[0].public_key
    assert read(data, passphrases=lambda request: passphrase) == expected
    with pytest.raises(TufkeepError, match="a passphrase is needed"):
        read(data)


@pytest.mark.parametrize("signer", SIGNERS, ids=lambda signer: signer.public_key.keytype)
def test_a_key_of_python_tuf_keeps_the_id_that_python_tuf_signs_with(signer: CryptoSigner) -> None:
    key = signer.public_key
    found = read(json.dumps(key.to_dict()))
    assert found.keyid == key.keyid
    found.verify_signature(signer.sign(b"signed elsewhere"), b"signed elsewhere")
    assert read(json.dumps({**key.to_dict(), "keyid": key.keyid})).keyid == key.keyid


def test_what_go_tuf_lists_as_root_keys_keeps_go_tufs_ids() -> None:
    keys = [generate(), generate()]
    listed = [
        {
            "keytype": "ed25519",
            "scheme": "ed25519",
            "keyid_hash_algorithms": ["sha256", "sha512"],
            "keyval": {"public": public_text(key.secret)},
        }
        for key in keys
    ]
    found = read_public_keys(json.dumps(listed).encode(), name="keys", role="root")
    assert [key.keyid for key in found] == [key.keyid for key in keys]


P384 = ec.generate_private_key(ec.SECP384R1()).public_key()
SHORT = rsa.generate_private_key(65537, 1024).public_key()
DSA = dsa.generate_private_key(2048).public_key()


def listed(**change: object) -> str:
    return json.dumps({"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": "ab" * 32}} | change)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "neither PEM nor JSON"),
        (b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 someone", "neither PEM nor JSON"),
        (b"[]", "empty"),
        (b"[" * 100_000, "neither PEM nor JSON"),
        (b" " * (1 << 21), "too many"),
        (b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "no public key"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "is a private key"),
        (P384.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "neither an ed25519"),
        (SHORT.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "neither an ed25519"),
        (DSA.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), "neither an ed25519"),
        (listed(keyval={"public": "ab" * 31}).encode(), "not a public key of the kind"),
        (listed(keyval={"public": "zz" * 32}).encode(), "not a public key of the kind"),
        (listed(keyval={"public": pem(MADE["rsa"]).decode()}, keytype="ecdsa").encode(), "not a public key"),
        (listed(scheme="ed448").encode(), "ed25519/ed448"),
        (listed(keytype="sphincs").encode(), "sphincs"),
        (listed(keyid="0" * 64).encode(), "does not belong"),
        (listed(keyval=3).encode(), "not a public key"),
    ],
)
def test_anything_else_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(NotAPublicKey, match=reason):
        read(data)


@given(st.binary(max_size=200) | st.text().map(str.encode) | st.sampled_from([b"[{}]", b"[1]", b'{"encrypted":1}']))
def test_no_file_brings_a_traceback(data: bytes) -> None:
    with pytest.raises(TufkeepError):
        read(data)
