"""A program holds a repository with plain arguments, and what it gets wrong is one clear error."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner

from tufkeep import (
    BadExpiry,
    ExpiryTooFar,
    KeyNotListed,
    NoPassphrase,
    NotAFolder,
    NotARepository,
    ObjectMissing,
    RepositoryExists,
    TargetsNotListed,
    ThresholdUnreachable,
    TrustRefused,
    UnknownRole,
    UnsafeTargetPath,
    Workspace,
    WorkspaceError,
)
from tufkeep.keys.passphrase import PassphraseRequest
from tufkeep.stores import MemoryStore
from tufkeep.testing.clock import FakeClock


def ask(request: PassphraseRequest) -> str:
    """Return another passphrase for each file."""
    return f"passphrase of {request.file}"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    path = tmp_path / "build" / "agent"
    path.parent.mkdir()
    path.write_bytes(b"agent 1.0")
    return path


@pytest.fixture
def updates(tmp_path: Path, clock: FakeClock) -> Path:
    """Return the folder of a repository whose keys are not encrypted."""
    Workspace.create(tmp_path / "updates", insecure_plaintext=True, clock=clock)
    return tmp_path / "updates"


@pytest.fixture
def workspace(updates: Path, clock: FakeClock) -> Workspace:
    return Workspace.open(updates, insecure_plaintext=True, clock=clock)


def test_each_key_file_is_locked_with_its_own_passphrase(tmp_path: Path, clock: FakeClock) -> None:
    asked: list[str] = []

    def remember(request: PassphraseRequest) -> str:
        asked.append(request.file)
        return ask(request)

    workspace = Workspace.create(str(tmp_path / "updates"), root_keys=3, passphrases=remember, clock=clock)
    assert asked == ["root1.json", "root2.json", "root3.json", "targets.json", "snapshot.json", "timestamp.json"]
    assert workspace.state.root.signed.roles["root"].threshold == 2
    assert {key.file for key in workspace.keys().keys} == set(asked)


def test_a_repository_is_made_with_the_systems_clock(tmp_path: Path) -> None:
    workspace = Workspace.create(tmp_path / "updates", insecure_plaintext=True)
    left = workspace.state.root.expires - datetime.now(UTC)
    assert timedelta(days=364) < left < timedelta(days=366)


def test_a_release_is_three_lines(updates: Path, artifact: Path, clock: FakeClock) -> None:
    workspace = Workspace.open(updates, clock=clock)
    staged = workspace.add(artifact, as_="agent/linux/stable/agent", custom={"version": "1.0"})
    committed = workspace.commit()
    assert staged.complete
    assert [role.role for role in staged.roles] == ["targets", "snapshot", "timestamp"]
    assert committed.versions == {"targets": 2, "snapshot": 2, "timestamp": 2}
    assert committed.from_roots == (1,)


def test_a_commit_of_nothing_changes_nothing(workspace: Workspace) -> None:
    assert workspace.commit().versions == {}


def test_a_folder_is_added_and_part_of_it_removed(workspace: Workspace, artifact: Path) -> None:
    (artifact.parent / "docs").mkdir()
    (artifact.parent / "docs" / "page").write_bytes(b"text")
    workspace.add([artifact.parent], under="app")
    workspace.commit()
    assert set(workspace.state.root.signed.roles) >= {"targets"}
    workspace.remove("app/docs/*")
    workspace.commit()
    targets = workspace.state.committed("targets")
    assert targets is not None
    assert set(targets.signed.targets) == {"app/agent"}


def test_what_is_due_is_renewed(workspace: Workspace, clock: FakeClock) -> None:
    assert workspace.renew().roles == ()
    clock.advance(days=10)
    assert workspace.due() == ("timestamp",)
    assert [role.role for role in workspace.renew().roles] == ["timestamp"]
    assert [role.role for role in workspace.renew("targets").roles] == ["targets", "snapshot", "timestamp"]


def test_a_role_is_let_expire_at_a_time(workspace: Workspace, clock: FakeClock) -> None:
    workspace.expire("timestamp", timedelta(days=3))
    staged = workspace.state.staged("timestamp")
    assert staged is not None
    assert staged.expires == clock() + timedelta(days=3)


def test_keys_are_made_taken_in_and_revoked(workspace: Workspace) -> None:
    made = workspace.new_key("root")
    assert made.file == "root2.json"
    brought = CryptoSigner.generate_ed25519()
    assert workspace.add_key("targets", brought).keys == (brought.public_key,)
    workspace.set_threshold("root", 2)
    workspace.commit()
    assert workspace.revoke_key("targets", brought.public_key.keyid[:8]).keyid == brought.public_key.keyid
    assert {key.staged for key in workspace.keys().keys if key.keyid == brought.public_key.keyid} == {"revoked"}


def test_a_passphrase_is_changed(tmp_path: Path, clock: FakeClock) -> None:
    workspace = Workspace.create(tmp_path / "updates", passphrases=ask, clock=clock)
    workspace.change_passphrase("timestamp", new_passphrase=lambda request: None)
    again = Workspace.open(tmp_path / "updates", passphrases={"snapshot": "passphrase of snapshot.json"}, clock=clock)
    assert again.renew(["snapshot", "timestamp"]).complete


def test_own_signers_sign_in_place_of_key_files(tmp_path: Path, artifact: Path, clock: FakeClock) -> None:
    signers = {role: [CryptoSigner.generate_ed25519()] for role in ("targets", "snapshot", "timestamp")}
    workspace = Workspace.create(tmp_path / "updates", signers=signers, insecure_plaintext=True, clock=clock)
    assert [info.name for info in workspace.keyring.files()] == ["root.json"]

    flat = [signer for each in signers.values() for signer in each]
    workspace = Workspace.open(tmp_path / "updates", signers=flat, clock=clock)
    assert workspace.add(artifact).complete
    assert workspace.commit().versions["targets"] == 2
    assert not Workspace.open(tmp_path / "updates", clock=clock).renew("timestamp").complete


def test_a_root_key_may_be_a_signer(tmp_path: Path, clock: FakeClock) -> None:
    signer = CryptoSigner.generate_ed25519()
    create: Any = lambda: Workspace.create(  # noqa: E731
        tmp_path / "updates", root_keys=2, signers={"root": [signer]}, insecure_plaintext=True, clock=clock
    )
    role = create().state.root.signed.roles["root"]
    assert len(role.keyids) == 3
    assert role.threshold == 2
    assert signer.public_key.keyid in role.keyids
    assert create().state.root.version == 1  # the same call again finds it made


def test_a_store_of_any_kind_holds_a_repository(artifact: Path, clock: FakeClock) -> None:
    store = MemoryStore()
    Workspace.create(store, insecure_plaintext=True, clock=clock)
    workspace = Workspace.open(store, clock=clock)
    workspace.add(artifact)
    workspace.commit()
    assert store.stat("repository/2.targets.json") is not None


def test_the_record_names_the_person_and_the_program(updates: Path, clock: FakeClock) -> None:
    workspace = Workspace.open(updates, person="Ana", clock=clock)
    workspace.renew("timestamp")
    workspace.commit()
    entry = workspace.record.read()[-1].entry
    assert entry.name == "Ana"
    assert entry.program.startswith("tufkeep ")
    assert len(entry.program_sha256) == 64


def test_a_workspace_shows_where_it_is(updates: Path) -> None:
    assert repr(Workspace.open(updates)) == f"Workspace(FolderStore('{updates}'))"


def test_a_folder_without_a_repository_is_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(NotARepository):
        Workspace.open(tmp_path / "nothing")
    assert not Workspace.open(tmp_path / "nothing", missing_ok=True).state.exists
    assert not (tmp_path / "nothing").exists()


def test_a_file_is_no_workspace(artifact: Path) -> None:
    with pytest.raises(NotAFolder):
        Workspace.open(artifact)


def test_a_repository_is_not_made_over_another(updates: Path, clock: FakeClock) -> None:
    with pytest.raises(RepositoryExists):
        Workspace.create(updates, root_keys=2, insecure_plaintext=True, clock=clock)


def test_no_key_is_made_without_a_passphrase_by_accident(tmp_path: Path) -> None:
    with pytest.raises(NoPassphrase):
        Workspace.create(tmp_path / "one")
    with pytest.raises(NoPassphrase):
        Workspace.create(tmp_path / "two", passphrases=lambda request: None)


def test_what_is_not_signed_is_not_committed(updates: Path, artifact: Path, clock: FakeClock) -> None:
    (updates / "keys" / "targets.json").unlink()
    workspace = Workspace.open(updates, clock=clock)
    staged = workspace.add(artifact)
    assert not staged.complete
    with pytest.raises(TrustRefused):
        workspace.commit()


NAIVE = datetime(2026, 1, 1)


WRONG: list[tuple[str, Any, type[Exception], str]] = [
    ("no path", lambda w, f: w.add([]), ValueError, "no path is named"),
    ("missing", lambda w, f: w.add("nowhere/file"), ObjectMissing, "nowhere/file"),
    ("unsafe", lambda w, f: w.add(f, as_="../x"), UnsafeTargetPath, "target path"),
    ("remove", lambda w, f: w.remove("nothing"), TargetsNotListed, "nothing"),
    ("role", lambda w, f: w.renew("nothing"), UnknownRole, "nothing"),
    ("naive", lambda w, f: w.expire("root", NAIVE), BadExpiry, "not a time in UTC"),
    ("no keys there", lambda w, f: Workspace.open(f.parent, keys="nowhere"), ObjectMissing, "nowhere"),
    ("keys in a file", lambda w, f: Workspace.open(f.parent, keys=f), NotAFolder, "not a folder"),
    ("nothing to remove", lambda w, f: w.remove([]), ValueError, "no target path is named"),
    ("an endless life", lambda w, f: w.expire("root", timedelta.max), ExpiryTooFar, "after the year 9999"),
    ("no key", lambda w, f: w.revoke_key("root", ""), KeyNotListed, "root"),
    ("too many", lambda w, f: w.set_threshold("root", 2), ThresholdUnreachable, "can't reach"),
]


@pytest.mark.parametrize(("what", "call", "kind", "words"), WRONG, ids=[each[0] for each in WRONG])
def test_a_wrong_argument_is_one_clear_error(
    what: str, call: Any, kind: type[Exception], words: str, workspace: Workspace, artifact: Path
) -> None:
    with pytest.raises(kind, match=words):
        call(workspace, artifact)
    assert workspace.state.staged_roles == (), what


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        ({"clock": lambda: NAIVE}, ValueError, "has no time zone"),
        ({"clock": lambda: "noon"}, TypeError, "returned str"),
        ({"root_keys": 0}, ValueError, "from 1 to 64"),
        ({"root_keys": 65}, ValueError, "from 1 to 64"),
        ({"root_keys": 2, "root_threshold": 3}, ThresholdUnreachable, "2 keys can't reach a threshold of 3"),
        ({"days": {"root": 0}}, ValueError, "days of root"),
        ({"days": {"rooot": 1}}, UnknownRole, "rooot"),
        ({"signers": {"rooot": []}}, UnknownRole, "rooot"),
        ({"key_type": "ed448"}, Exception, "ed448"),
    ],
)
def test_a_wrong_wish_makes_nothing(
    tmp_path: Path, arguments: dict[str, Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        Workspace.create(tmp_path / "updates", **{"insecure_plaintext": True, **arguments})
    assert not (tmp_path / "updates" / "repository").exists() or not any((tmp_path / "updates/repository").iterdir())


def test_the_families_catch_what_happens_to_a_folder(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError):
        Workspace.open(tmp_path)
