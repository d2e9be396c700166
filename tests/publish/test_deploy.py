"""From staging to production, to a mirror, and back from a loss."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.publish.conftest import Releaser, memory_remote, new_releaser, s3_remote
from tests.servers import OTHER, PUBLIC, S3Server
from tufkeep.client import Client, FolderFetcher
from tufkeep.metadata.filenames import is_immutable
from tufkeep.publish.base import LastSeen
from tufkeep.publish.deploy import Deployment, OtherStatePublished, copier
from tufkeep.publish.errors import NothingPublished, NotInStep, RemoteMovedOn
from tufkeep.publish.journal import append
from tufkeep.publish.migrate import AlreadyConsistent, stage_consistent_snapshot
from tufkeep.publish.remote import Remote
from tufkeep.publish.rollforward import highest_seen, renew_above
from tufkeep.publish.verify import Verification
from tufkeep.stores import FolderStore, MemoryStore
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.forge import Forge
from tufkeep.workspace import HalfARepository, Workspace, layout
from tufkeep.workspace.policy import RemotePolicy


@pytest.fixture
def production(request: pytest.FixtureRequest, remote: Remote) -> Remote:
    if remote.location is None:
        return memory_remote("production")
    return s3_remote(request.getfixturevalue("seaweed"), "production", bucket=OTHER, public_url=None)


def deployment(releaser: Releaser, production: Remote, **options: Any) -> Deployment:
    base = LastSeen(releaser.store, production.name, production.policy.url)
    roots = releaser.workspace.state.roots
    return Deployment(
        source=releaser.remote,
        target=production,
        roots=roots,
        clock=releaser.clock,
        base=base,
        who="releaser",
        **options,
    )


def at(releaser: Releaser, remote: Remote) -> Verification:
    return Releaser(releaser.store, remote, releaser.clock).publisher.verify()


def test_what_staging_has_comes_to_production(releaser: Releaser, production: Remote) -> None:
    releaser.release("app", b"one" * 200_000)
    releaser.push()
    step = deployment(releaser, production)
    step.run(step.plan(timestamp=2), approved_by="lucas", tested_by="smoke test 7")
    assert at(releaser, production).right
    releaser.release("app-2", b"two")
    releaser.push()
    step = deployment(releaser, production)
    plan = step.plan()
    assert [artifact.target.path for artifact in plan.artifacts] == ["app-2"]
    step.run(plan)
    assert at(releaser, production).versions == releaser.publisher.verify().versions
    first = Releaser(releaser.store, production, releaser.clock).publisher.log()[0]
    assert first.published
    assert (first.entry.approved_by, first.entry.tested_by, first.entry.source) == ("lucas", "smoke test 7", "staging")


def test_only_the_state_that_was_named_is_deployed(releaser: Releaser, production: Remote) -> None:
    releaser.release("app", b"tested")
    releaser.push()
    releaser.release("app-2", b"not tested")
    releaser.push()
    with pytest.raises(OtherStatePublished, match="timestamp v2 was named, and v3 is published"):
        deployment(releaser, production).plan(timestamp=2)
    assert production.store.stat("timestamp.json") is None


def test_a_hotfix_in_production_is_not_rolled_back_by_a_deployment(releaser: Releaser, production: Remote) -> None:
    releaser.release("app", b"one")
    releaser.push()
    step = deployment(releaser, production)
    step.run(step.plan())
    hotfix = Releaser(releaser.copy("second").store, production, releaser.clock)
    hotfix.pull(prefer="ours")
    hotfix.release("hotfix", b"urgent")
    hotfix.push()
    releaser.release("app-2", b"two")
    releaser.renew("timestamp")
    releaser.push()
    with pytest.raises(NotInStep):
        deployment(releaser, production).plan()


def test_nothing_is_deployed_from_an_empty_remote(releaser: Releaser, production: Remote) -> None:
    with pytest.raises(NothingPublished):
        deployment(releaser, production).plan()


def test_the_server_copies_by_itself_where_it_can(seaweed: S3Server) -> None:
    staging = s3_remote(seaweed, bucket=PUBLIC)
    production = s3_remote(seaweed, "production", bucket=OTHER)
    staging.store.write("targets/a b/ä", b"copied")
    copy = copier(staging, production)
    assert copy is not None
    assert copy("targets/a b/ä")
    assert production.store.read("targets/a b/ä") == b"copied"
    assert not copy("targets/nothing")


def test_a_mirror_in_a_folder_serves_agents(releaser: Releaser, tmp_path: Path) -> None:
    releaser.release("app", b"one")
    releaser.push()
    folder = Remote(name="mirror", store=FolderStore(tmp_path), policy=RemotePolicy(url=str(tmp_path), journal=False))
    for number in range(2):
        step = deployment(releaser, folder, is_mirror=True)
        step.run(step.plan())
        client = Client(MemoryStore(), FolderFetcher(tmp_path), clock=releaser.clock)
        client.init(releaser.store.read(layout.committed("root", 1)))
        assert client.refresh().targets == 2 + number
        releaser.release("app-2", b"two")
        releaser.push()
    assert [path for path in (tmp_path / ".tufkeep").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("loss", ["objects", "timestamp", "old state", "everything"])
def test_a_remote_that_lost_something_is_rolled_forward(releaser: Releaser, loss: str) -> None:
    store = releaser.remote.store
    releaser.release("app", b"one" * 1000)
    releaser.push()
    old = {entry.name: store.read(entry.name) for entry in store.list()}
    releaser.release("app-2", b"two")
    releaser.push()
    stuck = Client(MemoryStore(), releaser.remote.public, clock=releaser.clock)
    stuck.init(releaser.store.read(layout.committed("root", 1)))
    assert stuck.refresh().timestamp == 3
    names = [entry.name for entry in store.list()]
    if loss == "objects":
        gone = [name for name in names if "snapshot" in name or name.startswith("targets/")]
    elif loss == "timestamp":
        gone = ["timestamp.json"]
    else:
        gone = names
    for name in gone:
        store.delete(name)
    for name, data in old.items() if loss == "old state" else ():
        store.write(name, data)

    publisher = releaser.publisher
    renew_above(publisher.workspace, highest_seen(publisher))
    publisher = releaser.publisher
    publisher.push(publisher.plan_push(repair=True))
    assert releaser.publisher.verify().right
    assert stuck.refresh().timestamp == releaser.version() == 4
    assert releaser.publisher.plan_push().empty


def test_a_damaged_artifact_is_mended_by_a_complete_push(releaser: Releaser) -> None:
    releaser.release("app", b"one")
    releaser.push()
    name = next(entry.name for entry in releaser.remote.store.list("targets/"))
    releaser.remote.store.write(name, b"bad")
    assert releaser.publisher.verify().damaged == (name,)
    assert releaser.publisher.plan_push().empty
    releaser.push(complete=True)
    assert releaser.publisher.verify().right


def test_agents_that_know_a_higher_version_are_reached(releaser: Releaser) -> None:
    releaser.push()
    publisher = releaser.publisher
    renew_above(publisher.workspace, highest_seen(publisher, above=4402))
    releaser.push()
    assert releaser.version() == 4403


def test_what_is_retired_goes_after_the_grace_period_and_nothing_else(releaser: Releaser) -> None:
    store = releaser.remote.store
    store.write("index.html", b"somebody else's")
    store.write("targets/not-ours", b"somebody else's")
    releaser.release("app", b"one")
    releaser.release("gone", b"going")
    releaser.push()
    going = {entry.name for entry in store.list("targets/") if "gone" in entry.name}
    assert going
    releaser.clock.advance(days=1)
    releaser.remove("gone")
    releaser.push()
    releaser.clock.advance(days=3)
    assert releaser.publisher.retire(timedelta(days=14)) == ()
    deleted = set(releaser.publisher.retire(timedelta(days=2)))
    assert going <= deleted
    assert all("targets.json" in name or "snapshot.json" in name for name in deleted - going)
    assert releaser.publisher.verify().foreign == ("index.html", "targets/not-ours")
    assert releaser.publisher.verify().right
    assert store.stat("1.root.json") is not None


def test_files_of_a_push_that_is_under_way_are_not_deleted(releaser: Releaser) -> None:
    store = releaser.remote.store
    releaser.push()
    slow = releaser.copy("slow")
    slow.release("app", b"one")
    plan = slow.publisher.plan_push()
    append(store, slow.publisher.entry(plan))
    sent = [file.name for file in plan.metadata if is_immutable(file.name)]
    for file in plan.metadata:
        if file.name in sent:
            store.write(file.name, file.data)
    for _ in range(2):
        releaser.clock.advance(days=1)
        assert releaser.publisher.retire(timedelta(0)) == (), "it may still be at it, and publish"
    for _ in range(2):
        releaser.renew("targets", "snapshot", "timestamp")
    releaser.push()
    assert set(sent) <= set(releaser.publisher.retire(timedelta(0))), "now it can't publish any more"


def test_versions_that_only_the_journal_knows_are_passed(releaser: Releaser) -> None:
    """Agents may have seen what somebody else published before the remote was restored."""
    releaser.push()
    other = releaser.copy("other")
    for _ in range(7):
        other.renew("targets", "snapshot", "timestamp")
    append(releaser.remote.store, other.publisher.entry(other.publisher.plan_push()))
    seen = highest_seen(releaser.publisher)
    assert {role: seen[role] for role in ("targets", "snapshot", "timestamp")} == dict.fromkeys(
        ("targets", "snapshot", "timestamp"), 8
    )
    renew_above(releaser.workspace, seen)
    assert {releaser.version(role) for role in ("targets", "snapshot", "timestamp")} == {9}


def test_what_came_back_is_not_deleted(releaser: Releaser) -> None:
    releaser.release("app", b"one")
    releaser.push()
    releaser.remove("app")
    releaser.push()
    releaser.release("app", b"one")
    releaser.push()
    releaser.clock.advance(days=90)
    releaser.renew("targets", "snapshot", "timestamp")
    releaser.push()
    releaser.clock.advance(days=1)
    releaser.publisher.retire(timedelta(hours=1))
    assert releaser.publisher.verify().right


@pytest.mark.parametrize("lost", ["lost", "snapshot"])
def test_a_lost_file_stops_the_switch_to_consistent_snapshots_before_anything_is_written(
    clock: FakeClock, lost: str
) -> None:
    forge = Forge(now=clock(), consistent_snapshot=False)
    forge.delegate("team", paths=["*"])
    forge.delegate("lost", paths=["*"])
    store = MemoryStore()
    for entry in forge.store.list():
        store.write(layout.REPOSITORY + entry.name, forge.store.read(entry.name))
    workspace = Workspace(store, clock=clock)
    data = store.read(f"repository/{lost}.json")
    store.delete(f"repository/{lost}.json")
    with pytest.raises(HalfARepository, match=f"repository/{lost}.json is missing"):
        stage_consistent_snapshot(workspace)
    assert store.stat("repository/1.team.json") is None
    store.write(f"repository/{lost}.json", data)
    stage_consistent_snapshot(Workspace(store, clock=clock))
    assert {"repository/1.team.json", "repository/1.lost.json", "repository/3.targets.json"} <= {
        entry.name for entry in store.list("repository/")
    }


def test_consistent_snapshots_are_switched_on_once(releaser: Releaser) -> None:
    releaser.release("app", b"one")
    releaser.push()
    if releaser.publisher.committed().consistent:
        with pytest.raises(AlreadyConsistent):
            stage_consistent_snapshot(releaser.workspace)
        return
    stage_consistent_snapshot(releaser.workspace)
    releaser.commit()
    assert releaser.version("root") == 2
    assert releaser.version("timestamp") == 2, "one root version, and nothing else"
    releaser.push()
    assert releaser.store.read("repository/targets/app") == b"one"
    releaser.release("app", b"two")
    assert releaser.store.stat("repository/targets/app") is None, "no stale artifact under the plain name"
    plan = releaser.publisher.plan_push()
    assert plan.after.consistent
    assert not plan.replaced, "nothing that agents read is touched before the timestamp"
    releaser.push()
    assert releaser.publisher.verify().right


def test_a_rollforward_never_goes_over_what_somebody_else_published(releaser: Releaser) -> None:
    releaser.push()
    other = releaser.copy("second")
    other.release("theirs", b"theirs")
    other.push()
    with pytest.raises(RemoteMovedOn):
        releaser.publisher.rollforward()
    releaser.pull()
    releaser.publisher.rollforward()
    assert releaser.targets() == {"theirs"}


def test_a_large_artifact_comes_to_a_server_that_can_not_copy_it(seaweed: S3Server, clock: FakeClock) -> None:
    """Another account, another provider: it is read from the one and written to the other meanwhile."""
    releaser = new_releaser(s3_remote(seaweed, "staging"), clock)
    releaser.release("app", b"0123456789abcdef" * (13 << 16))
    releaser.push()
    elsewhere = replace(s3_remote(seaweed, "production", bucket=OTHER, public_url=None), location=None)
    step = deployment(releaser, elsewhere)
    step.run(step.plan())
    assert at(releaser, elsewhere).right
