"""A push is killed at each of its writes: whoever looks then is served, and the same push again finishes.

Played at each place are an agent that starts from the first root, one from each later root, one that has seen what was
published before, and one that has looked after each write so far.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from tuf.api.metadata import DelegatedRole, Delegations, TargetFile, Targets

from tests.publish.conftest import Releaser, memory_remote, new_releaser
from tufkeep.ceremony.rotate import rotate
from tufkeep.client import Client, StoreFetcher
from tufkeep.errors import TufkeepError
from tufkeep.keys.private import PrivateKey, generate
from tufkeep.metadata.document import Document
from tufkeep.metadata.filenames import stored_paths
from tufkeep.metadata.quorum import ThresholdNotReached
from tufkeep.metadata.targets import target_file
from tufkeep.publish.migrate import stage_consistent_snapshot
from tufkeep.stores import MemoryStore, Store
from tufkeep.stores.hashing import hash_file
from tufkeep.testing.broken import clone, stopped_everywhere
from tufkeep.testing.clock import FakeClock
from tufkeep.workspace import layout

TEAM = generate()
OTHER_TEAM = generate()

Change = Callable[[Releaser], None]


def release(person: Releaser) -> None:
    person.release("app", b"another app")
    person.release("more", b"one more")


def remove(person: Releaser) -> None:
    person.remove("tool")


def renew(person: Releaser) -> None:
    person.renew("targets", "snapshot", "timestamp")


def renew_root(person: Releaser) -> None:
    person.renew("root")


def rotate_root(person: Releaser) -> None:
    rotate(person.workspace, "root", new_passphrase=lambda request: None)


def rotate_targets(person: Releaser) -> None:
    rotate(person.workspace, "targets", new_passphrase=lambda request: None)


def rotate_snapshot(person: Releaser) -> None:
    rotate(person.workspace, "snapshot", new_passphrase=lambda request: None)


def rotate_timestamp(person: Releaser) -> None:
    rotate(person.workspace, "timestamp", new_passphrase=lambda request: None)


def rotate_everything(person: Releaser) -> None:
    for role in layout.ROLES:
        rotate(person.workspace, role, new_passphrase=lambda request: None)
    release(person)


def rotate_timestamp_at_once(person: Releaser) -> None:
    rotate(person.workspace, "timestamp", new_passphrase=lambda request: None, one_step=True)


def rotate_snapshot_at_once(person: Releaser) -> None:
    rotate(person.workspace, "snapshot", new_passphrase=lambda request: None, one_step=True)


def rotate_targets_at_once(person: Releaser) -> None:
    rotate(person.workspace, "targets", new_passphrase=lambda request: None, one_step=True)


def add_keys(person: Releaser) -> None:
    with person.workspace.edit("key new") as edit:
        for role in layout.ROLES:
            key = generate()
            edit.keyring.add(key, role=role, passphrase=None)
            edit.add_key(role, key.public_key)
    person.commit()


def ask_for_more_signatures(person: Releaser) -> None:
    """Raise every threshold, which what is published does not reach."""
    with person.workspace.edit("threshold") as edit:
        for role in layout.ROLES:
            key = generate()
            edit.keyring.add(key, role=role, passphrase=None)
            edit.add_key(role, key.public_key)
            edit.set_threshold(role, 2)
    person.commit()


def switch_consistent_snapshots_on(person: Releaser) -> None:
    stage_consistent_snapshot(person.workspace)
    person.commit()


def switch_them_on_and_release(person: Releaser) -> None:
    switch_consistent_snapshots_on(person)
    release(person)
    remove(person)


def delegate(person: Releaser) -> None:
    stage_team(person, "other", OTHER_TEAM, b"other")
    person.commit()


def delegate_to_another_key(person: Releaser) -> None:
    stage_team(person, "team", OTHER_TEAM, b"signed by another key")
    person.commit()


def release_of_the_team(person: Releaser) -> None:
    stage_team(person, "team", TEAM, b"another tool of the team")
    person.commit()


def delegate_no_more(person: Releaser) -> None:
    with person.workspace.edit("delegate") as edit:
        edit.renew("targets")
        model = edit.models["targets"]
        assert isinstance(model, Targets)
        model.delegations = None
    person.commit()


def stage_team(person: Releaser, role: str, key: PrivateKey, data: bytes) -> None:
    """Stage a delegated role with one artifact, beside the roles that targets delegates to already."""
    workspace = person.workspace
    path = f"{role}/tool"
    file = _target(path, data)
    for name in stored_paths(file, consistent_snapshot=bool(workspace.state.root.signed.consistent_snapshot)):
        workspace.store.write(layout.REPOSITORY_TARGETS + name, data)
    known = workspace.state.committed(role)
    targets = workspace.state.committed("targets")
    assert targets is not None
    version = known.version + 1 if known is not None else 1
    document = Document.of(Targets(version=version, expires=targets.expires, targets={path: file}))
    workspace.store.write(layout.staged(role), document.with_signatures([key.sign(document.payload)]).data)
    entry = DelegatedRole(role, [key.keyid], 1, terminating=False, paths=[f"{role}/*"])
    with workspace.edit("delegate") as edit:
        edit.renew("targets")
        model = edit.models["targets"]
        assert isinstance(model, Targets)
        there = model.delegations or Delegations({}, {})
        keys = {**there.keys, key.keyid: key.public_key}
        model.delegations = Delegations(keys, {**(there.roles or {}), role: entry})


def _target(path: str, data: bytes) -> TargetFile:
    return target_file(path, length_bytes=len(data), hashes=hash_file(io.BytesIO(data)).by_algorithm)


CHANGES: tuple[Change, ...] = (
    release,
    remove,
    renew,
    renew_root,
    rotate_root,
    rotate_targets,
    rotate_snapshot,
    rotate_timestamp,
    rotate_everything,
    rotate_targets_at_once,
    rotate_snapshot_at_once,
    rotate_timestamp_at_once,
    add_keys,
    ask_for_more_signatures,
    delegate,
    delegate_to_another_key,
    delegate_no_more,
    release_of_the_team,
)
FROM_PLAIN_NAMES: tuple[Change, ...] = (*CHANGES, switch_consistent_snapshots_on, switch_them_on_and_release)
# After how many writes agents are refused: no order of the writes has a state that both roots lead to.
REFUSED: dict[Change, int] = {
    rotate_everything: 4,
    rotate_targets_at_once: 1,
    rotate_snapshot_at_once: 1,
    rotate_timestamp_at_once: 1,
}


@dataclass(frozen=True)
class Publication:
    """A published state, and a change to it that is committed and not pushed yet."""

    person: Releaser
    before: MemoryStore  # the remote
    after: MemoryStore  # the remote when the push has come to its end
    agents: dict[str, MemoryStore]  # what they have kept, by who they are


def publication(clock: FakeClock, change: Change, *, consistent_snapshot: bool) -> Publication:
    remote = MemoryStore()
    person = copied(new_releaser(memory_remote(concurrency=1), clock, consistent_snapshot=consistent_snapshot), remote)
    person.release("app", b"app")
    person.release("tool", b"tool")
    person.renew("root")
    stage_team(person, "team", TEAM, b"tool of the team")
    person.commit()
    person.push()
    agents = {}
    for version, root in person.workspace.state.roots.items():
        agents[f"at root v{version}"] = kept = MemoryStore()
        agent(kept, remote, clock).init(root.data)
    agents["up to date"] = clone(agents["at root v1"])
    use(agents["up to date"], remote, clock)
    clock.advance(minutes=1)
    before = clone(remote)
    change(person)
    after = clone(before)
    copied(person, after).push()
    assert copied(person, after).publisher.verify().right
    return Publication(copied(person, before), before, after, agents)


def copied(person: Releaser, remote: Store) -> Releaser:
    """Return the same person, with the directory as it is now, before another remote."""
    return Releaser(clone(person.store), replace(person.remote, store=remote), person.clock, person.who)


def agent(kept: Store, remote: Store, clock: FakeClock) -> Client:
    return Client(kept, StoreFetcher(remote), clock=clock)


def use(kept: Store, remote: Store, clock: FakeClock) -> int:
    """Refresh an agent and download everything that it sees; return the timestamp's version."""
    client = agent(kept, remote, clock)
    version = client.refresh().timestamp
    into = MemoryStore()
    for target in client.list():
        client.download(target.path, into)
    return version


