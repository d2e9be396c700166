"""What go-tuf's clients could not read is named before it is published."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from securesystemslib.signer import CryptoSigner, SSlibKey
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    MetaFile,
    Root,
    Signed,
    Snapshot,
    SuccinctRoles,
    Targets,
    Timestamp,
)

from tests.metadata.making import LATER, public, renamed, root_model, signed_by, signer, target, targets_model
from tufkeep.metadata.document import Document
from tufkeep.metadata.lint import compat

VECTORS = Path(__file__).parents[1] / "vectors" / "go-tuf"


def found(model: Signed) -> str:
    return "; ".join(warning.sentence() for warning in compat(model.type, Document.of(model)))


@pytest.mark.parametrize(
    "path", sorted(VECTORS.glob("*/repository/*.json")), ids=lambda path: "/".join(path.parts[-3:])
)
def test_what_go_tuf_wrote_it_can_read(path: Path) -> None:
    document = Document.parse(path.read_bytes())
    assert compat(document.role_type, document) == ()


def test_ordinary_metadata_of_ours_can_be_read() -> None:
    assert found(root_model({"root": [old(signer("a", "rsa")), signer("b")]})) == ""
    assert found(targets_model([target("a/b", custom={"n": 2**53, "m": -(2**53), "flag": True})])) == ""
    assert found(Snapshot(expires=LATER, meta={"targets.json": MetaFile(1, 5, {"sha256": "aa", "sha512": "bb"})})) == ""
    assert found(Timestamp(expires=LATER)) == ""


def old(key: CryptoSigner) -> SSlibKey:
    """Return the key with the keytype that go-tuf v0.5.2 knows for P-256."""
    copy = renamed(key, public(key).keyid)
    if copy.keytype == "ecdsa":
        copy.keytype = copy.scheme
    return copy


def test_one_key_of_a_type_it_does_not_know_makes_it_refuse_the_root() -> None:
    model = root_model()
    model.keys["unused00"] = renamed(signer("p256", "ecdsa"), "unused00")
    assert found(model) == (
        "root: key unused00 is of type ecdsa, and agents refuse the whole file, used or not (go-tuf v0.5.2)"
    )
    model.keys["unused00"] = old(signer("p256", "ecdsa"))
    assert found(model) == ""


def test_a_key_of_a_type_nobody_knows_is_named_too() -> None:
    value = root_model().to_dict()
    value["keys"]["future00"] = {"keytype": "lattice", "scheme": "l9", "keyval": {"public": "x"}}
    document = Document.parse(json.dumps({"signed": value, "signatures": []}).encode(), Root)
    assert [warning.fact for warning in compat("root", document)] == [
        "key future00 is of type lattice, and agents refuse the whole file, used or not"
    ]


@pytest.mark.parametrize(("number", "seen"), [(2**53 + 1, True), (-(2**53) - 1, True), (2**70, True), (2**53, False)])
def test_numbers_that_a_float_does_not_hold_are_named(number: int, seen: bool) -> None:
    assert ("a number above 2^53" in found(targets_model([target("a", custom={"deep": [{"n": number}]})]))) is seen


def test_files_longer_than_agents_download_are_named() -> None:
    big = Timestamp(expires=LATER, unrecognized_fields={"note": "x" * 16_384})
    assert "bytes, and agents take 16,384" in found(big)
    assert found(Timestamp(expires=LATER, unrecognized_fields={"note": "x" * 15_000})) == ""
    model = root_model()
    model.unrecognized_fields["note"] = "x" * 512_000
    assert "agents take 512,000" in found(model)
    assert found(targets_model([target("a", custom={"note": "x" * 600_000})])) == ""


def test_a_hash_it_does_not_know_makes_it_refuse_the_target() -> None:
    file = target("a")
    file.hashes["blake2b-256"] = "00" * 32
    assert "target a: has a hash of an algorithm that agents don't know" in found(targets_model([file, target("b")]))
    assert "targets.json has a hash of an algorithm" in found(
        Snapshot(expires=LATER, meta={"targets.json": MetaFile(1, hashes={"md5": "0"})})
    )
    assert "snapshot.json has a hash of an algorithm" in found(
        Timestamp(expires=LATER, snapshot_meta=MetaFile(1, hashes={"md5": "0"}))
    )


def test_paths_it_can_not_fetch_are_counted_with_one_example() -> None:
    assert "target b? and 1 more: contains #, ? or %, so agents can't fetch it" in found(
        targets_model([target("b?"), target("a#1"), target("plain")])
    )


def test_delegations_that_its_clients_do_not_follow_are_named() -> None:
    key = public(signer("a"))

    def delegating(**change: object) -> Targets:
        model = targets_model()
        model.delegations = Delegations({key.keyid: key}, **change)  # type: ignore[arg-type]
        return model

    def role(name: str, **covers: list[str]) -> DelegatedRole:
        return DelegatedRole(name, [key.keyid], 1, False, **covers)  # type: ignore[arg-type]

    assert found(delegating(roles={"a b": role("a b", paths=["*"])})) == ""
    assert "succinct roles" in found(delegating(succinct_roles=SuccinctRoles([key.keyid], 1, 4, "bin")))
    assert "by path_hash_prefixes, and it never finds a target there (go-tuf v2.4.2)" in found(
        delegating(roles={"a": role("a", path_hash_prefixes=["0"])})
    )
    assert "role a/b has a / in its name" in found(delegating(roles={"a/b": role("a/b", paths=["*"])}))
    assert "role a?b has #, ? or % in its name" in found(delegating(roles={"a?b": role("a?b", paths=["*"])}))
    many = {f"r{n}": role(f"r{n}", paths=["*"]) for n in range(32)}
    assert "delegates to 32 roles, and agents look into 31" in found(delegating(roles=many))
    assert found(delegating(roles=dict(list(many.items())[:31]))) == ""


def test_a_signature_that_stands_there_twice_is_named() -> None:
    key = signer("targets")
    document = signed_by(targets_model(), key)
    entry = json.dumps(document.signatures[0].to_dict()).encode()
    twice = Document.parse(document.data.replace(b'{"signatures":[', b'{"signatures":[' + entry + b","), Targets)
    (warning,) = compat("targets", twice)
    assert warning.client == "go-tuf v2.4.2"
    assert warning.fact == f"has two signatures of key {public(key).keyid[:8]}, and is refused"


def test_a_number_outside_the_targets_is_seen_as_well() -> None:
    assert "a number above 2^53" in found(Timestamp(expires=LATER, unrecognized_fields={"n": 2**60}))


def test_a_file_of_just_the_length_that_agents_take_is_fine() -> None:
    shorter = len(Document.of(Timestamp(expires=LATER, unrecognized_fields={"note": ""})).data)
    fits = Timestamp(expires=LATER, unrecognized_fields={"note": "x" * (16_384 - shorter)})
    assert len(Document.of(fits).data) == 16_384
    assert found(fits) == ""
