"""What go-tuf, or a change in several steps, leaves half done can be gone on with."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from tufkeep.keys.private import generate
from tufkeep.metadata.document import Document
from tufkeep.metadata.edit import ThresholdUnreachable
from tufkeep.metadata.plan import VersionReused
from tufkeep.stores import MemoryStore
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.workspace import StaleStaged, UnaddedArtifacts, Workspace, layout


def reordered(document: Document[Any]) -> bytes:
    """Return the same metadata as another program writes it: other bytes, same payload, same signatures."""
    return orjson.dumps(orjson.loads(document.data), option=orjson.OPT_INDENT_2)


def committed(sim: Simulator, role: str) -> Document[Any]:
    found = sim.workspace.state.committed(role)
    assert found is not None
    return found


def test_a_root_is_staged_key_by_key(clock: FakeClock) -> None:
    store = MemoryStore()
    for role in ("root", "targets"):
        workspace = Workspace(store, clock=clock)
        key = generate()
        workspace.keyring.add(key, role=role, passphrase=None)
        with workspace.edit("gen-key", follow=False, whole=False) as edit:
            if not workspace.state.exists:
                edit.start_root(consistent_snapshot=False)
            edit.add_key(role, key.public_key)
    root = Workspace(store, clock=clock).state.root
    assert (root.version, len(root.signatures), len(root.signed.roles["targets"].keyids)) == (1, 1, 1)
    assert Workspace(store, clock=clock).state.staged("targets") is None


def test_without_saying_so_a_role_is_never_left_without_keys(clock: FakeClock) -> None:
    workspace = Workspace(MemoryStore(), clock=clock)
    with pytest.raises(ThresholdUnreachable), workspace.edit("init", follow=False) as edit:
        edit.start(consistent_snapshot=True)


def test_a_root_without_all_roles_can_be_gone_on_with_but_not_committed(sim: Simulator) -> None:
    root = committed(sim, "root").signed.to_dict()
    del root["roles"]["timestamp"]
    data = {"signed": {**root, "version": 2}, "signatures": []}
    sim.store.write(layout.staged("root"), orjson.dumps(data))
    assert sim.workspace.state.root.signed.roles["timestamp"].keyids == []
    sim.workspace.sign(["root"])
    with pytest.raises(Exception, match="timestamp"):
        sim.workspace.plan_commit()


def test_what_another_program_staged_is_judged_by_its_version(sim: Simulator) -> None:
    with sim.workspace.edit("renew") as edit:
        edit.renew("targets")
    bases = sim.store.read(layout.BASE)
    sim.commit(sim.workspace)
    sim.store.write(layout.BASE, bases)  # the note of a change that another program has committed meanwhile
    targets = committed(sim, "targets").signed.to_dict()
    later = {"signed": {**targets, "version": 3}, "signatures": []}
    sim.store.write(layout.staged("targets"), orjson.dumps(later))
    with sim.workspace.edit("renew") as edit:
        edit.renew("targets")
    assert edit.staged["targets"].version == 3


def test_a_signature_more_makes_nothing_stale_fresh(sim: Simulator) -> None:
    old = committed(sim, "root").signed.to_dict()
    with sim.workspace.edit("expire") as edit:
        edit.set_expiry("root", edit.now + timedelta(days=3000))
    sim.commit(sim.workspace)
    sim.store.write(layout.staged("root"), orjson.dumps({"signed": {**old, "version": 2}, "signatures": []}))
    with pytest.raises(StaleStaged):
        sim.workspace.sign(["root"])


def test_a_committed_root_gets_another_signature_without_another_version(clock: FakeClock) -> None:
    sim = Simulator(clock, root_keys=3, root_threshold=1)
    root = committed(sim, "root")
    one = Document.of(root.signed, root.signatures[:1])
    for name in (layout.committed("root"), layout.committed("root", 1)):
        sim.store.write(name, one.data)
    workspace = sim.workspace
    with workspace.edit("sign", follow=False, again=("root",)):
        pass
    sim.commit(workspace)
    assert len(committed(sim, "root").signatures) == 3
    assert committed(sim, "root").version == 1
    assert sim.new_client(root=one.data).refresh().root == 1


def test_a_root_that_is_signed_by_all_is_not_staged_again(sim: Simulator) -> None:
    with sim.workspace.edit("sign", follow=False, again=("root", "targets")):
        pass
    assert sim.workspace.staged_files() == ()


def test_other_bytes_under_a_targets_version_are_still_refused(sim: Simulator) -> None:
    sim.store.write(layout.staged("targets"), reordered(committed(sim, "targets")))
    with pytest.raises(VersionReused):
        sim.workspace.plan_commit()


def test_a_staged_copy_of_what_is_committed_goes_with_the_commit(sim: Simulator) -> None:
    sim.store.write(layout.staged("root"), committed(sim, "root").data)
    plan = sim.workspace.plan_commit()
    assert plan.empty
    sim.workspace.commit(plan)
    assert sim.workspace.staged_files() == ()


def test_files_that_nobody_added_can_stay_where_they_are(sim: Simulator) -> None:
    sim.store.write_stream("staged/targets/dir/stray", [b"stray"])
    workspace = sim.workspace
    with workspace.edit("renew") as edit:
        edit.renew("targets")
    with pytest.raises(UnaddedArtifacts):
        workspace.plan_commit()
    plan = workspace.plan_commit(keep_unadded=True)
    assert plan.unadded == ("dir/stray",)
    again = sim.workspace
    again.commit(replace(plan))  # planned by another process on the same directory
    assert again.staged_files() == ("staged/targets/dir/stray",)
    assert committed(sim, "targets").version == 2


def test_signatures_that_were_made_elsewhere_take_the_place_of_the_keyring(sim: Simulator) -> None:
    with sim.workspace.edit("renew", follow=False, sign=lambda document, role, keys: document) as edit:
        edit.renew("timestamp")
    assert edit.staged["timestamp"].signatures == ()
