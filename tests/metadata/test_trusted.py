from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet
from tuf.ngclient.config import EnvelopeType

from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.quorum import RoleNotDelegated, ThresholdNotReached
from tufkeep.metadata.refusal import ExpiredMetadata, HashMismatch, RoleNotListed, RollbackRefused, WrongVersion
from tufkeep.metadata.trusted import TrustedSet
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.forge import Forge, forge_file, twin

NOW = FakeClock()()


@pytest.fixture
def forge() -> Forge:
    return Forge(now=NOW)


def served(forge: Forge, role: str) -> bytes:
    return forge.store.read(forge.names(role)[-1])


def trust(forge: Forge, *, upto: str = "targets", now: datetime = NOW) -> TrustedSet:
    """Return what a client trusts after the current state of a repository, up to a role."""
    trusted = TrustedSet(forge.root(forge.version("root")), now=now)
    for role in ("timestamp", "snapshot", "targets"):
        if upto == "root":
            break
        getattr(trusted, f"update_{role}")(served(forge, role))
        if role == upto:
            break
    return trusted


def test_it_sets_every_attribute_that_python_tufs_constructor_sets(forge: Forge) -> None:
    theirs = TrustedMetadataSet(forge.root(), EnvelopeType.METADATA)
    assert vars(theirs).keys() <= vars(trust(forge, upto="root")).keys()


def test_an_honest_repository_is_trusted_from_root_to_targets(forge: Forge) -> None:
    forge.add("app", b"1")
    forge.publish()
    trusted = trust(forge)
    assert [trusted.root.version, trusted.timestamp.version, trusted.targets.version] == [1, 2, 2]
    assert "app" in trusted.targets.targets


def test_a_root_that_does_not_stand_by_its_own_keys_is_no_beginning(forge: Forge) -> None:
    stranger = forge_file(forge.signed["root"], [CryptoSigner.generate_ed25519()])
    with pytest.raises(ThresholdNotReached):
        TrustedSet(stranger, now=NOW)


def test_the_next_root_must_be_signed_by_the_one_before_it(forge: Forge) -> None:
    trusted = trust(forge, upto="root")
    forge.rotate("root")
    forge.next_version("root")
    alone = forge.write("root", signers=forge.signers["root"])
    with pytest.raises(ThresholdNotReached, match="root v2: signed by 0 of 1 keys of root v1"):
        trusted.update_root(alone)


def test_the_next_root_must_be_signed_by_itself(forge: Forge) -> None:
    trusted = trust(forge, upto="root")
    old = forge.signers["root"]
    forge.rotate("root")
    forge.next_version("root")
    with pytest.raises(ThresholdNotReached, match="root v2: 0 of 1 needed signatures"):
        trusted.update_root(forge.write("root", signers=old))


def test_a_root_version_cannot_be_left_out(forge: Forge) -> None:
    trusted = trust(forge, upto="root")
    forge.publish_root()
    forge.publish_root()
    with pytest.raises(WrongVersion) as caught:
        trusted.update_root(forge.root(3))
    assert (caught.value.role, caught.value.version, caught.value.expected) == ("root", 3, 2)


def test_an_expired_root_is_passed_through_and_refused_as_the_last(forge: Forge) -> None:
    forge.days["root"] = 1
    forge.publish_root()
    later = NOW + timedelta(days=2)
    trusted = TrustedSet(forge.root(1), now=later)
    trusted.update_root(forge.root(2))
    with pytest.raises(ExpiredMetadata, match="root v2: expired at 2026-01-02"):
        trusted.finish_root()
    with pytest.raises(ExpiredMetadata, match="root v2"):
        trusted.update_timestamp(served(forge, "timestamp"))


def test_a_timestamp_of_the_same_version_changes_nothing(forge: Forge) -> None:
    trusted = trust(forge, upto="timestamp")
    before = trusted.timestamp
    forge.signed["timestamp"]["extra"] = 1
    assert trusted.update_timestamp(forge.write("timestamp")) is before


def test_an_expired_timestamp_of_the_same_version_is_still_expired(forge: Forge) -> None:
    trusted = TrustedSet(forge.root(), now=NOW + timedelta(days=8))
    for _ in range(2):
        with pytest.raises(ExpiredMetadata, match="timestamp v1"):
            trusted.update_timestamp(served(forge, "timestamp"))


def test_an_expired_timestamp_still_guards_from_an_older_one(forge: Forge) -> None:
    old = served(forge, "timestamp")
    forge.days["timestamp"] = -1
    forge.publish()
    trusted = TrustedSet(forge.root(), now=NOW)
    with pytest.raises(ExpiredMetadata):
        trusted.update_timestamp(served(forge, "timestamp"))
    with pytest.raises(RollbackRefused) as caught:
        trusted.update_timestamp(old)
    assert (caught.value.role, caught.value.version, caught.value.trusted) == ("timestamp", 1, 2)


