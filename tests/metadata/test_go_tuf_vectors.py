"""Repositories that go-tuf v0.5.2 made: every role verifies, and can be maintained further."""

from __future__ import annotations

from pathlib import Path

import pytest
from tuf.api.metadata import Root, Snapshot, Targets, Timestamp

from tests.metadata.making import LATER, NOW, public, signed_by, signer, target
from tufkeep.metadata import edit
from tufkeep.metadata.chain import require_whole_chain
from tufkeep.metadata.document import Document
from tufkeep.metadata.plan import entry, next_version, plan_snapshot, plan_timestamp, speaks_of
from tufkeep.metadata.quorum import quorum, root_quorums

VECTORS = Path(__file__).parents[1] / "vectors" / "go-tuf"
REPOSITORIES = sorted(path.name for path in VECTORS.iterdir() if (path / "repository").is_dir())


def read(name: str, file: str) -> Document[Root | Targets | Snapshot | Timestamp]:
    return Document.parse((VECTORS / name / file).read_bytes())  # type: ignore[return-value]


@pytest.mark.parametrize("name", REPOSITORIES)
@pytest.mark.parametrize("role", ["root", "targets", "snapshot", "timestamp"])
def test_every_committed_role_has_its_quorum(name: str, role: str) -> None:
    root = Document.parse((VECTORS / name / "repository/root.json").read_bytes(), Root)
    found = quorum(read(name, f"repository/{role}.json"), role, root.signed)
    assert found.reached
    assert len(found.signed) >= 1


@pytest.mark.parametrize("name", REPOSITORIES)
def test_timestamp_and_snapshot_speak_of_the_very_files(name: str) -> None:
    timestamp = Document.parse((VECTORS / name / "repository/timestamp.json").read_bytes(), Timestamp)
    snapshot = Document.parse((VECTORS / name / "repository/snapshot.json").read_bytes(), Snapshot)
    targets = Document.parse((VECTORS / name / "repository/targets.json").read_bytes(), Targets)
    assert speaks_of(timestamp.signed.snapshot_meta, snapshot)
    assert speaks_of(snapshot.signed.meta["targets.json"], targets)
    assert not speaks_of(
        snapshot.signed.meta["targets.json"],
        targets.with_signatures([]).with_signatures([signer("x").sign(targets.payload)]),
    )


def test_the_staged_root_of_the_handbook_procedure_is_signed_by_all_three_keys() -> None:
    committed = Document.parse((VECTORS / "three-root-keys/repository/root.json").read_bytes(), Root)
    staged = Document.parse((VECTORS / "three-root-keys/staged/root.json").read_bytes(), Root)
    by_old, by_itself = root_quorums(staged, committed.signed)
    assert by_old.reached
    assert len(by_itself.signed) == 3
    assert require_whole_chain({1: committed, 2: staged}) is staged


def test_the_staged_root_of_the_releaser_is_signed_by_nobody() -> None:
    committed = Document.parse((VECTORS / "releaser/repository/root.json").read_bytes(), Root)
    staged = Document.parse((VECTORS / "releaser/staged/root.json").read_bytes(), Root)
    assert staged.signatures == ()
    assert [found.missing for found in root_quorums(staged, committed.signed)] == [1, 1]


@pytest.mark.parametrize("name", REPOSITORIES)
def test_a_repository_is_maintained_further_from_where_go_tuf_left_it(name: str) -> None:
    """Root lets new keys in, targets gets an entry, snapshot and timestamp follow."""
    root = Document.parse((VECTORS / name / "repository/root.json").read_bytes(), Root)
    targets = Document.parse((VECTORS / name / "repository/targets.json").read_bytes(), Targets)
    snapshot = Document.parse((VECTORS / name / "repository/snapshot.json").read_bytes(), Snapshot)
    timestamp = Document.parse((VECTORS / name / "repository/timestamp.json").read_bytes(), Timestamp)
    key = signer("ours")
    model = root.signed
    for role in ("root", "targets", "snapshot", "timestamp"):
        model = edit.add_key(model, role, public(key))
    new_root = signed_by(edit.successor(model, version=next_version(root.version), expires=LATER), key)
    assert [found.reached for found in root_quorums(new_root, root.signed)] == [False, True]
    listed = edit.add_targets(targets.signed, [target("new/tool", b"tool", {"version": "2"})])
    new_targets = signed_by(edit.successor(listed, version=next_version(targets.version), expires=LATER), key)
    new_snapshot = signed_by(
        plan_snapshot(snapshot.signed, {"targets": new_targets}, version=next_version(snapshot.version), expires=LATER),
        key,
    )
    new_timestamp = signed_by(
        plan_timestamp(timestamp.signed, new_snapshot, version=next_version(timestamp.version), expires=LATER), key
    )
    for role, document in (("targets", new_targets), ("snapshot", new_snapshot), ("timestamp", new_timestamp)):
        again = Document.parse(document.data)
        assert quorum(again, role, new_root.signed).reached
        assert not again.signed.is_expired(NOW)
    assert new_snapshot.signed.meta["targets.json"] == entry(new_targets)
    assert {
        **targets.signed.to_dict()["targets"],
        "new/tool": target("new/tool", b"tool", {"version": "2"}).to_dict(),
    } == (new_targets.signed.to_dict()["targets"])
