"""A pull takes in what is published and loses nothing that was done here."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import msgspec
import pytest
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Timestamp

from tests.publish.conftest import Releaser, memory_remote, new_releaser
from tufkeep.ceremony.rotate import rotate
from tufkeep.cli.base.hints import hint
from tufkeep.errors import TufkeepError
from tufkeep.metadata.chain import RootChainBroken
from tufkeep.metadata.document import Document
from tufkeep.metadata.filenames import UnstorableRole
from tufkeep.metadata.fingerprint import fingerprint
from tufkeep.metadata.model import editable_copy
from tufkeep.metadata.quorum import ThresholdNotReached
from tufkeep.metadata.refusal import RoleNotListed
from tufkeep.publish.errors import (
    LocalWorkAtRisk,
    NameTaken,
    NotInStep,
    OtherFirstRoot,
    RemoteMovedOn,
    RootsDiffer,
    TrustNeeded,
)
from tufkeep.publish.pull import RemoteWentBack
from tufkeep.stores import MemoryStore
from tufkeep.testing.broken import clone, stopped_everywhere
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.forge import Forge
from tufkeep.workspace import layout
from tufkeep.workspace.operations import Pull
from tufkeep.workspace.proof import CommittedUnsigned


def both(releaser: Releaser) -> tuple[Releaser, Releaser]:
    """Return two people in step with one published state."""
    releaser.release("app", b"one")
    releaser.push()
    return releaser, releaser.copy("second")


def test_a_directory_in_step_takes_in_what_others_published(releaser: Releaser) -> None:
    first, second = both(releaser)
    first.release("app-2", b"two")
    first.push()
    pulled = second.pull()
    assert pulled.changed
    assert pulled.versions["targets"] == 3
    assert second.targets() == {"app", "app-2"}
    assert second.publisher.plan_push().empty
    assert not second.pull().changed


def test_an_empty_directory_begins_with_a_root_that_somebody_vouches_for(releaser: Releaser) -> None:
    first, _ = both(releaser)
    root = first.store.read(layout.committed("root", 1))
    new = Releaser(MemoryStore(), first.remote, first.clock)
    with pytest.raises(TrustNeeded, match=fingerprint(root).hex):
        new.pull()
    assert list(new.store.list()) == []
    with pytest.raises(OtherFirstRoot, match=f"{fingerprint(root).hex}, given was 0000"):
        new.pull(trust="00" * 32)
    new.pull(trust=str(fingerprint(root)).upper(), targets=True)
    there = {entry.name for entry in first.store.list(layout.REPOSITORY) if ".snapshot" not in entry.name}
    here = {entry.name for entry in new.store.list(layout.REPOSITORY) if ".snapshot" not in entry.name}
    assert here | {layout.REPOSITORY + "1.targets.json"} >= there
    assert new.publisher.plan_push().empty


def test_artifacts_come_only_when_they_are_asked_for(releaser: Releaser) -> None:
    first, second = both(releaser)
    first.release("app-2", b"two")
    first.push()
    assert second.pull().artifacts == 0
    names = first.publisher.committed().consistent
    stored = [entry.name for entry in second.store.list(layout.REPOSITORY_TARGETS)]
    assert len(stored) == (2 if names else 1)
    assert second.pull(targets=True).artifacts == 1


def test_what_the_note_of_a_pull_brings_in_is_said(releaser: Releaser) -> None:
    """The note may be somebody else's: what was signed because of it is in what is printed."""
    first, second = both(releaser)
    first.release("theirs", b"1")
    first.push()
    second.stage("mine", b"2")
    entry = second.workspace.state.current("targets").signed.to_dict()["targets"]["app"]  # type: ignore[union-attr]
    note = Pull(remote=second.remote.name, added={"evil": entry}, renewed=("timestamp",))
    second.store.write(Pull.file, msgspec.json.encode(note))
    pulled = second.pull()
    assert pulled.redone.added.keys() == {"mine", "evil"}
    assert pulled.redone.renewed == ("timestamp",)


def test_staged_work_is_made_again_on_top(releaser: Releaser) -> None:
    first, second = both(releaser)
    first.release("theirs", b"1")
    first.push()
    second.stage("mine", b"2")
    pulled = second.pull()
    assert pulled.redone.added.keys() == {"mine"}
    assert not pulled.redone.was_committed
    assert pulled.waiting == ()
    second.commit()
    second.push()
    assert second.targets() == {"app", "theirs", "mine"}