def test_an_older_timestamp_is_refused_even_if_it_lists_the_same_snapshot(forge: Forge) -> None:
    old = served(forge, "timestamp")
    forge.next_version("timestamp")
    trusted = trust(forge, upto="timestamp")
    with pytest.raises(RollbackRefused, match="timestamp v1: v2 is already trusted"):
        trusted.update_timestamp(old)


def test_a_newer_timestamp_may_not_list_an_older_snapshot(forge: Forge) -> None:
    forge.publish()
    trusted = trust(forge, upto="timestamp")
    forge.signed["timestamp"]["meta"]["snapshot.json"]["version"] = 1
    forge.next_version("timestamp")
    with pytest.raises(RollbackRefused, match="snapshot v1: v2 is already trusted"):
        trusted.update_timestamp(served(forge, "timestamp"))


def test_the_snapshot_must_have_the_listed_length_and_hashes(forge: Forge) -> None:
    trusted = trust(forge, upto="timestamp")
    data = served(forge, "snapshot")
    with pytest.raises(HashMismatch, match="snapshot v1: length is"):
        trusted.update_snapshot(data + b" ")
    with pytest.raises(HashMismatch, match="snapshot v1: sha256 is"):
        trusted.update_snapshot(data.replace(b'"version":1', b'"version":2', 1))


def test_the_snapshot_must_have_the_listed_version(forge: Forge) -> None:
    forge.meta_fields = ()
    forge.list_in_timestamp()
    forge.next_version("timestamp")
    trusted = trust(forge, upto="timestamp")
    forge.next_version("snapshot")
    with pytest.raises(WrongVersion, match="snapshot v2: timestamp v2 wants v1"):
        trusted.update_snapshot(served(forge, "snapshot"))
    with pytest.raises(WrongVersion, match="snapshot v2: timestamp v2 wants v1"):
        trusted.update_targets(served(forge, "targets"))


def test_an_expired_snapshot_is_refused(forge: Forge) -> None:
    forge.days["snapshot"] = 1
    forge.publish()
    trusted = trust(forge, upto="timestamp", now=NOW + timedelta(days=1))
    with pytest.raises(ExpiredMetadata, match="snapshot v2"):
        trusted.update_snapshot(served(forge, "snapshot"))


def grown(forge: Forge) -> TrustedSet:
    """Trust a state of the repository as a stored snapshot of it does: against rollback only."""
    forge.delegate("role", paths=["*"])
    kept = served(forge, "snapshot")
    forge.publish("role")
    trusted = trust(forge, upto="timestamp")
    with pytest.raises(WrongVersion):
        trusted.update_snapshot(kept, trusted=True)
    return trusted


def test_no_role_vanishes_from_the_snapshot(forge: Forge) -> None:
    trusted = grown(forge)
    forge.lie("snapshot", lambda signed: signed["meta"].pop("role.json"))
    forge.list_in_timestamp()
    data = forge.write("snapshot")
    trusted.timestamp.snapshot_meta.hashes = trusted.timestamp.snapshot_meta.length = None
    with pytest.raises(RoleNotListed, match="role: snapshot v3 does not list it"):
        trusted.update_snapshot(data)


def test_no_role_goes_back_in_the_snapshot(forge: Forge) -> None:
    forge.publish("targets")
    trusted = grown(forge)
    forge.lie("snapshot", lambda signed: signed["meta"]["targets.json"].update(version=1))
    data = forge.write("snapshot")
    trusted.timestamp.snapshot_meta.hashes = trusted.timestamp.snapshot_meta.length = None
    with pytest.raises(RollbackRefused, match="targets v1: v3 is already trusted"):
        trusted.update_snapshot(data)


@pytest.fixture
def delegated(forge: Forge) -> Forge:
    """A role with 2 of 3 keys."""
    forge.delegate("role", paths=["*"], keys=3, threshold=2)
    return forge


def update(trusted: TrustedSet, data: bytes, role: str = "role", delegator: str = "targets") -> None:
    trusted.update_delegated_targets(data, role, delegator)


def test_a_delegated_role_needs_its_threshold(delegated: Forge) -> None:
    delegated.meta_fields = ()
    delegated.publish("role")
    trusted = trust(delegated)
    with pytest.raises(ThresholdNotReached, match="role v2: 1 of 2 needed signatures"):
        update(trusted, delegated.write("role", signers=delegated.signers["role"][:1]))
    update(trusted, delegated.write("role", signers=delegated.signers["role"][1:]))