def cuts(person: Releaser, before: MemoryStore) -> Iterator[tuple[Releaser, MemoryStore]]:
    """Yield the person and the remote after a push that was killed at its first write, at its second, ..."""
    pushers: list[Releaser] = []

    def push(remote: Store) -> None:
        pushers.append(copied(person, remote))
        pushers[-1].push()

    for broken in stopped_everywhere(lambda: clone(before), push, at_least=2):
        remote = clone(broken)
        yield copied(pushers[-1], remote), remote


def served(remote: MemoryStore) -> dict[str, bytes]:
    """Return everything that agents may ask for."""
    return {entry.name: remote.read(entry.name) for entry in remote.list() if not entry.name.startswith(".tufkeep/")}


def written_over(before: MemoryStore, remote: MemoryStore) -> set[str]:
    """Return the names that agents read, but for the timestamp, and that have other bytes than before."""
    then, now = served(before), served(remote)
    return {name for name in then if now[name] != then[name]} - {"root.json", "timestamp.json"}


def refused_after(found: Publication, clock: FakeClock) -> list[MemoryStore]:
    """Return the remotes, one for each killed push, that refuse an agent; every other one leads to old or new."""
    old, new = (use(clone(found.agents["at root v1"]), remote, clock) for remote in (found.before, found.after))
    following = clone(found.agents["up to date"])
    refused = []
    for _, remote in cuts(found.person, found.before):
        agents = {name: clone(kept) for name, kept in found.agents.items()} | {"following": following}
        seen = {name: use_or_be_refused(kept, remote, clock) for name, kept in agents.items()}
        if None in seen.values():
            refused.append(remote)
        else:
            assert set(seen.values()) in ({old}, {new})
    assert use(following, found.after, clock) == new
    return refused


