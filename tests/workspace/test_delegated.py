"""Delegated roles that another tool staged are committed only as their delegator says."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from tuf.api.metadata import DelegatedRole, Delegations, Snapshot, SuccinctRoles, Targets

from tufkeep.keys.private import PrivateKey, generate
from tufkeep.metadata.document import Document, editable
from tufkeep.metadata.filenames import UnstorableRole
from tufkeep.metadata.quorum import RoleNotDelegated, ThresholdNotReached
from tufkeep.metadata.refusal import RollbackRefused
from tufkeep.metadata.targets import target_file
from tufkeep.stores import FolderStore
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.watch.status import status
from tufkeep.watch.verify import diagnose, verify
from tufkeep.workspace import Workspace
from tufkeep.workspace.commit import ListingOutdated
from tufkeep.workspace.placing import NoPlaceForArtifact
from tufkeep.workspace.state import MisnamedStaged

HASH = "ab" * 32


def stage(
    sim: Simulator,
    *,
    signer: PrivateKey,
    trusted: PrivateKey,
    role: str = "team",
    named: str = "team",
    version: int = 1,
) -> Workspace:
    """Stage a role, with top-level targets that delegate to the one that is `named`."""
    stage_role(sim, role, signer, version=version)
    workspace = sim.workspace
    with workspace.edit("delegate") as edit:
        edit.renew("targets")
        model = edit.models["targets"]
        assert isinstance(model, Targets)
        model.delegations = delegations(named, trusted)
    return workspace


def stage_role(
    sim: Simulator, role: str, signer: PrivateKey, *, version: int, below: Delegations | None = None
) -> None:
    """Stage a role as its owner would, who has signed it elsewhere."""
    targets = {"team/tool": target_file("team/tool", length_bytes=1, hashes={"sha256": HASH})}
    expires = sim.clock() + timedelta(days=90)
    document = Document.of(Targets(version=version, expires=expires, targets=targets, delegations=below))
    sim.store.write(f"staged/{role}.json", document.with_signatures([signer.sign(document.payload)]).data)


def delegations(role: str, *keys: PrivateKey) -> Delegations:
    delegated = DelegatedRole(role, [key.keyid for key in keys], 1, terminating=False, paths=["team/*"])
    return Delegations({key.keyid: key.public_key for key in keys}, {role: delegated})


def complete(sim: Simulator) -> Workspace:
    workspace = sim.workspace
    workspace.complete()
    return workspace


def test_a_delegated_role_that_its_keys_signed_reaches_clients(sim: Simulator) -> None:
    key = generate()
    sim.commit(stage(sim, signer=key, trusted=key))
    client = sim.new_client()
    client.refresh()
    assert client.target("team/tool").hashes == {"sha256": HASH}


def test_a_delegated_role_that_others_signed_is_not_committed(sim: Simulator) -> None:
    with pytest.raises(ThresholdNotReached, match="team v1"):
        stage(sim, signer=generate(), trusted=generate()).plan_commit()


def test_a_role_that_nobody_delegates_to_is_not_committed(sim: Simulator) -> None:
    key = generate()
    with pytest.raises(RoleNotDelegated, match="stranger"):
        stage(sim, signer=key, trusted=key, role="stranger").plan_commit()


@pytest.mark.parametrize("lie", ["dropped", "lowered"])
def test_a_snapshot_that_clients_would_refuse_for_a_delegated_role_is_not_committed(sim: Simulator, lie: str) -> None:
    """Signed by the right key, and not what a client that trusts the one before it follows."""
    key = generate()
    sim.commit(stage(sim, signer=key, trusted=key))
    sim.commit(stage(sim, signer=key, trusted=key, version=2))
    with sim.workspace.edit("renew") as edit:
        edit.renew("snapshot")
    staged = sim.workspace.state.staged("snapshot")
    assert staged is not None
    signed: Snapshot = editable(staged)
    if lie == "dropped":
        del signed.meta["team.json"]
    else:
        signed.meta["team.json"].version -= 1
    sim.store.write("staged/snapshot.json", Document.of(signed).data)
    sim.workspace.sign(["snapshot"])
    with pytest.raises(RollbackRefused if lie == "lowered" else ListingOutdated, match="team"):
        sim.workspace.plan_commit()


@pytest.mark.parametrize("role", ["a b", "a/b", "team/linux/x86", "%2e", "\u00e9", "a?b", "a%20b"])
@pytest.mark.parametrize("consistent_snapshot", [True, False], ids=["consistent", "plain"])
def test_a_role_of_any_storable_name_is_committed_verified_and_followed(
    clock: FakeClock, tmp_path: Path, role: str, consistent_snapshot: bool
) -> None:
    store = FolderStore(tmp_path / "desk", durable=False, clock=clock)
    sim = Simulator(clock, consistent_snapshot=consistent_snapshot, store=store)
    key = generate()
    sim.commit(stage(sim, signer=key, trusted=key, role=role, named=role))
    for version in (2, 3):
        stage_role(sim, role, key, version=version)
        sim.commit(complete(sim))
    assert sim.store.stat(f"repository/{'3.' if consistent_snapshot else ''}{role}.json") is not None
    assert [entry.name for entry in sim.store.list("staged/")] == []
    committed = sim.workspace.state.committed(role)
    assert committed is not None
    assert committed.version == 3
    assert {finding.check for finding in verify(sim.workspace).findings} <= {"artifacts", "declared-clients"}
    assert status(sim.workspace).roles[-1].role == role
    client = sim.new_client()
    client.refresh()
    assert client.target("team/tool").hashes == {"sha256": HASH}


@pytest.mark.parametrize("role", ["../a", "1.root", ".tufkeep/x", "targets/x", "Root", "a.json/b"])
def test_a_new_delegation_to_a_role_that_no_file_can_hold_is_not_committed(sim: Simulator, role: str) -> None:
    key = generate()
    workspace = sim.workspace
    with workspace.edit("delegate") as edit:
        edit.renew("targets")
        model = edit.models["targets"]
        assert isinstance(model, Targets)
        model.delegations = delegations(role, key)
    with pytest.raises(UnstorableRole, match="can't be stored: its name"):
        workspace.plan_commit()


def test_succinct_roles_are_refused_by_their_prefix(sim: Simulator) -> None:
    workspace = sim.workspace
    with workspace.edit("delegate") as edit:
        edit.renew("targets")
        model = edit.models["targets"]
        assert isinstance(model, Targets)
        key = generate()
        model.delegations = Delegations({key.keyid: key.public_key}, None, SuccinctRoles([key.keyid], 1, 32, "../bin"))
    with pytest.raises(UnstorableRole, match="bin-00000000"):
        workspace.plan_commit()


def test_a_role_below_one_that_is_committed_already_comes_later(sim: Simulator) -> None:
    team, below = generate(), generate()
    sim.commit(stage(sim, signer=team, trusted=team))
    stage_role(sim, "team", team, version=2, below=delegations("below", below))
    sim.commit(complete(sim))
    stage_role(sim, "below", below, version=1)
    sim.commit(complete(sim))
    assert sim.workspace.state.committed("below") is not None


def test_other_keys_for_a_role_are_committed_only_with_what_they_signed(sim: Simulator) -> None:
    old, new = generate(), generate()
    sim.commit(stage(sim, signer=old, trusted=old))
    workspace = sim.workspace
    with workspace.edit("delegate") as edit:
        edit.renew("targets")
        model = edit.models["targets"]
        assert isinstance(model, Targets)
        model.delegations = delegations("team", new)
    with pytest.raises(ThresholdNotReached, match="team v1"):
        workspace.plan_commit()
    stage_role(sim, "team", new, version=2)
    sim.commit(complete(sim))


@pytest.mark.parametrize("name", ["1.team.json", "1.root.json", "keys/a.json", ".hidden.json"])
def test_a_staged_file_of_no_role_is_named_before_a_commit_passes_it_over(sim: Simulator, name: str) -> None:
    key = generate()
    workspace = stage(sim, signer=key, trusted=key)
    sim.store.write(f"staged/{name}", b"{}")
    with pytest.raises(MisnamedStaged, match=f"staged/{name}"):
        sim.workspace.plan_commit()
    assert [found.subject for found in diagnose(sim.workspace).findings if found.check == "stale-change"] == [
        f"staged/{name}"
    ]
    workspace.clean()
    assert sim.workspace.staged_files() == ()


def test_an_artifact_that_ends_in_json_is_no_metadata(sim: Simulator) -> None:
    sim.release("conf/a.json", b"{}")
    sim.release("b.json", b"{}")
    client = sim.new_client()
    client.refresh()
    assert {target.path for target in client.list()} == {"conf/a.json", "b.json"}


def test_a_file_where_a_roles_folder_must_be_stops_the_commit_before_its_journal(
    clock: FakeClock, tmp_path: Path
) -> None:
    sim = Simulator(clock, store=FolderStore(tmp_path / "desk", durable=False, clock=clock))
    key = generate()
    workspace = stage(sim, signer=key, trusted=key, role="a/b", named="a/b")
    sim.store.write("repository/a", b"in the way")
    with pytest.raises(NoPlaceForArtifact, match="repository/a is a file, not a folder"):
        workspace.plan_commit()