def test_a_delegated_role_needs_its_listed_length_and_hashes(delegated: Forge) -> None:
    trusted = trust(delegated)
    data = served(delegated, "role")
    with pytest.raises(HashMismatch, match="role v1: length"):
        update(trusted, data + b"\n")
    with pytest.raises(HashMismatch, match="role v1: sha256"):
        update(trusted, data.replace(b'"version":1', b'"version":2'))


def test_a_delegated_role_needs_its_listed_version(delegated: Forge) -> None:
    delegated.meta_fields = ()
    old = served(delegated, "role")
    delegated.publish("role")
    trusted = trust(delegated)
    with pytest.raises(WrongVersion, match="role v1: snapshot v3 wants v2"):
        update(trusted, old)


def test_an_expired_delegated_role_is_refused(delegated: Forge) -> None:
    delegated.days["role"] = 0
    delegated.publish("role")
    with pytest.raises(ExpiredMetadata, match="role v2: expired at 2026-01-01T00:00:00Z, now is 2026-01-01"):
        update(trust(delegated), served(delegated, "role"))


def test_a_role_that_the_snapshot_does_not_list_is_refused(delegated: Forge) -> None:
    with pytest.raises(RoleNotListed, match="other: snapshot v2 does not list it"):
        update(trust(delegated), served(delegated, "role"), "other")


def test_a_role_that_nobody_delegates_to_is_refused(delegated: Forge) -> None:
    delegated.signed["targets"]["delegations"]["roles"].clear()
    delegated.publish("targets")
    with pytest.raises(RoleNotDelegated):
        update(trust(delegated), served(delegated, "role"))


def test_a_delegated_role_is_verified_again_for_each_delegator(delegated: Forge) -> None:
    delegated.delegate("middle", paths=["*"])
    delegated.trust("role", [CryptoSigner.generate_ed25519()], by="middle", paths=["*"])
    delegated.publish("middle")
    trusted = trust(delegated)
    data = served(delegated, "role")
    update(trusted, data)
    update(trusted, served(delegated, "middle"), "middle")
    assert trusted.verified("role", "targets")
    assert not trusted.verified("role", "middle")
    with pytest.raises(ThresholdNotReached, match="role v1: 0 of 1"):
        update(trusted, data, delegator="middle")
    assert not trusted.verified("role", "middle")


def test_a_role_has_one_content_whoever_delegates_to_it(delegated: Forge) -> None:
    delegated.meta_fields = ()
    delegated.delegate("middle", paths=["*"])
    delegated.trust("role", delegated.signers["role"], by="middle", paths=["*"])
    delegated.publish("middle", "role")
    trusted = trust(delegated)
    update(trusted, served(delegated, "role"))
    update(trusted, served(delegated, "middle"), "middle")
    delegated.signed["role"]["targets"]["evil"] = {"length": 0, "hashes": {"sha256": "00"}}
    with pytest.raises(HashMismatch, match="role v2: sha256"):
        update(trusted, delegated.write("role"), delegator="middle")


def test_one_public_key_under_two_keyids_is_one_signature(delegated: Forge) -> None:
    stolen = delegated.signers["role"][0]
    twins = [stolen, twin(stolen, "another")]
    delegations = delegated.signed["targets"]["delegations"]
    delegations["keys"]["another"] = stolen.public_key.to_dict()
    delegations["roles"][0]["keyids"] = [stolen.public_key.keyid, "another"]
    delegated.meta_fields = ()
    delegated.publish("targets", "role")
    with pytest.raises(ThresholdNotReached, match="role v2: 1 of 2"):
        update(trust(delegated), delegated.write("role", signers=twins))


def test_a_key_of_an_unknown_type_makes_no_root_unreadable(forge: Forge) -> None:
    forge.signed["root"]["keys"]["f" * 64] = {"keytype": "lattice", "scheme": "x", "keyval": {"public": "?"}}
    forge.signed["root"]["roles"]["timestamp"]["keyids"].append("f" * 64)
    forge.publish_root()
    forge.publish()
    assert trust(forge).targets.version == 2


