"""Who signed by the record is who signed: names that nobody proves are shown as what they are."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from securesystemslib.signer import Signature

from tests.ceremony.test_approval import Gap
from tufkeep.ceremony.letter import read_letter, write_letter
from tufkeep.ceremony.record_page import record_page
from tufkeep.metadata.document import Document
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.simulator import Simulator
from tufkeep.workspace import RecordBroken, Workspace, layout
from tufkeep.workspace.record_proof import RecordProof, prove_record

STRANGER = "ab" * 32


def _proof(workspace: Workspace) -> RecordProof:
    return prove_record(workspace.record.read(), workspace.state)


def _rewrite(sim: Simulator, number: int, **changes: Any) -> None:
    """Change a line of the record, and make every later line follow it again."""
    lines = [json.loads(line) for line in sim.store.read(layout.RECORD).splitlines()]
    lines[number - 1] |= changes
    written, previous = [], ""
    for entry in lines:
        data = json.dumps({**entry, "previous": previous}).encode()
        previous = hashlib.sha256(data).hexdigest()
        written.append(data)
    sim.store.write(layout.RECORD, b"\n".join(written) + b"\n")


def test_a_signature_that_was_put_in_by_hand_makes_nobody_a_signer(clock: FakeClock) -> None:
    sim = Simulator(clock)
    with sim.workspace.edit("renew") as edit:
        edit.renew("root")
    name = layout.staged("root")
    root: Document[Any] = Document.parse(sim.store.read(name))
    sim.store.write(name, root.with_signatures([Signature(STRANGER, "00" * 64)]).data)
    workspace = sim.workspace
    sim.commit(workspace)
    (entry,) = (line.entry for line in workspace.record.read()[1:])
    assert entry.verified
    assert set(entry.signed_by["root"]) == set(workspace.state.root.signed.roles["root"].keyids)
    assert STRANGER[:8] not in entry.signers("root")
    assert _proof(workspace).unproved == ()


@pytest.mark.parametrize("roles", [("timestamp",), ("snapshot", "timestamp"), ("targets",), ("root",)])
def test_a_renewal_beside_the_staged_change_names_who_signed_it(clock: FakeClock, roles: tuple[str, ...]) -> None:
    sim = Simulator(clock)
    workspace = sim.workspace
    renewed = workspace.renew_committed(roles, within=timedelta(days=4000))
    (entry,) = (line.entry for line in workspace.record.read()[1:])
    listed = {role: set(workspace.state.root.signed.roles[role].keyids) for role in renewed.committed.versions}
    assert {role: set(keyids) for role, keyids in entry.signed_by.items()} == listed
    assert sum("is signed by" in sentence for sentence in entry.sentences) >= len(listed)


def test_a_line_that_names_somebody_who_did_not_sign_breaks_the_record(clock: FakeClock) -> None:
    sim = Simulator(clock)
    sim.renew("root")
    sim.renew("targets")
    _rewrite(sim, 2, signed_by={"root": [STRANGER]})
    with pytest.raises(RecordBroken, match="line 2: says that root v2 is signed by abababab, and it is not"):
        _proof(sim.workspace)


def test_a_line_of_an_older_version_opens_and_is_called_unproved(clock: FakeClock) -> None:
    sim = Simulator(clock)
    sim.renew("root")
    (old,) = (json.loads(line) for line in sim.store.read(layout.RECORD).splitlines()[1:])
    _rewrite(sim, 2, verified=False, signed_by={"root": [*old["signed_by"]["root"], STRANGER]})
    found = _proof(sim.workspace)
    assert (
        "line 2, which an older version wrote without verifying, says that root v2 is signed by abababab, and it is not"
    ) in found.unproved
    entry = sim.workspace.record.read()[1].entry
    assert entry.signers("root").endswith("abababab, which were not verified when this was written")


def test_what_is_no_longer_there_is_named_and_what_is_there_is_proved(clock: FakeClock) -> None:
    sim = Simulator(clock)
    for _ in range(2):
        sim.renew("timestamp")
    found = _proof(sim.workspace)
    assert found.proved == 4  # root, targets, snapshot, and the newest timestamp
    assert found.unproved[-1].endswith("2 of timestamp")
    sim.store.write(layout.committed("root", 1), sim.store.read(layout.committed("root", 1)) + b"\n")
    assert "1 of root" in _proof(sim.workspace).unproved[-1]  # another file than the one that is named


def test_a_repository_that_was_there_before_its_record_is_proved_by_its_root(clock: FakeClock) -> None:
    sim = Simulator(clock)
    sim.renew("targets")
    whole = sim.store.read(layout.RECORD).splitlines()
    sim.store.write(layout.RECORD, whole[1] + b"\n")
    _rewrite(sim, 1)
    assert _proof(sim.workspace).proved == len(sim.workspace.record.read()[0].entry.after)
    _rewrite(sim, 1, signed_by={"targets": [STRANGER]})
    with pytest.raises(RecordBroken):
        _proof(sim.workspace)


def test_an_approval_that_was_copied_is_a_remark_wherever_it_is_shown(clock: FakeClock) -> None:
    gap = Gap(clock, root_keys=3, threshold=2)
    data = gap.approve(gap.approve(gap.ask("timestamp"), 0).data, 1).data
    content, _ = read_letter(data)
    content["notes"].append({**content["notes"][0], "name": "<Eva>", "signed_by": {"root": [STRANGER]}})
    gap.accept(write_letter("tufkeep approval", (), content))
    lines = gap.desk.record.read()
    remarks = lines[-1].entry.approval_remarks
    assert [remark.startswith("a remark that nobody proves: approved ") for remark in remarks] == [True] * 3
    assert remarks[2].endswith("names abababab; no verified signature of abababab is here")
    assert not any("no verified signature" in remark for remark in remarks[:2])
    page = record_page(lines, title="a", now=clock())
    assert page.count("a remark that nobody proves") == 3
    assert "by &lt;Eva&gt;" in page
    unproved = _proof(gap.desk).unproved
    assert (
        f"line {len(lines)}: that it was approved by <Eva>, where and when, is only a remark: abababab did not sign"
        in unproved
    )


def test_the_record_and_its_page_say_each_place_that_differs_with_both_values(clock: FakeClock) -> None:
    sim = Simulator(clock)
    sim.renew("root")
    lines = sim.workspace.record.read()
    assert "version: 1 becomes 2" in lines[1].entry.places
    assert "<code>version: 1 becomes 2</code>" in record_page(lines, title="a", now=clock())
    _rewrite(sim, 1, facts=[{"fact": "a"}, {"changes": 1}, {"changes": [1, {}, {"place": [1, "a"], "after": 2}]}])
    assert sim.workspace.record.read()[0].entry.places == ("1.a is new: 2",)


def test_a_remark_of_any_form_is_shown(clock: FakeClock) -> None:
    sim = Simulator(clock)
    odd: list[dict[str, Any]] = [{}, {"name": ["a"], "when": 1, "signed_by": {"root": "a"}}, {"signed_by": [1]}]
    _rewrite(sim, 1, approvals=odd)
    assert len(sim.workspace.record.read()[0].entry.approval_remarks) == 3
    assert len(_proof(sim.workspace).unproved) == 3
