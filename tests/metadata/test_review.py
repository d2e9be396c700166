"""A change of metadata told to the person who is about to sign it."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any

import pytest
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

from tests.metadata.making import (
    LATER,
    NOW,
    public,
    renamed,
    root_model,
    signed_by,
    signer,
    signers,
    target,
    targets_model,
)
from tufkeep.metadata import edit
from tufkeep.metadata.document import Document
from tufkeep.metadata.review import (
    NOBODY,
    Fact,
    KeyAdded,
    Sentence,
    Signatures,
    TargetAdded,
    TargetRemoved,
    TargetReplaced,
    VersionChanged,
    review,
    sentences,
)

VECTORS = Path(__file__).parents[1] / "vectors" / "go-tuf"
DAY = timedelta(days=1)


def told(
    before: Signed | None, after: Signed, *, owners: Mapping[str, str] = NOBODY, role: str | None = None
) -> list[str]:
    """Return the lines of a review of one role without those on signatures, each warning marked."""
    name = role or after.type
    committed = {} if before is None else {name: Document.of(before)}
    found = review(committed, {name: Document.of(after)}, now=NOW)
    facts = [fact for fact in found if not isinstance(fact, Signatures)]
    return [f"! {line.text}" if line.warning else line.text for line in sentences(facts, owners=owners)]


def short(name: str, kind: str = "ed25519") -> str:
    return public(signer(name, kind)).keyid[:8]


def following(model: Root, **changes: Any) -> Root:
    after = copy.deepcopy(model)
    after.version += 1
    for name, value in changes.items():
        setattr(after, name, value)
    return after


def test_letting_a_releaser_in_reads_as_the_root_holder_needs_it() -> None:
    before = root_model({"root": signers("root", 3)}, thresholds={"root": 2}, expires=datetime(2027, 3, 1, tzinfo=UTC))
    after = following(
        edit.add_key(before, "timestamp", public(signer("new"))), expires=datetime(2027, 11, 22, tzinfo=UTC)
    )
    owners = {public(signer("new")).keyid: "releaser-2"}
    assert told(before, after, owners=owners) == [
        f"adds timestamp key {short('new')} of owner releaser-2",
        "removes nothing",
        "root stays 2 of 3",
        "timestamp becomes 1 of 2, was 1 of 1",
        "root expires 2027-11-22, was 2027-03-01",
        "root goes from v1 to v2",
    ]


def test_warnings_come_first() -> None:
    before = root_model({"root": signers("root", 3)}, thresholds={"root": 2}, expires=NOW + 90 * DAY)
    after = edit.set_threshold(edit.revoke_key(before, "root", public(signer("root3")).keyid), "root", 1)
    lines = told(before, following(after, expires=NOW + 60 * DAY, consistent_snapshot=False))
    assert lines == [
        "! root becomes 1 of 2, was 2 of 3",
        "! switches consistent snapshots off: clients can then see a half-published change",
        "! root expires 2027-01-21, earlier than before: it was 2027-02-20",
        f"removes root key {short('root3')}",
        "root goes from v1 to v2",
    ]


def test_a_key_of_another_type_or_of_none_that_can_be_verified_is_named_so() -> None:
    before = root_model()
    after = edit.add_key(before, "targets", public(signer("p256", "ecdsa")))
    assert f"adds targets key {short('p256', 'ecdsa')} (ecdsa, ecdsa-sha2-nistp256)" in told(before, following(after))
    value = following(before).to_dict()
    value["keys"]["future00"] = {"keytype": "lattice", "scheme": "l9", "keyval": {"public": "x"}}
    value["roles"]["targets"]["keyids"].append("future00")
    parsed = Document.parse(json.dumps({"signed": value, "signatures": []}).encode(), Root)
    lines = told(before, parsed.signed)
    assert lines[0] == "! adds targets key future00 (lattice, l9), of a type that can't be verified here"
    assert "targets becomes" not in " ".join(lines)  # it can't sign, so it is no key to count


def test_a_keyid_that_gets_another_public_key_is_a_warning() -> None:
    before = root_model({"targets": [renamed(signer("a"), "id")]})
    after = root_model({"targets": [renamed(signer("b"), "id")]}, version=2)
    assert "! puts another public key behind keyid id of targets" in told(before, after)


def test_one_public_key_under_two_keyids_is_a_warning_and_counts_once() -> None:
    before = root_model()
    after = root_model({"targets": [signer("targets"), renamed(signer("targets"), "twin")]}, version=2)
    lines = told(before, after)
    assert f"! targets lists one public key as {short('targets')} and twin" in lines
    assert not any(line.startswith("targets becomes") for line in lines)


def test_a_threshold_that_the_keys_can_not_reach_is_a_warning() -> None:
    after = edit.set_threshold(root_model(), "targets", 3, allow_unreachable=True)
    assert told(root_model(), following(after))[0] == "! targets becomes 3 of 1, which its keys can't reach, was 1 of 1"


@pytest.mark.parametrize(
    ("version", "text"),
    [
        (6, "targets goes from v5 to v6"),
        (9, "! targets goes from v5 to v9 and leaves 3 out"),
        (4, "! targets goes back from v5 to v4: clients would refuse it"),
        (5, "! targets stays v5 but says something else: clients that have it would miss or refuse it"),
    ],
)
def test_a_version_that_is_not_the_next_one_is_a_warning(version: int, text: str) -> None:
    before = targets_model(version=5)
    after = edit.add_targets(targets_model(version=version), [target("a")])
    assert text in told(before, after)


@pytest.mark.parametrize(
    ("version", "name", "warning"),
    [(6, "version_changed", False), (9, "versions_passed", False), (4, "version_changed", True)],
)
def test_versions_that_were_committed_between_two_pushes_were_not_left_out(
    version: int, name: str, warning: bool
) -> None:
    before, after = targets_model(version=5), edit.add_targets(targets_model(version=version), [target("a")])
    facts = review({"targets": Document.of(before)}, {"targets": Document.of(after)}, now=NOW, several=True)
    (found,) = (fact for fact in facts if isinstance(fact, VersionChanged))
    assert (found.as_json()["fact"], found.warning, "leaves" in found.sentence()) == (name, warning, False)
    assert found.changes


def test_metadata_that_is_expired_already_is_a_warning() -> None:
    lines = told(targets_model(), edit.successor(targets_model(), version=2, expires=NOW))
    assert lines[0] == "! targets is expired already, since 2026-11-22 12:00:00"


def test_an_expiry_that_moves_within_a_day_is_told_with_its_time() -> None:
    before = targets_model(expires=LATER)
    after = edit.successor(before, version=2, expires=LATER + timedelta(hours=1))
    assert "targets expires 2027-11-22 13:00:00, was 2027-11-22 12:00:00" in told(before, after)


def test_a_few_targets_are_told_one_by_one() -> None:
    before = targets_model([target("a", b"1", {"version": "1.0"}), target("b"), target("c"), target("same")])
    after = edit.add_targets(before, [target("a", b"22", {"version": "1.1"}), target("n/new", b"x" * 1500)])
    after = edit.add_targets(after, [target("b", custom={"note": 1})])
    after = edit.successor(edit.remove_targets(after, ["c"]), version=2, expires=LATER)
    assert sorted(told(before, after)) == [
        "adds target n/new (1.5 kB)",
        'changes what is said of target b, not its bytes: custom is new: {"note":1}',
        "removes target c",
        "replaces target a (2 bytes, version 1.1, was 1 byte, version 1.0)",
        "targets goes from v1 to v2",
    ]


def test_another_hash_algorithm_for_the_same_bytes_is_no_replacement() -> None:
    old = target("a")
    del old.hashes["sha256"]
    lines = told(targets_model([old]), targets_model([target("a")], version=2))
    sha256 = target("a").hashes["sha256"]
    assert lines[0] == f'changes what is said of target a, not its bytes: hashes.sha256 is new: "{sha256}"'
    other = target("a", b"y")
    del other.hashes["sha512"]
    assert told(targets_model([old]), targets_model([other], version=2))[0].startswith("replaces target a")


def test_thousands_of_targets_are_counted_by_folder() -> None:
    linux = [target(f"orbit/linux/{n}/orbit", b"x" * 1000) for n in range(1000)]
    assert told(targets_model(), edit.add_targets(targets_model(version=2), linux)) == [
        "adds 1,000 targets under orbit/linux/ (1.0 MB)",
        "targets goes from v1 to v2",
    ]
    more = [*linux, *(target(f"desktop/{n}") for n in range(30)), target("top")]
    after = edit.add_targets(targets_model(version=2), more)
    assert told(targets_model(), after)[:-1] == [
        "adds 1,000 targets under orbit/linux/ (1.0 MB)",
        "adds 30 targets under desktop/ (30 bytes)",
        "adds 1 target outside any folder (1 byte)",
    ]
    assert told(after, targets_model(version=3))[:-1] == [
        "removes 1,000 targets under orbit/linux/",
        "removes 30 targets under desktop/",
        "removes 1 target outside any folder",
    ]


def test_many_folders_are_counted_together() -> None:
    after = edit.add_targets(targets_model(version=2), [target(f"{n:02}/a") for n in range(40)])
    lines = told(targets_model(), after)
    assert lines[0] == "adds 1 target under 00/ (1 byte)"
    assert lines[-2] == "adds 28 targets under 28 other folders (28 bytes)"
    assert len(lines) == 14


def test_an_unsafe_or_misleading_path_is_named_among_thousands() -> None:
    raw = targets_model([target(f"a/{n}") for n in range(100)], version=2)
    raw.targets["../../etc/passwd"] = target("../../etc/passwd")
    raw.targets["a/\u202egpj.exe"] = target("a/\u202egpj.exe")
    lines = told(targets_model(), raw)
    assert (
        "! adds target ../../etc/passwd (1 byte), which could be stored outside its folder: clients refuse it" in lines
    )
    assert any(line.startswith("! adds target 'a/\\u202egpj.exe'") for line in lines)
    assert "adds 100 targets under a/ (100 bytes)" in lines


def test_text_in_metadata_can_not_play_with_the_terminal() -> None:
    evil = "a\x1b[2J\nremoves nothing"
    after = root_model({"targets": [renamed(signer("x"), evil)]}, version=2)
    after.unrecognized_fields[evil] = 1
    targets = targets_model([target(evil, custom={"version": evil})], version=2)
    snapshot = Snapshot(version=2, expires=LATER, meta={f"{evil}.json": MetaFile(1)})
    lines = [
        *told(root_model(), after, owners={evil: evil}),
        *told(targets_model(), targets, role=evil),
        *told(Snapshot(expires=LATER), snapshot),
    ]
    assert len(lines) > 8
    assert all(line.isprintable() for line in lines)


def test_delegations_that_come_change_and_go_are_told_with_their_keys() -> None:
    a, b = public(signer("a")), public(signer("b"))

    def delegating(version: int, *roles: DelegatedRole) -> Targets:
        model = targets_model(version=version)
        keys = {keyid: key for keyid, key in ((a.keyid, a), (b.keyid, b)) if any(keyid in r.keyids for r in roles)}
        model.delegations = Delegations(keys, {role.name: role for role in roles})
        return model

    team = DelegatedRole("team", [a.keyid], 1, False, paths=["team/*"])
    wider = DelegatedRole("team", [a.keyid, b.keyid], 2, False, paths=["team/*", "*"])
    other = DelegatedRole("other", [b.keyid], 1, True, path_hash_prefixes=["0", "1", "2", "3"])
    assert told(targets_model(), delegating(2, team)) == [
        "targets delegates team/* to team",
        f"adds team key {short('a')}",
        "team is 1 of 1",
        "targets goes from v1 to v2",
    ]
    assert told(delegating(2, team), delegating(3, wider, other)) == [
        "! targets delegates every path to team",
        "targets changes what it delegates to team: adds *",
        f"adds team key {short('b')}",
        "team becomes 2 of 2, was 1 of 1",
        "targets delegates hash 0, hash 1, hash 2, hash 3 to other"
        " (terminating: for these paths no later role is asked)",
        f"adds other key {short('b')}",
        "other is 1 of 1",
        "targets goes from v2 to v3",
    ]
    turned = told(delegating(3, team, other), delegating(4, other, team))
    assert turned[1].startswith('targets changes member delegations.roles: [{"keyids"')
    gone = told(delegating(3, team, other), delegating(4, other))
    assert gone[0] == "targets delegates to team no longer; it was team/*"


def test_bins_are_told_as_one_delegation() -> None:
    after = targets_model(version=2)
    key = public(signer("a"))
    after.delegations = Delegations({key.keyid: key}, None, SuccinctRoles([key.keyid], 1, 10, "bin"))
    assert told(targets_model(), after)[:4] == [
        "! targets delegates every path to bin-*",
        "targets delegates every path by its hash in 1,024 bins to bin-*",
        f"adds bin-* key {short('a')}",
        "bin-* is 1 of 1",
    ]
    wider = copy.deepcopy(after)
    assert wider.delegations is not None
    wider.delegations.succinct_roles = SuccinctRoles([key.keyid], 1, 12, "bin")
    assert (
        "targets changes what it delegates to bin-*: adds every path by its hash in 4,096 bins; "
        "removes every path by its hash in 1,024 bins"
    ) in told(after, edit.successor(wider, version=3, expires=LATER))


def test_what_the_snapshot_and_the_timestamp_list_is_told() -> None:
    listed = {"targets.json": MetaFile(3, 10, {"sha256": "aa"}), "a.json": MetaFile(2), "gone.json": MetaFile(1)}
    before = Snapshot(version=1, expires=LATER, meta=listed)
    meta = {"targets.json": MetaFile(3, 11, {"sha256": "bb"}), "a.json": MetaFile(1), "new.json": MetaFile(1)}
    assert told(before, Snapshot(version=2, expires=LATER, meta=meta)) == [
        "! snapshot lists other bytes for targets v3",
        "! snapshot lists a v1, was v2, which clients would refuse",
        "! snapshot lists gone no longer: clients that know it would refuse the snapshot",
        "snapshot lists new v1",
        "snapshot goes from v1 to v2",
    ]
    old, new = Timestamp(expires=LATER, snapshot_meta=MetaFile(4)), Timestamp(2, None, LATER, MetaFile(5))
    assert told(old, new) == ["timestamp lists snapshot v5, was v4", "timestamp goes from v1 to v2"]


def test_first_versions_are_told_like_any_other() -> None:
    assert told(None, targets_model([target("a")])) == [
        "adds target a (1 byte)",
        "targets v1 is new, expires 2027-11-22",
    ]
    lines = told(None, root_model({"root": signers("root", 3)}, thresholds={"root": 2}))
    assert [line for line in lines if "root" in line] == [
        *(f"adds root key {short(f'root{n}')}" for n in (1, 2, 3)),
        "root is 2 of 3",
        "root v1 is new, expires 2027-11-22",
    ]
    assert told(None, Timestamp(expires=LATER))[0] == "timestamp lists snapshot v1"


def test_who_has_signed_and_who_still_must_is_told_by_the_old_root_and_by_the_new() -> None:
    old, new = signers("old", 1), signers("new", 3)
    before = signed_by(root_model({"root": old}), *old)
    after = signed_by(root_model({"root": new}, version=2, thresholds={"root": 2}), new[0])
    found = review({"root": before}, {"root": after}, now=NOW)
    lines = [fact.sentence({public(new[1]).keyid: "ann"}) for fact in found if isinstance(fact, Signatures)]
    waiting = sorted(public(key).keyid for key in new[1:])
    names = ", ".join(f"{keyid[:8]}{' of owner ann' if keyid == public(new[1]).keyid else ''}" for keyid in waiting)
    assert lines == [
        f"root v2 is signed by 0 keys of root v1, 1 needed: 1 more of {short('old1')}",
        f"root v2 is signed by 1 key of root v2, 2 needed: 1 more of {names}",
    ]


def test_other_roles_are_counted_by_the_keys_of_the_staged_root_and_of_their_delegators() -> None:
    key = signer("delegate")
    delegator = targets_model(version=2)
    delegated = DelegatedRole("team", [public(key).keyid], 1, False, paths=["*"])
    delegator.delegations = Delegations({public(key).keyid: public(key)}, {"team": delegated})
    root = Document.of(root_model({"targets": [signer("fresh")]}, version=2))
    staged = {
        "targets": signed_by(delegator, signer("fresh")),
        "team": signed_by(targets_model(), key),
        "stray": Document.of(targets_model()),
    }
    found = review({"root": Document.of(root_model())}, {"root": root, **staged}, now=NOW)
    quorums = {fact.role: fact.quorum.reached for fact in found if isinstance(fact, Signatures)}
    assert quorums == {"root": False, "targets": True, "team": True}


def test_what_did_not_change_is_not_spoken_of() -> None:
    files = {
        path.stem: Document.parse(path.read_bytes()) for path in (VECTORS / "rotated/repository").glob("[a-z]*.json")
    }
    assert set(files) == {"root", "targets", "snapshot", "timestamp"}
    assert review(files, {}, now=NOW) == ()
    again = {role: Document.of(document.signed) for role, document in files.items()}
    assert review(files, again, now=NOW) == ()


def test_the_yearly_rotation_that_go_tuf_made_reads_well() -> None:
    roots = [Document.parse((VECTORS / f"rotated/repository/{n}.root.json").read_bytes(), Root) for n in (3, 4)]
    facts = review({"root": roots[0]}, {"root": roots[1]}, now=NOW)
    lines = [line.text for line in sentences(facts)]
    assert sum(line.startswith("removes root key") for line in lines) == 3
    assert "root becomes 1 of 3, was 1 of 6" in lines
    assert "removes nothing" not in lines
    assert "root v4 is signed by 3 keys of root v4, 1 needed" in lines
    assert any(line.startswith("root v4 is signed by ") and "of root v3, 1 needed" in line for line in lines)


def test_facts_are_json_for_machines() -> None:
    before = root_model()
    after = following(edit.add_key(before, "targets", public(signer("new"))), expires=LATER + DAY)
    facts = review({"root": Document.of(before)}, {"root": Document.of(after)}, now=NOW)
    found = json.loads(json.dumps([fact.as_json() for fact in facts]))
    assert found[0] == {
        "fact": "key_added", "warning": False, "role": "targets", "keyid": public(signer("new")).keyid,
        "keytype": "ed25519", "scheme": "ed25519", "usable": True,
        "changes": [
            {
                "place": ["roles", "targets", "keyids"],
                "before": before.roles["targets"].keyids,
                "after": [*before.roles["targets"].keyids, public(signer("new")).keyid],
            },
            {"place": ["keys", public(signer("new")).keyid], "after": public(signer("new")).to_dict()},
        ],
    }  # fmt: skip
    assert {
        "fact": "expiry_changed",
        "warning": False,
        "role": "root",
        "before": "2027-11-22T12:00:00Z",
        "after": "2027-11-23T12:00:00Z",
        "changes": [{"place": ["expires"], "before": "2027-11-22T12:00:00Z", "after": "2027-11-23T12:00:00Z"}],
    } in found
    assert found[-1]["fact"] == "signatures"
    assert found[-1]["waiting"] == [public(signer("root")).keyid]


def test_a_sentence_is_a_line() -> None:
    assert Sentence(text="a") == Sentence(text="a", warning=False)
    with pytest.raises(NotImplementedError):
        Fact(role="a").sentence()


def _parsed(value: Any) -> Document[Any]:
    return Document.parse(json.dumps({"signed": value, "signatures": []}).encode())


def test_two_hundred_thousand_entries_are_compared_quickly() -> None:
    entry = target("a", custom={"version": "1.2.3"}).to_dict()
    value = {
        **targets_model().to_dict(),
        "targets": {f"orbit/linux/{n}/orbit": {**entry, "length": n} for n in range(100_000)},
    }
    before = _parsed(value)
    value["targets"]["orbit/linux/7/orbit"]["length"] = 123
    value["version"] = 2
    after = _parsed(value)
    assert before.signed.version + 1 == after.signed.version
    started = process_time()
    facts = review({"targets": before}, {"targets": after}, now=NOW)
    assert process_time() - started < 1.0  # tens of milliseconds; building the objects takes seconds
    assert [type(fact) for fact in facts] == [TargetReplaced, VersionChanged]


def test_facts_are_values() -> None:
    added = TargetAdded(role="targets", path="a", length_bytes=1)
    assert added == TargetAdded(role="targets", path="a", length_bytes=1)
    assert added.kind == "target_added"
    assert {added, TargetRemoved(role="targets", path="a", length_bytes=1)}
    assert KeyAdded(role="a", keyid="b", keytype="rsa", scheme="s", usable=False).warning


def test_a_switch_that_goes_from_off_to_absent_is_told_though_it_means_the_same() -> None:
    before = following(root_model(), consistent_snapshot=False)
    after = following(before, consistent_snapshot=None)
    assert "root removes member consistent_snapshot: it was false" in told(before, after)
    assert not any("switches" in line for line in told(before, after))


def test_roles_are_told_in_the_order_in_which_trust_flows() -> None:
    staged = {
        role: Document.of(model)
        for role, model in {
            "timestamp": Timestamp(expires=LATER),
            "snapshot": Snapshot(expires=LATER),
            "a team": targets_model(),
            "targets": targets_model(),
            "root": root_model(),
            "zebra": targets_model(),
        }.items()
    }
    new = [fact.role for fact in review({}, staged, now=NOW) if fact.kind == "role_new"]
    assert new == ["root", "targets", "a team", "zebra", "snapshot", "timestamp"]


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        (MetaFile(3, 11, {"sha256": "aa"}), "! snapshot lists other bytes for targets v3"),
        (
            MetaFile(3, 10, {"sha256": "aa", "sha512": "bb"}),
            'snapshot adds member meta."targets.json".hashes.sha512: "bb"',
        ),
        (MetaFile(3, None, {"sha256": "aa"}), 'snapshot removes member meta."targets.json".length: it was 10'),
        (MetaFile(3, 10, None), 'snapshot removes member meta."targets.json".hashes: it was {"sha256":"aa"}'),
        (MetaFile(3, 10, {"sha256": "bb"}), "! snapshot lists other bytes for targets v3"),
    ],
)
def test_an_entry_of_one_version_is_other_bytes_only_where_the_two_contradict(entry: MetaFile, text: str) -> None:
    before = Snapshot(version=1, expires=LATER, meta={"targets.json": MetaFile(3, 10, {"sha256": "aa"})})
    assert text in told(before, Snapshot(version=2, expires=LATER, meta={"targets.json": entry}))


def test_one_hash_of_two_that_differs_is_other_bytes() -> None:
    before = Snapshot(
        version=1, expires=LATER, meta={"targets.json": MetaFile(3, hashes={"sha256": "a", "sha512": "b"})}
    )
    after = Snapshot(
        version=2, expires=LATER, meta={"targets.json": MetaFile(3, hashes={"sha256": "a", "sha512": "c"})}
    )
    assert told(before, after)[0] == "! snapshot lists other bytes for targets v3"


def test_a_key_that_no_role_uses_is_told_when_it_comes_changes_or_goes() -> None:
    before = root_model()
    with_spare = following(before)
    with_spare.keys["spare678x"] = renamed(signer("a"), "spare678x")
    changed = following(with_spare)
    changed.keys["spare678x"] = renamed(signer("b"), "spare678x")
    assert any(line.startswith("root adds member keys.spare678x: {") for line in told(before, with_spare))
    gone = told(with_spare, following(with_spare, keys=before.keys))
    assert any(line.startswith("root removes member keys.spare678x: it was {") for line in gone)
    values = [renamed(signer(name), "spare678x").keyval["public"] for name in ("b", "a")]
    assert 'root changes member keys.spare678x.keyval.public: "{}", was "{}"'.format(*values) in told(
        with_spare, changed
    )
    assert not any("spare678" in line for line in told(with_spare, following(with_spare)))


def test_a_key_that_a_role_loses_is_told_once() -> None:
    before = root_model({"targets": signers("targets", 2)})
    lines = told(before, following(edit.revoke_key(before, "targets", public(signer("targets2")).keyid)))
    assert [line for line in lines if short("targets2") in line] == [f"removes targets key {short('targets2')}"]


@pytest.mark.parametrize(("count", "lines"), [(12, 12), (13, 1)])
def test_a_dozen_targets_are_named_and_one_more_is_counted(count: int, lines: int) -> None:
    after = edit.add_targets(targets_model(version=2), [target(f"a/{n}") for n in range(count)])
    assert len(told(targets_model(), after)) == lines + 1


def test_another_threshold_for_bins_is_told() -> None:
    a, b = public(signer("a")), public(signer("b"))
    before, after = targets_model(), targets_model(version=2)
    for model, threshold in ((before, 2), (after, 1)):
        roles = SuccinctRoles([a.keyid, b.keyid], threshold, 4, "bin")
        model.delegations = Delegations({a.keyid: a, b.keyid: b}, None, roles)
    assert told(before, after)[0] == "! bin-* becomes 1 of 2, was 2 of 2"


def test_bins_that_become_one_role_of_the_same_name_are_told() -> None:
    a = public(signer("a"))
    before, after = targets_model(), targets_model(version=2)
    before.delegations = Delegations({a.keyid: a}, None, SuccinctRoles([a.keyid], 1, 4, "bin"))
    after.delegations = Delegations({a.keyid: a}, {"bin-*": DelegatedRole("bin-*", [a.keyid], 1, True, paths=["*"])})
    lines = told(before, after)
    assert "targets delegates * to bin-* (terminating: for these paths no later role is asked)" in lines
    assert "targets delegates to bin-* no longer; it was every path by its hash in 16 bins" in lines


def test_a_target_without_custom_data_is_json_too() -> None:
    facts = review({}, {"targets": Document.of(targets_model([target("app")], version=1))}, now=NOW)
    (added,) = [
        fact for fact in json.loads(json.dumps([fact.as_json() for fact in facts])) if fact["fact"] == "target_added"
    ]
    assert "custom" not in added
