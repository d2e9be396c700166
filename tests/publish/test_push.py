"""A push makes the committed state the published one, in an order that no agent can be hurt by."""

from __future__ import annotations

import pytest

from tests.publish.conftest import Releaser, memory_remote
from tufkeep.cli.base.hints import hint
from tufkeep.client import Client
from tufkeep.metadata.filenames import IMMUTABLE
from tufkeep.publish.errors import NameTaken, NotInStep, RemoteMovedOn
from tufkeep.publish.names import INCOMING, JOURNAL, attributes
from tufkeep.publish.push import VersionsTaken
from tufkeep.stores import MemoryStore
from tufkeep.stores.object import ObjectStore
from tufkeep.workspace import layout


def agent(releaser: Releaser) -> Client:
    client = Client(MemoryStore(), releaser.remote.public, clock=releaser.clock)
    client.init(releaser.store.read(layout.committed("root", 1)))
    return client


def test_what_was_pushed_is_what_agents_get(releaser: Releaser) -> None:
    releaser.release("agent/linux/app 1.bin", b"one")
    pushed = releaser.push()
    assert pushed.versions == {"root": 1, "timestamp": 2, "snapshot": 2, "targets": 2}
    assert pushed.read_back.timestamp == 2
    client = agent(releaser)
    folder = MemoryStore()
    client.download("agent/linux/app 1.bin", folder, name="app")
    assert folder.read("app") == b"one"


def test_a_healthy_remote_is_pushed_to_without_a_warning(releaser: Releaser) -> None:
    releaser.release("app", b"one")
    warnings = releaser.push().warnings
    expected = [] if releaser.publisher.committed().consistent else ["plain file names"]
    assert [warning.partition(":")[0] for warning in warnings] == expected


def test_a_second_push_sends_what_changed_and_nothing_else(releaser: Releaser) -> None:
    for number in range(30):
        releaser.stage(f"app-{number}", b"%d" % number)
    releaser.commit()
    releaser.push()
    releaser.release("app-31", b"changed")
    plan = releaser.publisher.plan_push()
    assert [artifact.target.path for artifact in plan.artifacts] == ["app-31"]
    assert {file.role for file in plan.metadata} == {"targets", "snapshot"}
    releaser.push()
    assert releaser.publisher.plan_push().empty


def test_an_artifact_may_get_other_bytes(releaser: Releaser) -> None:
    releaser.release("app", b"one")
    releaser.push()
    client = agent(releaser)
    client.refresh()
    releaser.release("app", b"two!")
    pushed = releaser.push()
    client.refresh()
    folder = MemoryStore()
    client.download("app", folder)
    assert folder.read("app") == b"two!"
    assert any("under a name that agents read now" in warning for warning in pushed.warnings) is not (
        releaser.publisher.committed().consistent
    )
    assert not list(releaser.remote.store.list(".tufkeep/incoming/"))


def test_of_two_who_push_from_one_state_the_second_is_told(releaser: Releaser) -> None:
    releaser.push()
    second = releaser.copy("second")
    releaser.release("mine", b"1")
    second.release("theirs", b"2")
    releaser.push()
    with pytest.raises(RemoteMovedOn, match="remote staging moved on: timestamp v2 was published while") as caught:
        second.push()
    assert hint(caught.value) == "tufkeep pull staging, then push again; your change is kept and signed again on top"


def test_a_directory_that_never_took_the_remote_in_does_not_write_over_it(releaser: Releaser) -> None:
    second = releaser.copy("second")
    releaser.release("mine", b"1")
    releaser.push()
    second.release("theirs", b"2")
    second.renew("timestamp")
    with pytest.raises(NotInStep):
        second.push()


def test_a_push_goes_over_the_very_timestamp_that_was_named(releaser: Releaser) -> None:
    second = releaser.copy("second")
    releaser.release("mine", b"1")
    releaser.push()
    second.release("theirs", b"2")
    second.renew("targets", "snapshot", "timestamp")
    for other in (1, 3):
        with pytest.raises(NotInStep):
            second.push(over=other)
    assert second.publisher.plan_push(over=2).before is not None


