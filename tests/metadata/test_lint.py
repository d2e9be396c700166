"""What declared clients could not read is named before it is published, once for each kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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

from tests.metadata.making import LATER, public, renamed, root_model, signer, target, targets_model
from tufkeep.metadata.clients import DEFAULT, GO, GO_OLD, JS, PYTHON, TOUGH
from tufkeep.metadata.document import Document
from tufkeep.metadata.lint import lint, near_limits, require_readable
from tufkeep.metadata.lint_paths import lint_delegated, lint_names
from tufkeep.metadata.misread import UnreadableByClients, by_kind

VECTORS = Path(__file__).parents[1] / "vectors" / "go-tuf"


def found(model: Signed, *declared: str, listed: MetaFile | None = None) -> str:
    misread = lint(model.type, Document.of(model), declared=declared or DEFAULT, listed=listed)
    return "; ".join(kind.sentence for kind in by_kind(misread))


def named(*paths: str, declared: tuple[str, ...] = DEFAULT, but: tuple[str, ...] = ()) -> list[str]:
    return [kind.sentence for kind in by_kind(lint_names(paths, declared=declared, consistent=True, but=but))]


@pytest.mark.parametrize(
    "path", sorted(VECTORS.glob("*/repository/*.json")), ids=lambda path: "/".join(path.parts[-3:])
)
def test_what_go_tuf_wrote_all_can_read(path: Path) -> None:
    document = Document.parse(path.read_bytes())
    assert list(lint(document.role_type, document, declared=DEFAULT)) == []


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


def test_one_key_of_a_type_a_client_does_not_know_makes_it_refuse_the_root() -> None:
    model = root_model()
    model.keys["unused00"] = renamed(signer("p256", "ecdsa"), "unused00")
    assert (
        found(model) == "root key unused00: is of type ecdsa, used or not; the whole file is refused by go-tuf-v0.5.2"
    )
    assert found(model, GO, PYTHON, JS, TOUGH) == ""
    model.keys["unused00"] = old(signer("p256", "ecdsa"))
    assert found(model) == ""


def unknown_key() -> Document[Root]:
    value = root_model().to_dict()
    value["keys"]["future00"] = {"keytype": "lattice", "scheme": "l9", "keyval": {"public": "x"}}
    return Document.parse(json.dumps({"signed": value, "signatures": []}).encode(), Root)


def test_a_key_of_a_type_that_some_refuse_and_others_ignore_is_two_sentences() -> None:
    kinds = by_kind(lint("root", unknown_key(), declared=DEFAULT))
    assert [kind.sentence for kind in kinds] == [
        "root key future00: is of type lattice, used or not; the whole file is refused by go-tuf-v0.5.2, python-tuf",
        "root key future00: is of type lattice, used or not; it is ignored by go-tuf-v2, tuf-js",
    ]


def test_what_stops_a_declared_client_is_refused_unless_the_version_before_has_it() -> None:
    document = unknown_key()
    with pytest.raises(UnreadableByClients, match="root key future00 is of type lattice, used or not; the whole file"):
        require_readable("root", document, None, declared=DEFAULT)
    with pytest.raises(UnreadableByClients):
        require_readable("root", document, Document.of(root_model()), declared=DEFAULT)
    require_readable("root", document, document, declared=DEFAULT)
    require_readable("root", document, None, declared=(GO, JS))


@pytest.mark.parametrize(("number", "seen"), [(2**53 + 1, True), (-(2**53) - 1, True), (2**70, True), (2**53, False)])
def test_numbers_that_a_float_does_not_hold_are_named(number: int, seen: bool) -> None:
    sentence = found(targets_model([target("a", custom={"deep": [{"n": number}]})]))
    refused = "target a: has a number above 2^53; the whole file is refused by go-tuf-v0.5.2, tuf-js"
    assert sentence == (refused if seen else "")


def test_a_number_outside_the_targets_is_seen_as_well() -> None:
    model = Timestamp(expires=LATER, unrecognized_fields={"n": 2**60})
    assert found(model).endswith(
        "has a number above 2^53; the whole file is refused by go-tuf-v0.5.2, go-tuf-v2, tuf-js"
    )


def noted(model: Any, length: int) -> Any:
    """Return the model with a note that makes its file this long."""
    model.unrecognized_fields["note"] = ""
    model.unrecognized_fields["note"] = "x" * (length - len(Document.of(model).data))
    return model


def test_files_longer_than_clients_download_are_named() -> None:
    assert "timestamp: has 16,385 bytes, above the 16,384 that are read" in found(
        noted(Timestamp(expires=LATER), 16_385)
    )
    assert found(noted(Timestamp(expires=LATER), 16_384)) == ""
    root = noted(root_model(), 512_001)
    assert found(root).endswith("the whole file is refused by go-tuf-v0.5.2, go-tuf-v2, python-tuf, tuf-js, tufkeep")
    assert found(root, TOUGH).endswith("the whole file is refused by tufkeep")  # it takes twice as much
    assert found(noted(root_model(), 512_000)) == ""


def test_a_limit_without_a_listed_length_counts_only_where_none_is_listed() -> None:
    model = noted(targets_model([target("a")]), 5_000_001)
    assert found(model) == found(model, listed=MetaFile(1, 5_000_001)) == ""
    assert found(model, listed=MetaFile(1)) == (
        "targets: has 5,000,001 bytes, above the 5,000,000 that are read; "
        "the whole file is refused by go-tuf-v2, python-tuf, tuf-js"
    )
    assert found(model, GO_OLD, listed=MetaFile(1)) == ""
    snapshot = noted(Snapshot(expires=LATER), 2_000_001)
    assert "above the 2,000,000" in found(snapshot, listed=MetaFile(1))


def test_a_file_that_comes_near_to_a_limit_is_named_early() -> None:
    def near(length: int) -> list[str]:
        return list(near_limits("root", Document.of(noted(root_model(), length)), declared=DEFAULT))

    assert near(409_000) == near(512_001) == []
    assert near(410_000) == ["root: has 410,000 bytes, and clients take 512,000 at most"]


def test_a_hash_that_a_client_does_not_know_makes_it_refuse_the_target() -> None:
    file = target("a")
    file.hashes["blake2b-256"] = "00" * 32
    assert "target a: has a hash of another algorithm" in found(targets_model([file, target("b")]))
    assert "entry targets.json: is listed with a hash of another" in found(
        Snapshot(expires=LATER, meta={"targets.json": MetaFile(1, hashes={"md5": "0"})})
    )
    assert "entry snapshot.json: is listed with a hash of another" in found(
        Timestamp(expires=LATER, snapshot_meta=MetaFile(1, hashes={"md5": "0"}))
    )
    del (only512 := target("c")).hashes["sha256"]
    only512.hashes["sha512"] = "00" * 64
    assert found(targets_model([only512])) == ""
    assert found(targets_model([only512]), TOUGH) == "target c: has no sha256; the whole file is refused by tough"


def test_paths_that_can_not_be_asked_for_are_one_sentence_for_each_group_of_clients() -> None:
    fact = "has #, ?, % or a last blank in its name; it is not found (404)"
    assert named("b?", "a#1", "plain") == [
        f"target a#1 and 1 more: {fact} by go-tuf-v0.5.2, go-tuf-v2, python-tuf, tuf-js"
    ]
    assert named("100%") == [f"target 100%: {fact} by go-tuf-v0.5.2, go-tuf-v2"]
    assert named("a ") == [f"target a : {fact} by tuf-js"]
    assert named("b?", "a#1", but=("b?", "a#1")) == []


def test_each_one_of_a_kind_can_be_listed() -> None:
    (kind,) = by_kind(lint_names([f"{n}?" for n in range(99)], declared=DEFAULT, consistent=True))
    assert (len(kind.each), kind.each[0]) == (99, "target 0?: has #, ?, % or a last blank in its name")


def test_names_that_can_not_be_kept_together_are_named() -> None:
    folder = "is a file, and the folder of app/x; only one of them can be kept by tufkeep, go-tuf-v0.5.2"
    assert named("app", "app/x", "apple") == [f"target app: {folder}"]
    assert named("app", "app/x", but=("app",)) == named("app", "app/x", but=("app/x",)) == [f"target app: {folder}"]
    assert named("app", "app/x", but=("app", "app/x")) == []
    assert named("a/b", "a/b/c/d")[0].startswith("target a/b: is a file, and the folder of a/b/c/d")
    (alike,) = named("App", "app", "other")
    assert alike.startswith("target app: differs from App in case or Unicode form only")
    assert len(named("\u00e9", "e\u0301")) == len(named("STRASSE", "stra\u00dfe")) == 1
    assert named("App", "app", but=("App", "app")) == []


def test_tough_finds_no_target_in_a_sub_folder_with_hashes_in_names() -> None:
    assert named("a/b", declared=(TOUGH,)) == [
        "target a/b: is in a sub-folder, and names have hashes; it is not found (404) by tough"
    ]
    assert named("a/b") == []
    assert list(lint_names(["a/b"], declared=(TOUGH,), consistent=False)) == []


def delegating(**change: object) -> Targets:
    key = public(signer("a"))
    model = targets_model()
    model.delegations = Delegations({key.keyid: key}, **change)  # type: ignore[arg-type]
    return model


def role(name: str, **covers: list[str]) -> DelegatedRole:
    return DelegatedRole(name, [public(signer("a")).keyid], 1, False, **covers)  # type: ignore[arg-type]


def test_delegations_that_some_client_does_not_follow_are_named() -> None:
    lost = "the delegated targets are never found"
    assert found(delegating(roles={"a b": role("a b", paths=["*"])})) == ""
    succinct = delegating(succinct_roles=SuccinctRoles([public(signer("a")).keyid], 1, 4, "bin"))
    assert found(succinct) == f"targets: delegates to succinct roles; {lost} by go-tuf-v0.5.2"
    assert found(succinct, TOUGH) == "targets: delegates to succinct roles; the whole file is refused by tough"
    prefixes = delegating(roles={"a": role("a", path_hash_prefixes=["0"])})
    assert found(prefixes) == f"role a: is delegated to by path_hash_prefixes; {lost} by go-tuf-v2"
    assert "role a/b: has a / in its name" in found(delegating(roles={"a/b": role("a/b", paths=["*"])}))
    assert "role a?b: has #, ? or % in its name" in found(delegating(roles={"a?b": role("a?b", paths=["*"])}))


def delegated(count: int, **covers: list[str]) -> dict[str, Targets]:
    """Return this many delegated roles, each with one target of its own."""
    roles = {f"r{n}": role(f"r{n}", **covers) for n in range(count)}
    return {"targets": delegating(roles=roles), **{name: targets_model([target(name)]) for name in roles}}


def test_a_target_behind_more_roles_than_a_client_looks_into_is_named() -> None:
    def too_many(count: int, **covers: list[str]) -> list[str]:
        return [kind.sentence for kind in by_kind(lint_delegated(delegated(count, **covers), declared=DEFAULT))]

    assert too_many(31, paths=["*"]) == too_many(200, paths=["other/*"]) == []
    assert too_many(32, paths=["*"]) == [
        "target r31: comes after 31 delegated roles that speak of it; the delegated targets are never found by "
        "go-tuf-v0.5.2"
    ]
    assert any("go-tuf-v2, python-tuf, tuf-js" in sentence for sentence in too_many(33, paths=["*"]))


def test_a_name_with_a_dot_behind_a_wildcard_is_not_found_by_tuf_js() -> None:
    def hidden(path: str, pattern: str) -> bool:
        roles = {"targets": delegating(roles={"r": role("r", paths=[pattern])}), "r": targets_model([target(path)])}
        return any(each.trait.id == "dot-name" for each in lint_delegated(roles, declared=DEFAULT))

    assert hidden(".a", "*")
    assert hidden("x/.a", "x/*")
    assert not hidden(".a", ".*")
    assert not hidden("a", "*")
