"""What is committed and was signed by nobody is not signed again as if it were ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tufkeep.keys.private import generate
from tufkeep.metadata.plan import VersionReused
from tufkeep.metadata.quorum import ThresholdNotReached
from tufkeep.metadata.targets import target_file
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.workspace import Edit, layout

MARK = b"signed by nobody"
OTHER = target_file("other", length_bytes=1, hashes={"sha256": "ab" * 32})

ROOT_EDITS: dict[str, Callable[[Edit], object]] = {
    "add a key": lambda edit: edit.add_key("targets", generate().public_key),
    "revoke a key": lambda edit: edit.revoke_key("root", edit.root.roles["root"].keyids[-1]),
    "threshold": lambda edit: edit.set_threshold("root", 1),
    "consistent snapshots": lambda edit: edit.set_consistent_snapshot(False),
    "renew root": lambda edit: edit.renew("root"),
    "expire root": lambda edit: edit.set_expiry("root", datetime(2027, 1, 1, tzinfo=UTC)),
}
TARGETS_EDITS: dict[str, Callable[[Edit], object]] = {
    "add": lambda edit: edit.add_targets([OTHER]),
    "remove": lambda edit: edit.remove_targets(["tool"]),
    "renew targets": lambda edit: edit.renew("targets"),
    "expire targets": lambda edit: edit.set_expiry("targets", datetime(2027, 1, 1, tzinfo=UTC)),
}
SNAPSHOT_EDITS: dict[str, Callable[[Edit], object]] = {
    "renew snapshot": lambda edit: edit.renew("snapshot"),
    "expire snapshot": lambda edit: edit.set_expiry("snapshot", datetime(2027, 1, 1, tzinfo=UTC)),
}
TIMESTAMP_EDITS: dict[str, Callable[[Edit], object]] = {
    "renew timestamp": lambda edit: edit.renew("timestamp"),
    "expire timestamp": lambda edit: edit.set_expiry("timestamp", datetime(2027, 1, 1, tzinfo=UTC)),
}
EDITS = {**ROOT_EDITS, **TARGETS_EDITS, **SNAPSHOT_EDITS, **TIMESTAMP_EDITS}
# What an edit signs anew by itself, or because a snapshot and a timestamp follow it.
SIGNED_ANEW = {
    "root": {*EDITS},  # it says whose signatures all others need
    "targets": {*TARGETS_EDITS},
    "snapshot": {*TARGETS_EDITS, *SNAPSHOT_EDITS},
    "timestamp": {*TARGETS_EDITS, *SNAPSHOT_EDITS, *TIMESTAMP_EDITS},
}


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("role", layout.ROLES)
def test_a_forged_role_is_signed_by_no_edit(clock: FakeClock, role: str, name: str) -> None:
    sim = Simulator(clock, root_keys=2)
    sim.release("tool", b"tool")
    document = sim.workspace.state.committed(role)
    assert document is not None
    file = json.loads(document.data)
    file["signed"]["note"] = MARK.decode()
    sim.store.write(layout.committed(role), json.dumps(file).encode())
    try:
        with sim.workspace.edit(name) as edit:
            EDITS[name](edit)
    except ThresholdNotReached as error:
        assert error.quorum.role == role
    except VersionReused:
        assert role == "snapshot", "the timestamp lists its bytes"
    else:
        assert name not in SIGNED_ANEW[role], "it was signed anew without a word"
    assert not [entry.name for entry in sim.store.list(layout.STAGED) if MARK in sim.store.read(entry.name)]
