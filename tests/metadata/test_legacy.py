from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from securesystemslib.signer import CryptoSigner, Key

from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.document import Document
from tufkeep.metadata.legacy import PointKey, point_key, whole_seconds
from tufkeep.metadata.model import public_identity
from tufkeep.metadata.quorum import quorum
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.forge import Forge, forge_file


def point_of(signer: CryptoSigner) -> str:
    public = load_pem_public_key(signer.public_key.keyval["public"].encode())
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint).hex()


def spelled_as_point(signer: CryptoSigner) -> dict[str, Any]:
    scheme = "ecdsa-sha2-nistp256"
    return {"keytype": scheme, "scheme": scheme, "keyval": {"public": point_of(signer)}}


@pytest.fixture
def signer() -> CryptoSigner:
    return CryptoSigner.generate_ecdsa()


def test_a_root_with_a_key_spelled_as_a_point_verifies(signer: CryptoSigner) -> None:
    forge = Forge(now=FakeClock()())
    root = forge.signed["root"]
    root["keys"][signer.public_key.keyid] = spelled_as_point(signer)
    root["roles"]["root"]["keyids"] = [signer.public_key.keyid]
    document = Document.parse(forge_file(root, [signer]))
    assert quorum(document, "root", document.signed).reached  # type: ignore[arg-type]
    forged = Document.parse(forge_file({**root, "version": 7}, []))
    assert not quorum(forged, "root", forged.signed).reached  # type: ignore[arg-type]


def test_a_point_key_is_written_back_as_it_came(signer: CryptoSigner) -> None:
    key = point_key("id", spelled_as_point(signer))
    assert isinstance(key, PointKey)
    assert key.to_dict() == spelled_as_point(signer)


def test_a_point_and_a_pem_of_one_key_are_one_key(signer: CryptoSigner) -> None:
    key = point_key("id", spelled_as_point(signer))
    assert isinstance(key, Key)
    assert public_identity(key) == public_identity(signer.public_key)


@pytest.mark.parametrize("public", ["04" + "00" * 64, "04" + "ff" * 64, "04abc", "", "02" + "00" * 32])
def test_what_is_no_point_of_the_curve_is_no_point_key(public: str) -> None:
    scheme = "ecdsa-sha2-nistp256"
    assert point_key("id", {"keytype": scheme, "scheme": scheme, "keyval": {"public": public}}) is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2021-12-18T13:28:12.99008-06:00", "2021-12-18T19:28:12Z"),
        ("2022-05-11T19:09:02.663975009Z", "2022-05-11T19:09:02Z"),
        ("2022-05-11T19:09:02+00:00", "2022-05-11T19:09:02Z"),
        ("2022-05-11T19:09:02Z", "2022-05-11T19:09:02Z"),
        ("2022-05-11T19:09:02", "2022-05-11T19:09:02"),
        ("2022-13-11T19:09:02.5Z", "2022-13-11T19:09:02.5Z"),
        ("0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00+23:59"),
        ("tomorrow", "tomorrow"),
        (5, 5),
        (None, None),
    ],
)
def test_a_date_is_read_in_utc_and_whole_seconds(written: Any, read: Any) -> None:
    assert whole_seconds(written) == read


@pytest.mark.parametrize("written", ["2022-05-11T19:09:02", "2022-13-11T19:09:02.5Z", "0001-01-01T00:00:00+23:59"])
def test_what_is_no_date_is_refused(written: str) -> None:
    forge = Forge(now=FakeClock()())
    forge.lie("timestamp", lambda signed: signed.update(expires=written))
    with pytest.raises(MalformedMetadata):
        _ = Document.parse(forge.write("timestamp")).signed