def test_what_was_seen_under_one_url_is_not_taken_for_what_another_has(releaser: Releaser) -> None:
    releaser.push()
    old = {entry.name: releaser.remote.store.read(entry.name) for entry in releaser.remote.store.list()}
    releaser.release("app", b"one")
    releaser.push()
    assert releaser.publisher.base.read() is not None
    moved = memory_remote(url="memory://a-bucket-that-was-restored")
    for name, data in old.items():
        moved.store.write(name, data)
    there = Releaser(releaser.store, moved, releaser.clock)
    assert there.publisher.base.read() is None
    if there.publisher.committed().consistent:  # or nothing proves that ours was made from it
        there.push()
        assert there.publisher.verify().right


def test_a_version_that_a_dead_push_used_is_not_used_again(releaser: Releaser) -> None:
    if not releaser.publisher.committed().consistent:
        pytest.skip("plain names have no versions")
    releaser.push()
    releaser.remote.store.write("2.snapshot.json", b"left behind")
    releaser.release("mine", b"1")
    with pytest.raises(VersionsTaken, match=r"2\.snapshot\.json is there with other bytes"):
        releaser.push()
    pulled = releaser.pull()
    assert pulled.redone.added.keys() == {"mine"}
    releaser.push()
    assert releaser.version("snapshot") == 3
    assert agent(releaser).refresh().snapshot == 3


def test_an_unpublished_file_is_named_with_whose_it_is(releaser: Releaser) -> None:
    if not releaser.publisher.committed().consistent:
        pytest.skip("plain names have no versions")
    releaser.push()
    second = releaser.copy("second@host")
    second.release("theirs", b"2")
    plan = second.publisher.plan_push()
    from tufkeep.publish.journal import append

    append(second.remote.store, second.publisher.entry(plan))
    file = next(file for file in plan.metadata if file.name == "2.targets.json")
    second.remote.store.write(file.name, file.data)  # and there the second one died
    releaser.release("mine", b"1")
    with pytest.raises(NameTaken, match=r"written by second@host at 2026-03-01T12:00:00Z"):
        releaser.push()


def test_objects_are_kept_by_caches_as_long_as_is_right(releaser: Releaser) -> None:
    store = releaser.remote.store
    if not isinstance(store, ObjectStore):
        pytest.skip("memory has no caches before it")
    releaser.release("app", b"x" * 300_000)
    releaser.push()
    rules = {
        entry.name: dict(store.bucket.get(store.path(entry.name)).attributes).get("Cache-Control")
        for entry in store.list()
        if not entry.name.startswith(".tufkeep")
    }
    consistent = releaser.publisher.committed().consistent
    assert rules.pop("timestamp.json") == "no-store"
    assert rules.pop("1.root.json") == IMMUTABLE
    assert {rules.pop(name) for name in ("root.json", "targets.json", "snapshot.json")} == {"no-cache"}
    assert set(rules.values()) == ({IMMUTABLE} if consistent else {"no-cache"})


def test_an_artifact_on_its_way_is_served_as_it_will_be_in_place() -> None:
    for name in ("targets/a.json", "targets/page.html"):
        assert attributes(INCOMING + name) == attributes(name)
    assert attributes(f"{JOURNAL}1.x.json")["Cache-Control"] == "no-store"


def test_a_lost_metadata_file_comes_back_with_a_complete_push(releaser: Releaser) -> None:
    releaser.release("app", b"one")
    releaser.push()
    name = f"{releaser.version('targets')}.targets.json"
    if not releaser.publisher.committed().consistent:
        return
    releaser.remote.store.delete(name)
    assert releaser.publisher.verify().missing == (name,)
    releaser.push(complete=True)
    assert releaser.publisher.verify().right
