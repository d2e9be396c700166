"""Whose signatures a role needs, which it has, which it can use."""

from __future__ import annotations

import pytest

from tests.workspace.test_delegated import stage
from tufkeep.keys.private import generate
from tufkeep.metadata.quorum import RoleNotDelegated
from tufkeep.publish.redo import waiting_roles
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.watch.status import status
from tufkeep.watch.verify import diagnose
from tufkeep.workspace import Workspace, layout


def _replace_root_key(sim: Simulator) -> Workspace:
    """Stage a root with another key, where the old key is elsewhere."""
    workspace = sim.workspace
    (old,) = workspace.state.root.signed.roles["root"].keyids
    sim.store.delete("keys/root.json")
    key = generate()
    workspace.keyring.add(key, role="root", passphrase=None)
    with workspace.edit("key new") as edit:
        edit.add_key("root", key.public_key)
        edit.revoke_key("root", old)
    return sim.workspace


def test_a_new_root_needs_the_keys_of_the_committed_root_and_its_own(sim: Simulator) -> None:
    state = _replace_root_key(sim).state
    assert [(each.delegator, each.reached) for each in state.quorums("root")] == [("root v1", False), ("root v2", True)]
    assert [(each.delegator, each.reached) for each in state.quorums("root", committed=True)] == [("root v1", True)]
    assert set(state.signers("root")) == {
        *state.roots[1].signed.roles["root"].keyids,
        *state.root.signed.roles["root"].keyids,
    }


def test_a_first_root_and_one_with_more_signatures_need_their_own_keys_only(clock: FakeClock) -> None:
    sim = Simulator(clock, root_keys=2, root_threshold=1)
    workspace = sim.workspace
    workspace.sign(["root"])
    assert [each.delegator for each in workspace.state.quorums("root")] == ["root v1"]
    root = status(workspace).roles[0]
    assert root.staged is None or [each.by for each in root.staged.signed] == [""]


@pytest.mark.parametrize("role", ["targets", "snapshot", "timestamp"])
def test_another_role_needs_the_keys_of_the_newest_root(sim: Simulator, role: str) -> None:
    workspace = sim.workspace
    (old,) = workspace.state.root.signed.roles[role].keyids
    key = generate()
    with workspace.edit("key new", follow=False) as edit:
        edit.add_key(role, key.public_key)
        edit.revoke_key(role, old)
    state = sim.workspace.state
    assert set(state.signers(role)) == {key.keyid}
    assert [each.reached for each in state.quorums(role)] == [False]
    assert [each.reached for each in state.quorums(role, committed=True)] == [True]


def test_a_delegated_role_needs_the_keys_that_its_delegator_lists(sim: Simulator) -> None:
    trusted = generate()
    workspace = stage(sim, signer=generate(), trusted=trusted)
    (quorum,) = workspace.state.quorums("team")
    assert (quorum.reached, quorum.waiting) == (False, frozenset({trusted.keyid}))
    assert waiting_roles(workspace) == ("team",)
    sentences = [finding.sentence for finding in diagnose(workspace).findings if finding.check == "unsigned-change"]
    assert sentences == [f"staged/team.json: signed by 0 of 1 keys; waits for {trusted.keyid[:8]}"]
    (team,) = [role for role in status(workspace).roles if role.role == "team"]
    assert team.staged is not None
    assert [(each.count, each.threshold) for each in team.staged.signed] == [(0, 1)]


def test_a_delegated_role_is_signed_by_a_key_that_is_at_hand(sim: Simulator) -> None:
    trusted = generate()
    workspace = stage(sim, signer=generate(), trusted=trusted)
    workspace.keyring.add(trusted, role="team", passphrase=None)
    workspace.sign(["team"])
    assert waiting_roles(workspace) == ()
    workspace.complete()
    sim.commit(workspace)
    client = sim.new_client()
    client.refresh()
    assert client.target("team/tool").length == 1
    assert [each.reached for each in sim.workspace.state.quorums("team", committed=True)] == [True]


def test_a_role_that_nobody_delegates_to_has_no_quorum(sim: Simulator) -> None:
    key = generate()
    workspace = stage(sim, signer=key, trusted=key, role="stranger")
    assert workspace.state.quorums("stranger") == ()
    assert workspace.state.signers("stranger") == {}
    with pytest.raises(RoleNotDelegated):
        workspace.sign(["stranger"])
    assert layout.staged("stranger") in workspace.staged_files()
