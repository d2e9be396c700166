"""What status says of versions, signers and ends."""

from __future__ import annotations

import pytest

from tests.watch.desk import desk
from tufkeep.stores import MemoryStore
from tufkeep.testing.clock import FakeClock
from tufkeep.watch.change import staged_change
from tufkeep.watch.status import status
from tufkeep.workspace import NotARepository, Workspace, layout


def test_a_committed_repository_is_told_in_facts() -> None:
    seen = status(desk("fresh"))
    assert [each.role for each in seen.roles] == list(layout.ROLES)
    assert all(each.committed and each.committed.version == 1 and not each.staged for each in seen.roles)
    assert all(each.committed and each.committed.signed[0].reached for each in seen.roles)
    assert (seen.targets, seen.consistent_snapshot, seen.staged, seen.interrupted) == (2, True, False, False)


def test_a_staged_root_counts_the_keys_of_both_roots() -> None:
    root = status(desk("three-root-keys")).roles[0]
    assert root.staged is not None
    assert [(each.by, each.count, each.threshold) for each in root.staged.signed] == [
        ("root v1", 1, 1),
        ("root v2", 3, 1),
    ]


def test_a_signer_is_called_by_the_owner_that_the_policy_names() -> None:
    workspace = desk("releaser")
    workspace.store.write("tufkeep.toml", b'[owners]\n986079ad = "Ana"\n')
    root = status(workspace).roles[0]
    assert root.staged is not None
    assert {(s.owner, s.signed) for each in root.staged.signed for s in each.signers} == {("Ana", False)}


@pytest.mark.parametrize(("days", "life"), [(-6, "ok"), (-5, "due"), (-1, "due"), (0, "expired")])
def test_the_end_of_a_role_is_due_in_its_window_and_then_expired(days: int, life: str) -> None:
    workspace = desk("cs-false", clock := FakeClock())
    timestamp = workspace.state.committed("timestamp")
    assert timestamp is not None
    clock.set(timestamp.expires)
    clock.advance(days=days)
    seen = status(workspace).roles[3].committed
    assert seen is not None
    assert seen.life == life


def test_staged_artifacts_are_counted_without_litter() -> None:
    workspace = desk("staged-add")
    workspace.store.write("staged/targets/.DS_Store", b"x")
    seen = status(workspace)
    assert (seen.staged, seen.staged_artifacts, seen.targets) == (True, 1, 3)


def test_an_interrupted_commit_is_told() -> None:
    workspace = desk("fresh")
    workspace.store.write(layout.JOURNAL, b"{}")
    assert status(workspace).interrupted


def test_no_repository_has_no_status() -> None:
    with pytest.raises(NotARepository):
        status(Workspace(MemoryStore(), clock=FakeClock()))


def test_a_review_names_owners_and_what_is_added() -> None:
    workspace = desk("three-root-keys")
    keyid = next(fact.keyid for fact in staged_change(workspace).facts if hasattr(fact, "keyid"))
    workspace.store.write("tufkeep.toml", f'[owners]\n{keyid[:12]} = "Ben"\n'.encode())
    change = staged_change(Workspace(workspace.store, clock=workspace.clock))
    assert f"adds root key {keyid[:8]} of owner Ben" in [sentence.text for sentence in change.sentences]


def test_nothing_staged_is_a_review_without_sentences() -> None:
    assert staged_change(desk("fresh")).sentences == ()
