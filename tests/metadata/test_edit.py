"""Edits return new metadata and refuse what nobody could sign or follow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib.signer import SSlibKey
from tuf.api.metadata import Root, Targets

from tests.metadata.making import NOW, public, renamed, root_model, signer, signers, target, targets_model
from tufkeep.cli.base.hints import hint
from tufkeep.metadata import edit
from tufkeep.metadata.canonical import MalformedMetadata, NotCanonical
from tufkeep.metadata.document import Document
from tufkeep.metadata.targets import UnsafeTargetPath

VECTORS = Path(__file__).parents[1] / "vectors" / "go-tuf"


def test_a_key_is_added_to_one_role_and_the_first_root_stays_as_it_was() -> None:
    before = root_model()
    original = before.to_dict()
    after = edit.add_key(before, "timestamp", public(signer("new")))
    assert before.to_dict() == original
    assert after.roles["timestamp"].keyids == [public(signer("timestamp")).keyid, public(signer("new")).keyid]
    assert after.keys[public(signer("new")).keyid] == public(signer("new"))
    assert after.roles["root"].keyids == before.roles["root"].keyids
    assert edit.add_key(after, "timestamp", public(signer("new"))).to_dict() == after.to_dict()


def test_an_imported_key_keeps_the_keyid_it_came_with() -> None:
    old = Document.parse((VECTORS / "rotated/repository/root.json").read_bytes(), Root).signed
    odd = renamed(signer("odd"), "a free-form keyid")
    after = edit.add_key(old, "targets", odd)
    assert "a free-form keyid" in after.roles["targets"].keyids
    assert set(old.keys) < set(after.keys)
    assert all(after.keys[keyid].to_dict() == key.to_dict() for keyid, key in old.keys.items())


def test_the_same_public_key_under_another_keyid_is_refused_in_one_role() -> None:
    before = root_model()
    twin = renamed(signer("targets"), "twin")
    with pytest.raises(edit.SamePublicKey, match="targets: key twin is the public key that is listed as"):
        edit.add_key(before, "targets", twin)
    assert "twin" in edit.add_key(before, "snapshot", twin).roles["snapshot"].keyids


def test_a_keyid_that_stands_for_another_key_is_refused() -> None:
    impostor = renamed(signer("impostor"), public(signer("root")).keyid)
    with pytest.raises(edit.KeyidTaken):
        edit.add_key(root_model(), "targets", impostor)


def test_a_revoked_key_goes_wholly_only_when_no_other_role_uses_it() -> None:
    shared, other = signer("shared"), signer("other")
    before = root_model({"snapshot": [shared, other], "timestamp": [shared, other]})
    keyid = public(shared).keyid
    after = edit.revoke_key(before, "snapshot", keyid)
    assert after.roles["snapshot"].keyids == [public(other).keyid]
    assert keyid in after.keys
    assert keyid not in edit.revoke_key(after, "timestamp", keyid).keys
    assert keyid in before.roles["snapshot"].keyids


def test_revoking_below_the_threshold_or_the_last_key_is_refused_unless_more_comes() -> None:
    before = root_model({"root": signers("root", 2)}, thresholds={"root": 2})
    keyid = public(signer("root1")).keyid
    with pytest.raises(edit.ThresholdUnreachable, match="root: 1 key can't reach a threshold of 2") as caught:
        edit.revoke_key(before, "root", keyid)
    assert "tufkeep key new root" in (hint(caught.value) or "")
    loose = edit.revoke_key(before, "root", keyid, allow_unreachable=True)
    assert edit.unreachable(loose) == (edit.TooFewKeys(role="root", threshold=2, keys=1),)
    assert edit.unreachable(edit.add_key(loose, "root", public(signer("new")))) == ()
    with pytest.raises(edit.ThresholdUnreachable, match="targets: 0 keys"):
        edit.revoke_key(before, "targets", public(signer("targets")).keyid)


def test_revoking_a_key_that_the_role_does_not_have_names_those_it_has() -> None:
    with pytest.raises(edit.KeyNotListed, match="targets: no key feed") as caught:
        edit.revoke_key(root_model(), "targets", "feed")
    assert hint(caught.value) == f"targets has: {public(signer('targets')).keyid[:8]}"


def test_a_keyid_is_found_by_its_beginning_when_only_one_has_it() -> None:
    model = root_model(
        {"root": [renamed(signer("a"), "abc1"), renamed(signer("b"), "abc2"), renamed(signer("c"), "abc")]}
    )
    assert edit.find_keyid(model, "root", "abc1") == "abc1"
    assert edit.find_keyid(model, "root", "abc") == "abc"
    with pytest.raises(edit.KeyidAmbiguous, match="several keys begin with 'ab'"):
        edit.find_keyid(model, "root", "ab")
    two = root_model({"root": [renamed(signer("a"), "abc1"), renamed(signer("b"), "abc2")]})
    with pytest.raises(edit.KeyidAmbiguous) as caught:
        edit.find_keyid(two, "root", "abc")
    assert hint(caught.value) == "give more of it: abc1, abc2"
    for start in ("x", ""):
        with pytest.raises(edit.KeyNotListed):
            edit.find_keyid(model, "root", start)


@given(st.integers(-3, 6), st.integers(1, 4))
def test_a_threshold_is_set_where_the_keys_can_reach_it(threshold: int, keys: int) -> None:
    before = root_model({"root": signers("root", keys)})
    if threshold < 1:
        with pytest.raises(edit.ThresholdTooLow, match="would need no signature at all"):
            edit.set_threshold(before, "root", threshold, allow_unreachable=True)
    elif threshold > keys:
        with pytest.raises(edit.ThresholdUnreachable):
            edit.set_threshold(before, "root", threshold)
        loose = edit.set_threshold(before, "root", threshold, allow_unreachable=True)
        assert edit.unreachable(loose)[0].keys == keys
    else:
        assert edit.set_threshold(before, "root", threshold).roles["root"].threshold == threshold
    assert before.roles["root"].threshold == 1


def test_a_public_key_under_two_keyids_is_one_key_for_a_threshold() -> None:
    before = root_model({"root": [signer("a"), renamed(signer("a"), "again")]})
    with pytest.raises(edit.ThresholdUnreachable, match="root: 1 key can't reach a threshold of 2"):
        edit.set_threshold(before, "root", 2)


def test_a_role_that_root_does_not_have_is_refused() -> None:
    changes: list[Callable[[Root], Root]] = [
        lambda model: edit.add_key(model, "mirrors", public(signer("a"))),
        lambda model: edit.revoke_key(model, "mirrors", "a"),
        lambda model: edit.set_threshold(model, "mirrors", 1),
    ]
    for change in changes:
        with pytest.raises(edit.UnknownRole, match="'mirrors' is not a role of root"):
            change(root_model())


def test_an_expiry_is_set_in_utc_whole_seconds() -> None:
    before = root_model(expires=NOW)
    elsewhere = (NOW + timedelta(days=1, microseconds=5)).astimezone(timezone(timedelta(0), "GMT"))
    assert edit.set_expiry(before, elsewhere).expires == NOW + timedelta(days=1)
    assert before.expires == NOW
    for wrong in (datetime(2027, 1, 1), NOW.astimezone(timezone(timedelta(hours=2)))):
        with pytest.raises(edit.BadExpiry):
            edit.set_expiry(before, wrong)


def test_the_next_version_differs_in_version_and_expiry_alone() -> None:
    before = targets_model([target("a")])
    after = edit.successor(before, version=7, expires=NOW)
    assert {**before.to_dict(), "version": 7, "expires": "2026-11-22T12:00:00Z"} == after.to_dict()
    assert before.version == 1


def test_consistent_snapshots_are_switched() -> None:
    before = root_model()
    assert edit.set_consistent_snapshot(before, False).consistent_snapshot is False
    assert before.consistent_snapshot is True


def test_targets_come_and_go_in_a_copy() -> None:
    before = targets_model([target("a"), target("b")])
    after = edit.add_targets(before, [target("b", b"new"), target("c/d", custom={"version": "1"})])
    assert list(before.targets) == ["a", "b"]
    assert set(after.targets) == {"a", "b", "c/d"}
    assert after.targets["b"] == target("b", b"new")
    assert set(edit.remove_targets(after, ["a", "c/d", "a"]).targets) == {"b"}
    assert "a" in after.targets


def test_removing_what_is_not_listed_removes_nothing_and_says_so() -> None:
    before = targets_model([target("a")])
    with pytest.raises(edit.TargetsNotListed, match="target 'x' and 1 more are not listed") as caught:
        edit.remove_targets(before, ["a", "x", "y"])
    assert caught.value.paths == ("x", "y")
    with pytest.raises(edit.TargetsNotListed, match="target 'x/orbit' is not listed") as single:
        edit.remove_targets(before, ["x/orbit"])
    assert hint(single.value) == "listed is, among others: a"


def test_what_may_have_been_meant_is_named() -> None:
    before = targets_model([target(path) for path in ("app/linux/stable/app", "tools/orbit", "osquery")])
    with pytest.raises(edit.TargetsNotListed) as caught:
        edit.remove_targets(before, ["tool/orbit"])
    assert hint(caught.value) == "listed is, among others: tools/orbit"
    with pytest.raises(edit.TargetsNotListed) as nothing:
        edit.remove_targets(targets_model([]), ["x"])
    assert hint(nothing.value) == "no target is listed yet"


def test_an_unsafe_path_or_a_fraction_is_never_listed() -> None:
    with pytest.raises(UnsafeTargetPath):
        edit.add_targets(targets_model(), [target("../a")])
    with pytest.raises(NotCanonical):
        edit.add_targets(targets_model(), [target("a", custom={"x": 1.5})])


def test_targets_of_python_tufs_own_class_are_edited_too() -> None:
    before = Targets(expires=NOW, targets={"a": target("a")})
    after = edit.remove_targets(edit.add_targets(before, [target("b")]), ["a"])
    assert list(after.targets) == ["b"]
    assert list(before.targets) == ["a"]


@given(st.data())
def test_whatever_is_edited_a_root_stays_well_formed_and_the_first_one_untouched(data: st.DataObject) -> None:
    model = root_model({"root": signers("root", 2)})
    for _ in range(data.draw(st.integers(1, 8))):
        role = data.draw(st.sampled_from(sorted(model.roles)))
        before, frozen = model, model.to_dict()
        key: SSlibKey = renamed(signer(f"r{data.draw(st.integers(0, 5))}"), f"id{data.draw(st.integers(0, 5))}")
        try:
            match data.draw(st.sampled_from(["add", "revoke", "threshold"])):
                case "add":
                    model = edit.add_key(model, role, key)
                case "revoke":
                    model = edit.revoke_key(model, role, data.draw(st.sampled_from(sorted(model.keys))))
                case _:
                    model = edit.set_threshold(model, role, data.draw(st.integers(0, 4)))
        except edit.EditRefused:
            pass
        assert before.to_dict() == frozen
        assert edit.unreachable(model) == ()
        assert {keyid for each in model.roles.values() for keyid in each.keyids} == set(model.keys)
        assert Document.parse(Document.of(model).data, Root).signed.to_dict() == model.to_dict()


def test_a_key_that_clients_read_differently_is_not_added() -> None:
    key = public(signer("other"))
    odd = SSlibKey(key.keyid, key.keytype, key.scheme, dict(key.keyval), {"keyid_hash_algorithms": "sha256"})
    with pytest.raises(MalformedMetadata, match="keyid_hash_algorithms: is not a list"):
        edit.add_key(root_model(), "targets", odd)