LIES: dict[str, tuple[str, Any]] = {
    "threshold 0": ("root", lambda s: s["roles"]["timestamp"].update(threshold=0)),
    "threshold below 0": ("root", lambda s: s["roles"]["timestamp"].update(threshold=-1)),
    "threshold true": ("root", lambda s: s["roles"]["timestamp"].update(threshold=True)),
    "threshold a text": ("root", lambda s: s["roles"]["timestamp"].update(threshold="1")),
    "version 0": ("root", lambda s: s.update(version=0)),
    "version true": ("root", lambda s: s.update(version=True)),
    "version a text": ("root", lambda s: s.update(version="2")),
    "spec_version 2": ("root", lambda s: s.update(spec_version="2.0.0")),
    "no spec_version": ("root", lambda s: s.pop("spec_version")),
    "no snapshot role": ("root", lambda s: s["roles"].pop("snapshot")),
    "no root role": ("root", lambda s: s["roles"].pop("root")),
    "one more role": ("root", lambda s: s["roles"].update(admin=s["roles"]["root"])),
    "a keyid twice": ("root", lambda s: s["roles"]["root"]["keyids"].append(s["roles"]["root"]["keyids"][0])),
    "keyids a text": ("root", lambda s: s["roles"]["timestamp"].update(keyids="abc")),
    "keyids numbers": ("root", lambda s: s["roles"]["timestamp"].update(keyids=[1])),
    "consistent_snapshot a text": ("root", lambda s: s.update(consistent_snapshot="false")),
    "expires without time": ("root", lambda s: s.update(expires="2027-01-01")),
    "no keys": ("root", lambda s: s.pop("keys")),
    "another type": ("root", lambda s: s.update(_type="targets")),
    "timestamp version 0": ("timestamp", lambda s: s.update(version=0)),
    "timestamp spec_version 2": ("timestamp", lambda s: s.update(spec_version="2.0")),
    "timestamp lists no snapshot": ("timestamp", lambda s: s["meta"].clear()),
    "timestamp lists snapshot 0": ("timestamp", lambda s: s["meta"]["snapshot.json"].update(version=0)),
    "timestamp lists a length of text": ("timestamp", lambda s: s["meta"]["snapshot.json"].update(length="9")),
    "timestamp lists a length of true": ("timestamp", lambda s: s["meta"]["snapshot.json"].update(length=True)),
    "timestamp lists no hash": ("timestamp", lambda s: s["meta"]["snapshot.json"].update(hashes={})),
    "snapshot version 0": ("snapshot", lambda s: s.update(version=0)),
    "snapshot lists version 0": ("snapshot", lambda s: s["meta"]["targets.json"].update(version=0)),
    "snapshot lists version true": ("snapshot", lambda s: s["meta"]["targets.json"].update(version=True)),
    "snapshot lists another file": ("snapshot", lambda s: s["meta"].update({"targets.txt": {"version": 1}})),
    "targets version 0": ("targets", lambda s: s.update(version=0)),
    "targets a list": ("targets", lambda s: s.update(targets=[])),
}
ROLE_LIES: dict[str, Any] = {
    "paths and path_hash_prefixes": lambda r: r.update(path_hash_prefixes=["00"]),
    "neither paths nor path_hash_prefixes": lambda r: r.pop("paths"),
    "paths a text": lambda r: r.update(paths="*"),
    "path_hash_prefixes a text": lambda r: (r.pop("paths"), r.update(path_hash_prefixes="0")),
    "threshold 0": lambda r: r.update(threshold=0),
    "a keyid twice": lambda r: r.update(keyids=r["keyids"] * 2),
    "terminating a text": lambda r: r.update(terminating="false"),
    "no terminating": lambda r: r.pop("terminating"),
    "name a number": lambda r: r.update(name=5),
    "name of a top-level role": lambda r: r.update(name="snapshot"),
    "no name": lambda r: r.update(name=""),
}


@pytest.mark.parametrize("lie", LIES)
def test_metadata_that_breaks_a_rule_is_refused_however_well_it_is_signed(forge: Forge, lie: str) -> None:
    role, change = LIES[lie]
    forge.meta_fields = ()
    forge.publish()
    trusted = trust(forge, upto={"root": "root", "timestamp": "root", "snapshot": "timestamp"}.get(role, "snapshot"))
    forge.lie(role, change)
    forge.signed["root"]["version"] += role == "root"
    with pytest.raises(MalformedMetadata):
        getattr(trusted, f"update_{role}")(forge.write(role))


@pytest.mark.parametrize("lie", ROLE_LIES)
def test_a_delegation_that_breaks_a_rule_is_refused(delegated: Forge, lie: str) -> None:
    delegated.lie("targets", lambda signed: ROLE_LIES[lie](signed["delegations"]["roles"][0]))
    delegated.publish()
    with pytest.raises(MalformedMetadata):
        trust(delegated)


def test_a_malformed_delegated_role_is_called_by_its_name(delegated: Forge) -> None:
    delegated.lie("role", lambda signed: signed.update(spec_version="2.0"))
    delegated.publish("role")
    with pytest.raises(MalformedMetadata, match="role: Unsupported"):
        update(trust(delegated), served(delegated, "role"))
