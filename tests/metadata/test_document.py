"""A metadata file: parsed strictly, verified over its canonical form, written so that everybody reads it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.signer import Signature
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp

from tests.metadata.making import (
    NOW,
    public,
    renamed,
    reread,
    root,
    root_model,
    signed_by,
    signer,
    target,
    targets_model,
)
from tufkeep.metadata.canonical import MalformedMetadata, NotCanonical, encode_canonical
from tufkeep.metadata.document import Document, editable
from tufkeep.metadata.model import public_identity

VECTORS = Path(__file__).parents[1] / "vectors" / "go-tuf"
FILES = sorted(path for folder in ("repository", "staged") for path in VECTORS.glob(f"*/{folder}/*.json"))
KINDS = {"root": Root, "targets": Targets, "snapshot": Snapshot, "timestamp": Timestamp}


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_file_with_any_type_of_key_is_read_by_us_and_by_python_tuf(kind: str) -> None:
    key = signer("any", kind)
    document = signed_by(root_model({"root": [key], "targets": [key]}), key)
    again = reread(document, Root)
    assert again.verifies(public(key))
    assert again.payload == document.payload
    theirs = Metadata[Root].from_bytes(document.data)
    theirs.signed.verify_delegate("root", theirs.signed_bytes, theirs.signatures)
    assert theirs.signed_bytes == document.payload


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(VECTORS)))
def test_what_go_tuf_wrote_is_parsed_and_signed_over_the_same_bytes_as_python_tuf_says(path: Path) -> None:
    data = path.read_bytes()
    document = Document.parse(data)
    signed = json.loads(data)["signed"]
    assert document.data == data
    assert document.payload == encode_canonical(signed)
    assert document.signed.to_dict() == signed
    assert path.name.split(".")[-2] == document.role_type


def test_signatures_are_merged_by_key_and_new_ones_stand_at_the_end() -> None:
    a, b = signer("a"), signer("b")
    document = signed_by(root_model({"root": [a, b]}), a, b)
    stale = Signature(a.public_key.keyid, "00" * 64)
    again = document.with_signatures([stale])
    assert [s.keyid for s in again.signatures] == [b.public_key.keyid, a.public_key.keyid]
    assert not again.verifies(a.public_key)
    assert again.verifies(b.public_key)
    assert document.verifies(a.public_key)  # the first one is as it was
    assert again.with_signatures([a.sign(again.payload)]).verifies(a.public_key)


def test_signing_a_go_tuf_file_keeps_the_signatures_it_has() -> None:
    data = (VECTORS / "rotated" / "repository" / "3.root.json").read_bytes()
    document = Document.parse(data, Root)
    signed = {keyid for keyid, key in document.signed.keys.items() if document.verifies(key)}
    assert len(signed) == 4
    extra = signer("extra")
    again = reread(document.with_signatures([extra.sign(document.payload)]), Root)
    assert {keyid for keyid, key in again.signed.keys.items() if again.verifies(key)} == signed
    assert again.verifies(extra.public_key)
    assert again.same_payload(document)
    assert not again.same_payload(Document.parse((VECTORS / "rotated/repository/2.root.json").read_bytes()))


def test_another_version_is_another_payload_without_encoding_either() -> None:
    first, second = (Document.parse((VECTORS / f"rotated/repository/{n}.root.json").read_bytes()) for n in (1, 2))
    assert not first.same_payload(second)
    assert "payload" not in first.__dict__
    made = Document.of(editable(first))
    assert made.same_payload(first)
    assert first.same_payload(made)
    made.signed.consistent_snapshot = not made.signed.consistent_snapshot  # type: ignore[attr-defined]
    other = Document.of(made.signed)
    assert other.version == first.version
    assert not other.same_payload(first)


def test_a_signature_over_bytes_that_are_not_canonical_is_worth_nothing() -> None:
    """Agents canonicalise before they verify: a proof that accepted it would promise what they refuse."""
    key = signer("root")
    loose = json.dumps(root_model({"root": [key]}).to_dict(), indent=1).encode()
    signature = key.sign(loose)
    data = b'{"signatures":[%s],"signed":%s}' % (json.dumps(signature.to_dict()).encode(), loose)
    assert not Document.parse(data, Root).verifies(key.public_key)
    with pytest.raises(Exception, match="0/1"):
        Metadata[Root].from_bytes(data).verify_delegate("root", Metadata[Root].from_bytes(data))


def test_of_two_signed_members_the_one_that_is_verified_is_the_one_that_is_read() -> None:
    key = signer("root")
    honest = root(1, [key])
    forged = json.dumps({**honest.signed.to_dict(), "version": 9}).encode()
    signatures, signed = honest.data[:-1].split(b',"signed":')
    for data in (
        signatures + b',"signed":' + signed + b',"signed":' + forged + b"}",
        b'{"signed":' + forged + b"," + signatures[1:] + b',"signed":' + signed + b"}",
        b'{"signatures":[],"signed":' + forged + b"," + signatures[1:] + b',"signed":' + signed + b"}",
    ):
        document = Document.parse(data, Root)
        assert document.version == json.loads(data)["signed"]["version"]
        assert document.verifies(key.public_key) == (document.version == 1)


def test_duplicate_members_inside_a_signed_part_never_verify_as_what_was_signed() -> None:
    key = signer("root")
    honest = root(1, [key])
    data = honest.data.replace(b'"version":1}', b'"version":1,"version":9}')
    assert data != honest.data
    document = Document.parse(data, Root)
    assert document.version == 9
    assert not document.verifies(key.public_key)


def test_a_large_file_is_verified_over_its_raw_bytes_and_over_its_canonical_form() -> None:
    key = signer("targets")
    document = signed_by(targets_model(target(f"a/{n}", custom={"note": "é" * 50}) for n in range(6000)), key)
    assert len(document.data) > 2_000_000
    assert Document.parse(document.data, Targets).verifies(key.public_key)
    value = json.loads(document.data)
    assert Document.parse(json.dumps(value, indent=1).encode(), Targets).verifies(key.public_key)
    tampered = document.data.replace(b'"length":1', b'"length":2', 1)
    assert not Document.parse(tampered, Targets).verifies(key.public_key)


def test_a_key_of_unknown_type_does_not_make_a_root_unreadable_and_verifies_nothing() -> None:
    key = signer("root")
    value = root_model({"root": [key]}).to_dict()
    value["keys"]["future"] = {"keytype": "lattice", "scheme": "lattice-9", "keyval": {"public": "x"}, "note": 1}
    value["roles"]["root"]["keyids"].append("future")
    payload = encode_canonical(value)
    signatures = [key.sign(payload).to_dict(), {"keyid": "future", "sig": "00"}]
    document = Document.parse(json.dumps({"signed": value, "signatures": signatures}).encode(), Root)
    assert document.verifies(key.public_key)
    assert not document.verifies(document.signed.keys["future"])
    assert editable(document).to_dict() == value


def test_an_edited_copy_leaves_the_document_as_it_was() -> None:
    document = reread(signed_by(targets_model([target("a"), target("b")]), signer("targets")), Targets)
    changed = editable(document)
    changed.targets["c"] = target("c")
    del changed.targets["a"]
    changed.version = 2
    assert list(document.signed.targets) == ["a", "b"]
    assert Document.of(changed).signed.to_dict()["version"] == 2
    assert document.version == 1
    assert Document.parse(document.data, Targets).payload == document.payload


def test_custom_data_with_a_fraction_is_refused_when_it_is_set() -> None:
    model = targets_model()
    with pytest.raises(NotCanonical):
        model.targets["a"] = target("a", custom={"ratio": 0.5})


def _place(value: Any, path: list[Any], new: Any) -> Any:
    for step in path[:-1]:
        value = value[step]
    value[path[-1]] = new
    return value


_WRONG: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    "x",
    "",
    [],
    {},
    [1],
    {"a": 1},
    2**70,
    "1",
    [[]],
    [{}],
    {"": None},
    "\ud800",
]


def _paths(value: Any, prefix: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path for key, inner in items for path in ((*prefix, key), *_paths(inner, (*prefix, key)))]


_TEMPLATES = [json.loads((VECTORS / "rotated" / "repository" / f"{name}.json").read_bytes()) for name in KINDS]


@given(st.data())
def test_a_file_wrong_in_any_place_is_read_or_refused_but_never_a_crash(data: st.DataObject) -> None:
    template = json.loads(json.dumps(data.draw(st.sampled_from(_TEMPLATES))))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(_paths(template) or [("signed",)]))
        try:
            if data.draw(st.booleans()):
                _place(template, list(path), copy.deepcopy(data.draw(st.sampled_from(_WRONG))))
            else:
                del _place(template, [*path[:-1], path[-1]], None)[path[-1]]
        except (KeyError, TypeError, IndexError):
            pass
    _use(json.dumps(template).encode())


@given(st.binary(max_size=60))
def test_garbage_is_refused_but_never_a_crash(data: bytes) -> None:
    _use(data)
    _use(b'{"signatures":[' + data + b'],"signed":{' + data + b"}}")


def _use(data: bytes) -> None:
    try:
        document = Document.parse(data)
        model = document.signed
        for key in getattr(model, "keys", {}).values():
            document.verifies(key)
        assert not model.is_expired(NOW) or document.expires <= NOW
        assert document.version > 0
        if isinstance(model, Targets):
            [model.targets[path] for path in model.targets]
        assert Document.parse(document.with_signatures([]).data).same_payload(document)
    except (MalformedMetadata, NotCanonical):
        pass


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_file_of_another_type_is_refused(kind: type[Root]) -> None:
    for name, other in KINDS.items():
        data = (VECTORS / "rotated" / "repository" / f"{name}.json").read_bytes()
        if other is kind:
            assert Document.parse(data, kind).role_type == name
        else:
            with pytest.raises(MalformedMetadata, match=f"is a {name} file"):
                Document.parse(data, kind)


def test_one_public_key_is_one_identity_however_it_is_spelled() -> None:
    for kind in ("ecdsa", "rsa"):
        key = renamed(signer("spelled", kind), "other")
        pem: str = key.keyval["public"]
        lines = pem.strip().splitlines()
        body = "".join(lines[1:-1])
        key.keyval["public"] = "\n".join(
            [lines[0], *(body[at : at + 40] for at in range(0, len(body), 40)), lines[-1], ""]
        )
        assert key.keyval["public"] != pem
        assert public_identity(key) == public_identity(public(signer("spelled", kind)))
        assert public_identity(key) != public_identity(public(signer("another", kind)))
    upper = renamed(signer("a"), "upper")
    upper.keyval["public"] = upper.keyval["public"].upper()
    assert public_identity(upper) == public_identity(public(signer("a")))
    upper.keyval["public"] = " ".join(upper.keyval["public"])  # which bytes.fromhex takes for the same bytes
    assert public_identity(upper) == public_identity(public(signer("a")))
