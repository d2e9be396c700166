"""Delegated roles that another tool staged are committed only as their delegator says."""

from __future__ import annotations

import pytest
from tuf.api.metadata import DelegatedRole, Delegations, Snapshot, Targets

from tufkeep.keys.private import PrivateKey, generate
from tufkeep.metadata.document import Document, editable
from tufkeep.metadata.quorum import RoleNotDelegated, ThresholdNotReached
from tufkeep.metadata.refusal import RollbackRefused
from tufkeep.metadata.targets import target_file
from tufkeep.testing.simulator import Simulator
from tufkeep.workspace import Workspace
from tufkeep.workspace.commit import ListingOutdated

HASH = "ab" * 32


def stage(
    sim: Simulator, *, signer: PrivateKey, trusted: PrivateKey, role: str = "team", version: int = 1
) -> Workspace:
    """Stage a role, with top-level targets that delegate to `team`."""
    workspace = sim.workspace
    targets = {"team/tool": target_file("team/tool", length_bytes=1, hashes={"sha256": HASH})}
    current = workspace.state.committed("targets")
    assert current is not None
    document = Document.of(Targets(version=version, expires=current.expires, targets=targets))
    signed = document.with_signatures([signer.sign(document.payload)])
    sim.store.write(f"staged/{role}.json", signed.data)
    with workspace.edit("delegate") as edit:
        edit.renew("targets")
        delegated = DelegatedRole("team", [trusted.keyid], 1, terminating=False, paths=["team/*"])
        model = edit.models["targets"]
        assert isinstance(model, Targets)
        model.delegations = Delegations({trusted.keyid: trusted.public_key}, {"team": delegated})
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
