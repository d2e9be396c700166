"""The attacks that the specification wants a client to withstand, each once.

Spec: TUF 1.0.34 #goals-for-pki, "Goals to protect against specific attacks".
"""

from __future__ import annotations

import hashlib

import pytest
from securesystemslib.signer import CryptoSigner

from tests.attacks.conftest import Victim
from tufkeep.client.errors import TooLong
from tufkeep.client.walk import TargetNotFound
from tufkeep.errors import TufkeepError
from tufkeep.metadata.quorum import ThresholdNotReached
from tufkeep.metadata.refusal import ExpiredMetadata, HashMismatch, RollbackRefused, WrongVersion
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.fetcher import ScriptedFetcher
from tufkeep.testing.forge import Forge, twin

EVIL = b"1.0; rm -rf /"


def answer_artifacts(mirror: ScriptedFetcher, forge: Forge, data: bytes) -> None:
    for entry in forge.store.list("targets/"):
        mirror.answers[entry.name] = data


def test_arbitrary_software_is_not_installed(victim: Victim, mirror: ScriptedFetcher, forge: Forge) -> None:
    """The attacker serves a file of their own in place of the artifact."""
    answer_artifacts(mirror, forge, b"9.9")
    with pytest.raises(HashMismatch, match="target 'app': sha256"):
        victim.download("app")
    assert list(victim.folder.list()) == []


def test_arbitrary_software_in_forged_metadata_is_not_installed(
    victim: Victim, mirror: ScriptedFetcher, forge: Forge, clock: FakeClock
) -> None:
    """The attacker serves a whole repository, signed by keys of their own."""
    theirs = Forge(now=clock())
    theirs.add("app", EVIL)
    for _ in range(4):
        theirs.publish()
    before = victim.trusted
    for entry in theirs.store.list():
        mirror.answers[entry.name] = theirs.store.read(entry.name)
    del mirror.answers["1.root.json"]
    with pytest.raises(ThresholdNotReached, match="timestamp v5: 0 of 1"):
        victim.refresh()
    assert victim.trusted == before


@pytest.mark.parametrize("name", ["2.root.json", "timestamp.json", "3.snapshot.json", "3.targets.json"])
def test_endless_data_is_not_read(victim: Victim, mirror: ScriptedFetcher, forge: Forge, name: str) -> None:
    """The attacker answers with a file that does not end."""
    forge.publish_root()
    forge.publish()
    mirror.answers[name] = forge.store.read(name) + b" " * 600_000
    before = victim.trusted
    with pytest.raises(TooLong):
        victim.refresh()
    assert all(victim.trusted[kept].strip() for kept in before)


def test_an_endless_artifact_is_not_read(victim: Victim, mirror: ScriptedFetcher, forge: Forge) -> None:
    answer_artifacts(mirror, forge, b"1.0" + b" " * 10_000_000)
    with pytest.raises(TooLong, match="longer than the 3 bytes allowed"):
        victim.download("app")
    assert list(victim.folder.list()) == []


def test_extraneous_dependencies_are_not_installed(victim: Victim, mirror: ScriptedFetcher, forge: Forge) -> None:
    """The attacker holds one delegated role's keys, and offers through it what others are to speak for."""
    forge.delegate("plugins", paths=["plugins/*"])
    forge.add("plugins/good", b"good", role="plugins")
    forge.add("libssl", EVIL, role="plugins")
    forge.add("app", EVIL, role="plugins")
    forge.signed["targets"]["targets"].pop("app")
    forge.publish("targets", "plugins")
    assert victim.download("plugins/good") == b"good"
    for path in ("libssl", "app"):
        with pytest.raises(TargetNotFound):
            victim.download(path)


def test_fast_forward_does_not_outlast_the_stolen_keys(victim: Victim, forge: Forge) -> None:
    """The attacker held the online keys for a while and pushed every version up."""
    for role in ("targets", "snapshot", "timestamp"):
        forge.signed[role]["version"] += 2**31
    forge.publish()
    victim.refresh()
    for role in ("targets", "snapshot", "timestamp"):
        forge.signed[role]["version"] -= 2**31
        forge.rotate(role)
    forge.publish_root()
    forge.add("app", b"1.1")
    forge.publish()
    assert victim.download("app") == b"1.1"


def test_a_freeze_ends_when_the_timestamp_does(
    victim: Victim, mirror: ScriptedFetcher, forge: Forge, clock: FakeClock
) -> None:
    """The attacker goes on serving what was the newest."""
    frozen = forge.store.read("timestamp.json")
    forge.add("app", b"1.1: fixed")
    forge.publish()
    mirror.answers["timestamp.json"] = frozen
    clock.advance(days=6, hours=23)
    victim.refresh()  # it may be true that there is nothing new
    clock.advance(hours=1)
    with pytest.raises(ExpiredMetadata) as caught:
        victim.refresh()
    assert caught.value.role == "timestamp"


