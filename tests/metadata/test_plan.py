"""What the next snapshot and timestamp list."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tuf.api.metadata import MetaFile, Snapshot, Targets, Timestamp

from tests.metadata.making import LATER, target, targets_model
from tufkeep.metadata.document import Document
from tufkeep.metadata.plan import (
    VersionReused,
    VersionRollback,
    entry,
    next_version,
    plan_snapshot,
    plan_timestamp,
)


def at(version: int, content: str = "a") -> Document[Targets]:
    return Document.of(targets_model([target(content)], version=version))


def listing(version: int = 1, **roles: int) -> Snapshot:
    return Snapshot(version=version, expires=LATER, meta={f"{role}.json": MetaFile(v) for role, v in roles.items()})


@given(st.lists(st.integers(1, 10**6)), st.lists(st.integers(1, 10**6)))
def test_the_next_version_is_above_every_one_ever_seen(committed: list[int], published: list[int]) -> None:
    following = next_version(committed, published, 7)
    assert all(following > seen for seen in [*committed, *published, 7])
    assert following - 1 in [*committed, *published, 7]


def test_the_first_version_is_1() -> None:
    assert next_version() == next_version([]) == 1


def test_an_entry_has_version_length_and_both_hashes() -> None:
    document = at(3)
    assert entry(document).to_dict() == {
        "version": 3,
        "length": len(document.data),
        "hashes": {name: hashlib.new(name, document.data).hexdigest() for name in ("sha256", "sha512")},
    }


@given(
    st.dictionaries(st.sampled_from(["targets", "a", "b", "c"]), st.integers(1, 5)),
    st.dictionaries(st.sampled_from(["targets", "a", "b", "d"]), st.integers(1, 5)),
)
def test_a_role_once_listed_stays_listed_and_no_version_goes_down(
    listed: dict[str, int], staged: dict[str, int]
) -> None:
    previous = listing(**listed)
    documents = {role: at(version) for role, version in staged.items()}
    if any(version < listed.get(role, 0) for role, version in staged.items()):
        with pytest.raises(VersionRollback, match="no version goes down"):
            plan_snapshot(previous, documents, version=2, expires=LATER)
        return
    found = plan_snapshot(previous, documents, version=2, expires=LATER)
    assert {name.removesuffix(".json"): meta.version for name, meta in found.meta.items()} == {**listed, **staged}
    assert previous.meta.keys() == {f"{role}.json" for role in listed}  # as it was


def test_metadata_that_did_not_change_is_listed_as_it_was() -> None:
    document = at(3)
    listed = MetaFile(3, hashes={"sha512": hashlib.sha512(document.data).hexdigest()}, unrecognized_fields={"note": 1})
    previous = Snapshot(version=1, expires=LATER, meta={"targets.json": listed})
    assert plan_snapshot(previous, {"targets": document}, version=2, expires=LATER).meta["targets.json"] == listed


@pytest.mark.parametrize(
    "known", [{"length": 1}, {"hashes": {"sha256": "00" * 32}}, {"hashes": {"sha512": "00" * 64, "md5": "0"}}]
)
def test_other_bytes_under_a_listed_version_are_refused(known: dict[str, int]) -> None:
    previous = Snapshot(version=1, expires=LATER, meta={"targets.json": MetaFile(3, **known)})  # type: ignore[arg-type]
    with pytest.raises(VersionReused, match="targets v3: other bytes") as caught:
        plan_snapshot(previous, {"targets": at(3)}, version=2, expires=LATER)
    assert (caught.value.role, caught.value.version) == ("targets", 3)


@pytest.mark.parametrize(("version", "error"), [(4, VersionRollback), (5, VersionReused)])
def test_snapshot_and_timestamp_must_be_newer_than_their_own_last_versions(
    version: int, error: type[Exception]
) -> None:
    with pytest.raises(error, match=f"snapshot v{version}"):
        plan_snapshot(listing(5), {}, version=version, expires=LATER)
    snapshot = Document.of(listing(9))
    with pytest.raises(error, match=f"timestamp v{version}"):
        plan_timestamp(Timestamp(version=5, expires=LATER), snapshot, version=version, expires=LATER)


def test_a_timestamp_lists_its_snapshot_and_none_older_than_the_last() -> None:
    snapshot = Document.of(listing(9, targets=1))
    first = plan_timestamp(None, snapshot, version=1, expires=LATER)
    assert first.snapshot_meta == entry(snapshot)
    following = plan_timestamp(first, snapshot, version=2, expires=LATER)
    assert following.snapshot_meta == entry(snapshot)
    with pytest.raises(VersionRollback, match="snapshot v8: v9 was already listed") as caught:
        plan_timestamp(first, Document.of(listing(8)), version=2, expires=LATER)
    assert (caught.value.role, caught.value.listed, caught.value.staged) == ("snapshot", 9, 8)
    with pytest.raises(VersionReused, match="snapshot v9: other bytes"):
        plan_timestamp(first, Document.of(listing(9, targets=2)), version=2, expires=LATER)


def test_members_that_tuf_does_not_know_go_over_to_the_next_version() -> None:
    previous = listing(1)
    previous.unrecognized_fields["custom"] = {"a": 1}
    previous.spec_version = "1.0"
    found = plan_snapshot(previous, {}, version=2, expires=LATER)
    assert found.unrecognized_fields == {"custom": {"a": 1}}
    assert found.spec_version == "1.0"
    timestamp = Timestamp(version=1, expires=LATER, unrecognized_fields={"x": 1})
    assert plan_timestamp(timestamp, Document.of(found), version=2, expires=LATER).unrecognized_fields == {"x": 1}


def test_without_a_previous_snapshot_only_the_documents_are_listed() -> None:
    found = plan_snapshot(None, {"targets": at(2)}, version=1, expires=LATER)
    assert list(found.meta) == ["targets.json"]
