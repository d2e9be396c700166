"""Delegated roles that another tool staged are committed only as their delegator says."""

from __future__ import annotations

import pytest
from tuf.api.metadata import DelegatedRole, Delegations, Targets

from tufkeep.keys.private import PrivateKey, generate
from tufkeep.metadata.document import Document
from tufkeep.metadata.quorum import RoleNotDelegated, ThresholdNotReached
from tufkeep.metadata.targets import target_file
from tufkeep.testing.simulator import Simulator
from tufkeep.workspace import Workspace

HASH = "ab" * 32


def stage(sim: Simulator, *, signer: PrivateKey, trusted: PrivateKey, role: str = "team") -> Workspace:
    """Stage a role, with top-level targets that delegate to `team`."""
    workspace = sim.workspace
    targets = {"team/tool": target_file("team/tool", length_bytes=1, hashes={"sha256": HASH})}
    current = workspace.state.committed("targets")
    assert current is not None
    document = Document.of(Targets(version=1, expires=current.expires, targets=targets))
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