def test_committed_work_is_committed_again_on_top(releaser: Releaser) -> None:
    first, second = both(releaser)
    first.release("theirs", b"1")
    first.release("theirs-too", b"1")
    first.push()
    second.release("mine", b"2")
    second.remove("app")
    with pytest.raises((RemoteMovedOn, NameTaken)):
        second.push()
    second.pull()
    second.push()
    assert second.targets() == {"theirs", "theirs-too", "mine"}
    first.pull()
    assert first.targets() == second.targets()
    assert second.publisher.verify().right


def test_what_both_changed_is_left_to_a_person(releaser: Releaser) -> None:
    first, second = both(releaser)
    first.release("app", b"theirs")
    first.push()
    second.release("app", b"mine")
    before = {entry.name: second.store.read(entry.name) for entry in second.store.list("repository/")}
    with pytest.raises(LocalWorkAtRisk, match="target app: changed here and on staging in different ways"):
        second.pull()
    assert before == {entry.name: second.store.read(entry.name) for entry in second.store.list("repository/")}
    second.pull(prefer="ours")
    second.push()
    assert second.publisher.verify().right
    committed = second.workspace.state.committed("targets")
    assert committed is not None
    assert committed.signed.targets["app"].length == len(b"mine")


def test_of_two_sides_theirs_can_be_taken(releaser: Releaser) -> None:
    first, second = both(releaser)
    first.release("app", b"theirs")
    first.push()
    second.release("app", b"mine")
    second.pull(prefer="theirs")
    assert second.publisher.plan_push().empty
    assert second.version("targets") == first.version("targets")


def test_what_needs_signing_again_is_named(releaser: Releaser) -> None:
    first, second = both(releaser)
    first.release("theirs", b"1")
    first.push()
    second.stage("mine", b"2")
    second.store.delete("keys/targets.json")
    assert second.pull().waiting == ("targets",)


def test_a_renewal_that_others_have_overtaken_is_dropped(releaser: Releaser) -> None:
    first, second = both(releaser)
    first.clock.advance(days=1)
    second.renew("timestamp")
    first.clock.advance(days=1)
    first.renew("timestamp")
    first.push()
    assert second.pull().redone.empty
    assert second.publisher.plan_push().empty


def test_a_renewal_that_ends_later_than_theirs_is_made_again(releaser: Releaser) -> None:
    first, second = both(releaser)
    first.clock.advance(days=1)
    first.renew("timestamp")
    first.push()
    first.clock.advance(days=1)
    second.renew("timestamp")
    assert second.pull().redone.renewed == ("timestamp",)


def test_a_new_root_waits_for_nobody(releaser: Releaser) -> None:
    first, second = both(releaser)
    first.release("theirs", b"1")
    first.push()
    workspace = second.workspace
    with workspace.edit("renew") as edit:
        edit.renew("root")
    root = workspace.state.staged("root")
    assert root is not None
    second.commit()
    pulled = second.pull()
    assert pulled.redone.root == root.data, "its bytes, and so its signatures, stay"
    second.push()
    assert second.publisher.verify().right
    assert first.pull().versions["root"] == 2


def test_a_remote_that_went_back_is_told_apart_from_a_newer_one(releaser: Releaser) -> None:
    first, second = both(releaser)
    old = {entry.name: first.remote.store.read(entry.name) for entry in first.remote.store.list()}
    first.release("app-2", b"2")
    first.push()
    second.pull()
    for name, data in old.items():
        first.remote.store.write(name, data)
    with pytest.raises(RemoteWentBack, match="it has timestamp v2, and v3 was seen there"):
        second.pull()


def test_another_repository_is_never_pulled_into_this_one(releaser: Releaser) -> None:
    other = new_releaser(releaser.remote, releaser.clock)
    other.push()
    with pytest.raises(RootsDiffer, match="its root v1 is not the same as the root v1 here"):
        releaser.pull()


@pytest.mark.parametrize("remembered", [True, False], ids=["remembered", "forgotten"])
def test_a_root_history_that_went_two_ways_is_followed_by_nobody(releaser: Releaser, remembered: bool) -> None:
    """Two holders of the root keys have each signed a root v2: agents may follow one of them only."""
    first, second = both(releaser)
    first.renew("root")
    first.push()
    first.clock.advance(days=1)
    second.renew("root")
    for entry in list(second.store.list(".tufkeep/remotes/")) if not remembered else ():
        second.store.delete(entry.name)
    for act in (second.pull, second.push, second.publisher.diff, lambda: second.pull(prefer="theirs")):
        with pytest.raises(RootsDiffer, match="root v2"):
            act()