def test_a_freeze_by_an_old_snapshot_is_noticed_although_the_timestamp_is_fresh(
    victim: Victim, forge: Forge, clock: FakeClock
) -> None:
    """The attacker holds the timestamp key and keeps an old snapshot alive with it."""
    clock.advance(days=30)
    forge.now = clock()
    forge.next_version("timestamp")
    with pytest.raises(ExpiredMetadata, match="snapshot v2"):
        victim.refresh()


def test_a_malicious_mirror_cannot_keep_a_client_from_a_good_one(
    victim: Victim, mirror: ScriptedFetcher, forge: Forge
) -> None:
    """The attacker runs one mirror of several and serves garbage of every kind from it."""
    forge.add("app", b"1.1")
    forge.publish()
    for name in ("timestamp.json", "3.snapshot.json", "3.targets.json"):
        for garbage in (b"", b"{}", b"<html>", forge.root(), b"[" * 10_000, b"\xff"):
            mirror.answers[name] = garbage
            with pytest.raises(TufkeepError):
                victim.refresh()
        del mirror.answers[name]
    assert victim.download("app") == b"1.1"


def test_states_of_the_repository_cannot_be_mixed(victim: Victim, mirror: ScriptedFetcher, forge: Forge) -> None:
    """The attacker serves an old targets file under the newest snapshot: both are correctly signed."""
    forge.meta_fields = ()  # even where nothing but the version is listed
    forge.publish()
    old = forge.store.read("3.targets.json")
    forge.publish()
    mirror.answers["4.targets.json"] = old
    with pytest.raises(WrongVersion, match="targets v3: snapshot v4 wants v4"):
        victim.refresh()
    mirror.answers["4.snapshot.json"] = forge.store.read("3.snapshot.json")
    victim.state.delete("snapshot.json")
    with pytest.raises(WrongVersion, match="snapshot v3: timestamp v4 wants v4"):
        victim.refresh()


@pytest.mark.parametrize("role", ["timestamp", "snapshot"])
def test_a_rollback_is_refused(victim: Victim, mirror: ScriptedFetcher, forge: Forge, role: str) -> None:
    """The attacker serves what was the newest once."""
    old = {name: forge.store.read(name) for name in ("timestamp.json", "2.snapshot.json")}
    forge.publish()
    victim.refresh()
    if role == "timestamp":
        mirror.answers |= old
    else:  # with the timestamp key in hand, too
        forge.signed["timestamp"]["meta"]["snapshot.json"] = {"version": 2}
        forge.next_version("timestamp")
    with pytest.raises(RollbackRefused) as caught:
        victim.refresh()
    assert caught.value.role == role


def test_a_rollback_of_one_role_inside_a_newer_snapshot_is_refused(victim: Victim, forge: Forge) -> None:
    """The attacker holds the snapshot and timestamp keys, and points them at an old, correctly signed role."""
    forge.add("app", b"1.1")
    forge.publish()
    victim.refresh()
    forge.lie("snapshot", lambda signed: signed["meta"].update({"targets.json": {"version": 2}}))
    forge.next_version("snapshot")
    forge.list_in_timestamp()
    forge.next_version("timestamp")
    with pytest.raises(RollbackRefused, match="targets v2: v3 is already trusted"):
        victim.refresh()


@pytest.mark.parametrize("role", ["root", "targets", "snapshot", "timestamp"])
def test_fewer_stolen_keys_than_the_threshold_sign_nothing(victim: Victim, forge: Forge, role: str) -> None:
    """The attacker holds one of a role's keys, where two are needed, and signs with it as often as they like."""
    forge.rotate(role, keys=3, threshold=2)
    forge.publish_root()
    forge.publish()
    victim.refresh()
    before = victim.trusted
    stolen = forge.signers[role][0]
    forge.add("app", EVIL)
    forge.signers[role] = [stolen, twin(stolen, "an" + "other" * 10), CryptoSigner.generate_ed25519()]
    if role == "root":
        forge.publish_root()
    else:
        forge.publish()
    with pytest.raises(ThresholdNotReached, match="1 of 2"):
        victim.refresh()
    assert victim.trusted["targets.json"] == before["targets.json"]


def test_the_wrong_software_is_not_installed(victim: Victim, mirror: ScriptedFetcher, forge: Forge) -> None:
    """The attacker serves another artifact of the same repository, correctly signed, of the same length."""
    forge.add("old", b"0.9")
    forge.publish()
    other = hashlib.sha256(b"0.9").hexdigest()
    answer_artifacts(mirror, forge, forge.store.read(f"targets/{other}.old"))
    with pytest.raises(HashMismatch):
        victim.download("app")
    assert victim.download("old") == b"0.9"
