"""A document has one reading, or what spoils it is named; what was committed with an oddity can be repaired."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from tests.peers import CHECKOUT
from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.document import Document
from tufkeep.metadata.readers import (
    oddities,
    repaired,
    require_one_meaning,
    require_one_reading,
    require_plain_entry,
    require_plain_key,
)
from tufkeep.metadata.shape import fold

VECTORS = sorted((CHECKOUT / "tests" / "vectors" / "go-tuf").glob("*/repository/*.json"))
ED25519 = {"keytype": "ed25519", "scheme": "ed25519", "keyval": {"public": "ab" * 32}}
SPELLINGS = {"s": "sS\u017f", "k": "kK\u212a"}


def spelled(name: str) -> Iterator[str]:
    """Yield the name with each letter in each other spelling that Go takes for it."""
    for at, letter in enumerate(name):
        for other in SPELLINGS.get(letter, letter + letter.upper()):
            if other != letter:
                yield name[:at] + other + name[at + 1 :]


def targets() -> dict[str, Any]:
    return {
        "signatures": [{"keyid": "a" * 64, "sig": "00"}],
        "signed": {
            "_type": "targets",
            "spec_version": "1.0.31",
            "version": 2,
            "expires": "2027-01-31T12:00:00Z",
            "targets": {"app": {"length": 3, "hashes": {"sha256": "ab" * 32}, "custom": {"Length": 9}}},
            "delegations": {
                "keys": {"a" * 64: copy.deepcopy(ED25519)},
                "roles": [
                    {
                        "name": "team",
                        "keyids": ["a" * 64],
                        "threshold": 1,
                        "terminating": False,
                        "paths": ["team/*"],
                    }
                ],
            },
        },
    }


def document(value: Any) -> Document[Any]:
    return Document.parse(json.dumps(value).encode())


def members(value: Any, where: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every member that has a meaning."""
    if isinstance(value, dict):
        for name, inner in value.items():
            data = where and where[-1] in ("targets", "keys", "hashes", "meta")
            if not data:
                yield (*where, name)
            if name != "custom":
                yield from members(inner, (*where, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from members(inner, (*where, number))


def changed(value: Any, way: tuple[Any, ...], change: Callable[[Any, Any], None]) -> Any:
    value = copy.deepcopy(value)
    holder = value
    for step in way[:-1]:
        holder = holder[step]
    change(holder, way[-1])
    return value


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: f"{path.parent.parent.name}-{path.name}")
def test_what_go_tuf_writes_has_one_reading(path: Path) -> None:
    assert list(oddities(Document.parse(path.read_bytes()))) == []


def test_an_ordinary_document_has_one_reading() -> None:
    assert list(oddities(document(targets()))) == []


@pytest.mark.parametrize("way", list(members(targets())), ids=lambda way: ".".join(map(str, way)))
def test_a_member_that_folds_to_a_known_one_has_two_meanings(way: tuple[Any, ...]) -> None:
    """Beside the real member, in every spelling that Go takes for it, in every object."""
    for name in spelled(way[-1]):

        def add(holder: Any, member: str, name: str = name) -> None:
            holder[name] = holder[member]

        found = [each for each in oddities(document(changed(targets(), way, add))) if not each.tolerated]
        assert found, name
        assert ascii(name) in found[0].fact


@given(st.text(min_size=1, max_size=12))
def test_folding_changes_letters_alone(name: str) -> None:
    assert len(fold(name)) == len(name)
    assert fold(fold(name)) == fold(name)


def test_custom_data_is_free() -> None:
    value = targets()
    value["signed"]["targets"]["app"]["custom"] = {"Custom": 1, "custom": 2, "LENGTH": "x"}
    assert list(oddities(document(value))) == []


def set_to(new: Any) -> Callable[[Any, Any], None]:
    def change(holder: Any, name: Any) -> None:
        holder[name] = new

    return change


@pytest.mark.parametrize(
    ("way", "new"),
    [
        (("signed", "expires"), "2027-01-31T12:00:00.5Z"),
        (("signed", "expires"), "2027-01-31T12:00:00+00:00"),
        (("signed", "spec_version"), None),
        (("signed", "spec_version"), "2.0"),
        (("signed", "version"), 2**53 + 1),
        (("signed", "targets", "app", "length"), 2**53 + 1),
        (("signed", "targets", "app", "length"), "3"),
        (("signed", "targets", "app", "hashes"), {"sha256": "AB" * 32}),
        (("signed", "delegations", "roles", 0, "terminating"), "no"),
        (("signed", "delegations", "roles", 0, "paths"), "team/*"),
        (("signed", "delegations", "roles", 0, "threshold"), 0),
        (("signed", "delegations", "keys", "a" * 64, "keyid_hash_algorithms"), "sha256"),
        (("signed", "delegations", "keys", "a" * 64, "keyval", "public"), "AB" * 32),
        (("signed", "delegations", "keys", "a" * 64, "keyval", "public"), " ".join(["ab"] * 32)),
        (("signed", "delegations", "keys", "a" * 64, "keyval", "public"), "ab" * 32 + "\n"),
        (("signatures", 0, "sig"), "0A"),
    ],
)
def test_a_form_that_some_client_refuses_is_named(way: tuple[Any, ...], new: Any) -> None:
    assert len(list(oddities(document(changed(targets(), way, set_to(new)))))) == 1


def test_two_signatures_with_one_keyid_are_named() -> None:
    value = targets()
    value["signatures"] *= 2
    with pytest.raises(MalformedMetadata, match="2 signatures of key aaaaaaaa"):
        require_one_meaning(document(value))


def test_what_is_committed_with_an_oddity_does_not_stop_its_successor() -> None:
    before = targets()
    before["signed"]["targets"]["app"]["Length"] = 4
    before["signed"]["expires"] = "2027-01-31T12:00:00.5Z"
    after = copy.deepcopy(before)
    after["signed"]["version"] = 3
    require_one_reading("targets", document(after), document(before))
    after["signed"]["targets"]["app"]["Hashes"] = {}
    with pytest.raises(MalformedMetadata, match="'Hashes' is read as 'hashes'"):
        require_one_reading("targets", document(after), document(before))


def test_a_new_entry_is_looked_at_beside_old_ones() -> None:
    after = targets()
    after["signed"]["targets"]["new"] = {"length": 1, "hashes": {"sha256": "ab" * 32}, "ha\u017fhes": {}}
    with pytest.raises(MalformedMetadata, match="new: member"):
        require_one_reading("targets", document(after), document(targets()))


def test_a_client_refuses_an_entry_with_two_meanings_when_it_is_asked_for() -> None:
    entry = {"length": 1, "hashes": {"sha256": "ab"}, "ha\u017fhes": {"sha256": "cd"}}
    value = targets()
    value["signed"]["targets"]["evil"] = entry
    require_one_meaning(document(value))  # a hundred thousand entries are not looked at for nothing
    with pytest.raises(MalformedMetadata, match=r"target evil: member 'ha\\u017fhes'"):
        require_plain_entry("evil", entry)


@pytest.mark.parametrize(
    "key",
    [
        {**ED25519, "x": 1},
        {**ED25519, "keyval": {"public": "ab" * 32, "private": ""}},
        {**ED25519, "keyid_hash_algorithms": "sha256"},
        {**ED25519, "keyval": {"public": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"}},
        {**ED25519, "keyval": {"Public": "ab" * 32}},
        [],
    ],
)
def test_a_key_that_is_new_here_is_exactly_in_its_form(key: Any) -> None:
    with pytest.raises(MalformedMetadata):
        require_plain_key("a" * 64, key)


def pem(key: Any, scheme: str = "ecdsa-sha2-nistp256", keytype: str = "") -> dict[str, Any]:
    public = key if isinstance(key, str) else key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return {"keytype": keytype or scheme, "scheme": scheme, "keyval": {"public": public}}


P256, P384 = (ec.generate_private_key(curve).public_key() for curve in (ec.SECP256R1(), ec.SECP384R1()))
RSA_1024, RSA_2048 = (rsa.generate_private_key(65537, bits).public_key() for bits in (1024, 2048))
_POINT = P256.public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
COMPRESSED = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200") + _POINT


@pytest.mark.parametrize(
    "key",
    [
        pem(P384),
        pem(RSA_2048),
        pem(ec.generate_private_key(ec.SECP256K1()).public_key()),
        pem(Ed25519PrivateKey.generate().public_key()),
        pem(P256, "ecdsa-sha2-nistp384", "ecdsa"),
        pem(P256, "rsassa-pss-sha256", "rsa"),
        pem(RSA_1024, "rsassa-pss-sha256", "rsa"),
        pem(f"-----BEGIN PUBLIC KEY-----\n{base64.b64encode(COMPRESSED).decode()}\n-----END PUBLIC KEY-----\n"),
        pem(P256.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint).hex()),
        pem("04" + "11" * 64),
    ],
)
def test_a_key_is_of_the_type_that_it_says_in_the_form_that_every_client_reads(key: Any) -> None:
    """Else go-tuf v0.5.2 refuses the whole root that lists it."""
    with pytest.raises(MalformedMetadata, match="public"):
        require_plain_key("a" * 64, key)


@pytest.mark.parametrize(
    "key",
    [
        pem(P256),
        pem(P256, keytype="ecdsa"),
        pem(RSA_2048, "rsassa-pss-sha256", "rsa"),
        pem(P256.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode().strip()),
    ],
)
def test_a_key_of_each_type_is_taken(key: Any) -> None:
    require_plain_key("a" * 64, key)


BEYOND_AND_LAST = {"\U0001f600": 1, "\uff01": 2}  # by code point the other way round than by units of UTF-16


@pytest.mark.parametrize(
    "way",
    [
        ("signed", "targets"),
        ("signed", "targets", "app", "custom"),
        ("signed", "unknown"),
        ("signed", "delegations", "keys"),
    ],
)
def test_members_that_javascript_sorts_in_another_order_are_named(way: tuple[str, ...]) -> None:
    """It makes other bytes then, and finds no signature over them."""
    value = targets()
    holder = value
    for step in way:
        holder = holder.setdefault(step, {})
    like = next(iter(holder.values()), 1)
    holder.update(dict.fromkeys(BEYOND_AND_LAST, like))
    found = [each for each in oddities(document(value)) if "in another order" in each.fact]
    assert [each.where for each in found] == [way]
    require_one_reading("targets", document(value), document(value))
    del holder["\uff01"]
    assert not any("in another order" in each.fact for each in oddities(document(value)))


def test_an_old_target_and_a_new_one_are_sorted_together() -> None:
    before = targets()
    entries = before["signed"]["targets"]
    entries["\U0001f600"] = entries["app"]
    after = copy.deepcopy(before)
    after["signed"]["targets"]["\uff01"] = entries["app"]
    with pytest.raises(MalformedMetadata, match="in another order"):
        require_one_reading("targets", document(after), document(before))


@pytest.mark.parametrize("keyid", ["__proto__", "constructor", "toString"])
def test_a_signature_that_javascript_takes_for_a_second_one_is_named(keyid: str) -> None:
    value = targets()
    value["signatures"].append({"keyid": keyid, "sig": "00"})
    assert [each.where for each in oddities(document(value))] == [("signatures", "1", "keyid")]


def test_a_key_in_its_form_is_taken() -> None:
    require_plain_key("a" * 64, ED25519)
    require_plain_key("a" * 64, {**ED25519, "keyid_hash_algorithms": ["sha256", "sha512"]})


def test_a_new_version_is_made_without_what_is_taken_for_something_else() -> None:
    value = targets()
    value["signed"]["Version"] = 9
    value["signed"]["targets"]["app"]["ha\u017fhes"] = {}
    value["signed"]["delegations"]["roles"][0]["Paths"] = ["*"]
    value["signed"]["x-team"] = "kept"
    repaired_one = Document.of(repaired(document(value)))
    assert list(oddities(repaired_one)) == []
    assert repaired_one.signed.unrecognized_fields == {"x-team": "kept"}