def test_a_folder_that_another_tool_kept_in_step_is_recognised(releaser: Releaser) -> None:
    first, second = both(releaser)
    for entry in list(second.store.list(".tufkeep/")):
        second.store.delete(entry.name)
    first.release("app-2", b"2")
    first.push()
    if first.publisher.committed().consistent:
        second.pull()
    else:  # nothing proves it, so somebody must say it
        with pytest.raises(NotInStep):
            second.pull()
        second.pull(prefer="theirs")
    assert second.targets() == {"app", "app-2"}


@pytest.mark.parametrize("consistent_snapshot", [True, False])
def test_killed_at_any_write_a_pull_is_finished_by_the_next(clock: FakeClock, consistent_snapshot: bool) -> None:
    first, second = both(new_releaser(memory_remote(), clock, consistent_snapshot=consistent_snapshot))
    first.release("theirs", b"1")
    first.push()
    second.release("mine", b"2")
    for store in stopped_everywhere(
        lambda: clone(second.store), lambda store: replace(second, store=store).pull(), at_least=20
    ):
        again = replace(second, store=store)
        again.pull()
        assert again.workspace.state.current("targets") is not None
        if again.workspace.state.staged_roles:
            again.commit()
        assert again.targets() == {"app", "theirs", "mine"}


@pytest.mark.parametrize("pushers", [2, 16])
def test_of_many_pushers_each_wins_once_and_nothing_is_lost(releaser: Releaser, pushers: int) -> None:
    first, _ = both(releaser)
    people = [first.copy(f"person {number}") for number in range(pushers)]

    def work(number: int) -> list[int]:
        person = people[number]
        person.release(f"of-{number}", b"%d" % number)
        for _ in range(20 * pushers):
            try:
                person.push()
                return [person.version()]
            except (RemoteMovedOn, NameTaken):
                person.pull()
            except TufkeepError as error:
                raise AssertionError(f"{type(error).__name__}: {error}; hint: {hint(error)}") from error
        raise AssertionError("never got through")

    with ThreadPoolExecutor(pushers) as pool:
        versions = [version for some in pool.map(work, range(pushers)) for version in some]
    assert len(set(versions)) == pushers, "two published under one version"
    first.pull()
    assert first.targets() == {"app", *(f"of-{number}" for number in range(pushers))}
    assert first.publisher.verify().right
    log = [each.entry.versions["timestamp"] for each in first.publisher.log() if each.published]
    assert sorted(set(log)) == sorted(log)


@pytest.mark.parametrize("forged", ["timestamp.json", "1.root.json", "2.root.json"])
def test_what_nobody_signed_is_not_taken_in(releaser: Releaser, forged: str) -> None:
    first, second = both(releaser)
    first.release("theirs", b"1")
    first.push()
    source = "1.root.json" if forged == "2.root.json" else forged
    data = first.remote.store.read(source)
    changed = data.replace(b'"expires":"20', b'"expires":"21')
    if forged == "2.root.json":
        changed = data.replace(b'"version":1', b'"version":2')
    assert changed != data
    first.remote.store.write(forged, changed)
    before = {entry.name: second.store.read(entry.name) for entry in second.store.list("repository/")}
    if forged == "1.root.json":
        for entry in list(second.store.list(".tufkeep/remotes/")):
            second.store.delete(entry.name)  # so that it is looked at again
    with pytest.raises((ThresholdNotReached, RootsDiffer)):
        second.pull()
    assert before == {entry.name: second.store.read(entry.name) for entry in second.store.list("repository/")}