def use_or_be_refused(kept: Store, remote: Store, clock: FakeClock) -> int | None:
    try:
        return use(kept, remote, clock)
    except TufkeepError:
        return None


@pytest.mark.parametrize("change", CHANGES)
def test_every_agent_is_served_after_each_write_of_a_push(clock: FakeClock, change: Change) -> None:
    found = publication(clock, change, consistent_snapshot=True)
    refused = refused_after(found, clock)
    assert len(refused) == REFUSED.get(change, 0)
    for remote in refused:
        with pytest.raises(ThresholdNotReached):
            use(clone(found.agents["up to date"]), remote, clock)


@pytest.mark.parametrize("change", FROM_PLAIN_NAMES)
def test_with_plain_names_agents_are_refused_only_while_they_are_written_over(clock: FakeClock, change: Change) -> None:
    found = publication(clock, change, consistent_snapshot=False)
    refused = refused_after(found, clock)
    assert all(remote.read("timestamp.json") == found.before.read("timestamp.json") for remote in refused)
    by_a_root = REFUSED.get(change, 0)
    assert len(refused) <= len(written_over(found.before, found.after)) + by_a_root
    assert len([remote for remote in refused if not written_over(found.before, remote)]) <= by_a_root


@pytest.mark.parametrize("consistent_snapshot", [True, False], ids=["consistent", "plain"])
@pytest.mark.parametrize("change", FROM_PLAIN_NAMES)
def test_killed_at_any_write_the_same_push_finishes(
    clock: FakeClock, change: Change, consistent_snapshot: bool
) -> None:
    if consistent_snapshot and change not in CHANGES:
        pytest.skip("consistent snapshots are on already")
    found = publication(clock, change, consistent_snapshot=consistent_snapshot)
    expected = served(found.after)
    for person, remote in cuts(found.person, found.before):
        person.push()
        assert served(remote) == expected
        assert person.publisher.plan_push().empty


@pytest.mark.parametrize("change", [rotate_snapshot_at_once, rotate_timestamp_at_once, rotate_everything])
def test_killed_at_any_write_a_remote_can_be_looked_at_and_pulled_from(clock: FakeClock, change: Change) -> None:
    """A root whose timestamp is missing is warned of, and is no reason not to read what was published before."""
    found = publication(clock, change, consistent_snapshot=True)
    other = copied(found.person.copy("other"), found.before)
    ahead = 0
    for person, remote in cuts(found.person, found.before):
        for who in (person, copied(other, remote)):
            pulled = who.pull()
            assert (
                who.publisher.status().difference.roots_ahead == who.publisher.diff().roots_ahead == pulled.roots_ahead
            )
        ahead += bool(pulled.roots_ahead)
        person.publisher.push(person.publisher.plan_push(complete=True))
        assert person.publisher.diff().roots_ahead == ()
        assert person.publisher.verify().right
    assert ahead == REFUSED[change]


def test_a_push_that_was_killed_finishes_though_nothing_is_remembered_of_the_remote(clock: FakeClock) -> None:
    found = publication(clock, rotate_timestamp_at_once, consistent_snapshot=True)
    for person, remote in cuts(found.person, found.before):
        for entry in list(person.store.list(".tufkeep/remotes/")):
            person.store.delete(entry.name)
        person.push()
        assert served(remote) == served(found.after)


@pytest.mark.slow
@pytest.mark.parametrize("consistent_snapshot", [True, False], ids=["consistent", "plain"])
@pytest.mark.parametrize("change", CHANGES)
def test_killed_again_and_again_a_push_finishes(clock: FakeClock, change: Change, consistent_snapshot: bool) -> None:
    found = publication(clock, change, consistent_snapshot=consistent_snapshot)
    for person, remote in cuts(found.person, found.before):
        for again, twice in cuts(person, remote):
            again.push()
            assert served(twice) == served(found.after)