def test_keys_that_were_seen_to_be_replaced_sign_nothing_any_more(clock: FakeClock) -> None:
    """What was published is read under the root it was published with, and never under one before that."""
    first, second = both(new_releaser(memory_remote(), clock))
    root = first.workspace.state.root.signed
    keys = {keyid: root.keys[keyid] for keyid in root.roles["timestamp"].keyids}
    (thief,) = first.workspace.keyring.find(keys, role="timestamp")
    rotate(first.workspace, "timestamp", new_passphrase=lambda request: None)
    first.push()
    second.pull()
    published = Document.parse(first.remote.store.read("timestamp.json"), Timestamp)
    model = editable_copy(published.signed)
    model.version += 1
    stolen = Document.of(model)
    first.remote.store.write("timestamp.json", stolen.with_signatures([thief.sign(stolen.payload)]).data)
    for person in (first, second):
        with pytest.raises(ThresholdNotReached, match="timestamp v"):
            person.pull()


def test_a_delegated_role_of_a_stranger_is_not_taken_in(clock: FakeClock) -> None:
    forge = Forge(now=clock())
    forge.delegate("team", paths=["team/*"])
    forge.add("team/app", b"theirs", role="team")
    forge.publish("team")
    remote = replace(memory_remote(), store=forge.store)
    trust = str(fingerprint(forge.root()))
    good = Releaser(MemoryStore(), remote, clock)
    assert good.pull(trust=trust, targets=True).artifacts == 1
    assert good.publisher.committed().delegated.keys() == {"team"}

    stranger = [CryptoSigner.generate_ed25519()]
    forge.write("team", signers=stranger)
    forge.list_in_snapshot()
    forge.next_version("snapshot")
    forge.list_in_timestamp()
    forge.next_version("timestamp")
    with pytest.raises(ThresholdNotReached):
        Releaser(MemoryStore(), remote, clock).pull(trust=trust)
    with pytest.raises(ThresholdNotReached):
        good.pull()


@pytest.mark.parametrize("role", ["a b", "a/b", "%2e"])
def test_a_delegated_role_of_any_storable_name_is_taken_in(clock: FakeClock, role: str) -> None:
    forge = Forge(now=clock())
    forge.delegate(role, paths=["*"])
    forge.add("app", b"theirs", role=role)
    forge.publish(role)
    releaser = Releaser(MemoryStore(), replace(memory_remote(), store=forge.store), clock)
    releaser.pull(trust=str(fingerprint(forge.root())), targets=True)
    assert releaser.publisher.committed().delegated.keys() == {role}
    assert releaser.store.stat(f"repository/2.{role}.json") is not None


@pytest.mark.parametrize("role", ["../a", "2024.a", "targets/a"])
def test_a_remote_with_a_role_that_no_file_can_hold_is_not_taken_in(clock: FakeClock, role: str) -> None:
    forge = Forge(now=clock())
    forge.delegate(role, paths=["*"])
    store = MemoryStore()
    with pytest.raises(UnstorableRole, match="can't be stored: its name"):
        Releaser(store, replace(memory_remote(), store=forge.store), clock).pull(trust=str(fingerprint(forge.root())))
    assert list(store.list("repository/")) == []


def test_a_snapshot_that_lists_no_targets_is_refused_by_name(clock: FakeClock) -> None:
    forge = Forge(now=clock())
    forge.lie("snapshot", lambda signed: signed["meta"].pop("targets.json"))
    forge.publish()
    with pytest.raises(RoleNotListed, match="targets: snapshot v2 does not list it"):
        Releaser(MemoryStore(), replace(memory_remote(), store=forge.store), clock).pull(
            trust=str(fingerprint(forge.root()))
        )


@pytest.mark.parametrize("role", ["targets", "root"])
def test_what_somebody_wrote_into_the_repository_is_no_work_of_ours(clock: FakeClock, role: str) -> None:
    """A pull signs our unpublished work again and commits it, so a directory from elsewhere must not add to it."""
    here = new_releaser(memory_remote(), clock)
    here.release("app", b"1")
    here.push()
    other = here.copy("other")
    other.renew("timestamp")
    other.push()
    name = f"repository/{role}.json"
    forged = json.loads(here.store.read(name))
    forged["signed"]["version"] += 1
    if role == "targets":
        forged["signed"]["targets"]["evil"] = forged["signed"]["targets"]["app"]
    for each in (name, f"repository/{forged['signed']['version']}.{role}.json"):
        here.store.write(each, json.dumps(forged, sort_keys=True, separators=(",", ":")).encode())
    before = {entry.name: here.store.read(entry.name) for entry in here.store.list("repository/")}
    with pytest.raises((CommittedUnsigned, RootChainBroken)):
        here.pull()
    assert {entry.name: here.store.read(entry.name) for entry in here.store.list("repository/")} == before
