"""What verify and doctor find in repositories that are right, and in the same ones broken in one place."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner

from tests.peers import CHECKOUT
from tests.watch.desk import NOW, VECTORS, desk
from tufkeep.ceremony.prove import prove
from tufkeep.cli.base.hints import finding_hint
from tufkeep.errors import TufkeepError
from tufkeep.keys.folder import KeyFolder
from tufkeep.keys.keyfile import seal_key_file
from tufkeep.keys.keyring import Keyring
from tufkeep.keys.modes import modes_below
from tufkeep.keys.private import generate
from tufkeep.stores import FolderStore, MemoryStore, Store
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.forge import Forge
from tufkeep.watch.checks import DESK_CHECKS, REPOSITORY_CHECKS, agent
from tufkeep.watch.examined import Examined
from tufkeep.watch.finding import Finding
from tufkeep.watch.status import status
from tufkeep.watch.verify import Report, diagnose, verify
from tufkeep.workspace import NotARepository, Workspace, layout

MADE_TO_LAST = b"".join(b"[roles.%s]\ndays = 3660\n" % role for role in (b"root", b"snapshot", b"timestamp"))
HELLO = "repository/targets/hello.txt"
KEY_FILE = (VECTORS / "fresh-plain" / "keys" / "targets.json").read_bytes()
SEALED_KEY_FILE = (VECTORS / "fresh" / "keys" / "targets.json").read_bytes()


@pytest.mark.parametrize("vector", sorted(path.name for path in VECTORS.iterdir() if path.is_dir()))
def test_what_the_real_go_tuf_committed_is_right(vector: str) -> None:
    report = verify(desk(vector))
    assert told(report) == ()
    assert report.roles == 4


def test_every_artifact_is_read() -> None:
    seen: list[int] = []
    report = verify(desk("fresh"), progress=seen.append)
    assert (report.targets, report.artifact_bytes) == (2, sum(seen))
    assert report.artifact_bytes == 20


def edit_json(store: Store, name: str, change: Callable[[Any], object]) -> None:
    value = json.loads(store.read(name))
    change(value)
    store.write(name, json.dumps(value, separators=(",", ":")).encode())


def drop(name: str) -> Callable[[Store], None]:
    return lambda store: store.delete(name)


def put(name: str, data: bytes) -> Callable[[Store], object]:
    return lambda store: store.write(name, data)


def unsign(name: str) -> Callable[[Store], None]:
    return lambda store: edit_json(store, name, lambda file: file.update(signatures=[]))


def change_version(name: str, version: int) -> Callable[[Store], None]:
    return lambda store: edit_json(store, name, lambda file: file["signed"].update(version=version))


def remove_artifact(store: Store) -> None:
    store.delete(next(entry.name for entry in store.list(layout.REPOSITORY_TARGETS)))


def swap_artifact(store: Store) -> None:
    entry = next(iter(store.list(layout.REPOSITORY_TARGETS)))
    store.write(entry.name, bytes(entry.length_bytes))


BROKEN: list[tuple[str, Callable[[Store], Any], str, str, str]] = [
    ("fresh", drop("repository/timestamp.json"), "readable", "repository/timestamp.json", "is missing"),
    ("fresh", drop("repository/1.snapshot.json"), "readable", "repository/1.snapshot.json", "is missing"),
    ("cs-false", drop("repository/targets.json"), "readable", "repository/targets.json", "is missing"),
    ("fresh", put("repository/timestamp.json", b""), "readable", "repository/timestamp.json", "is empty"),
    ("fresh", put("repository/1.root.json", b"{"), "readable", "repository/1.root.json", "no root metadata"),
    ("rotated", change_version("repository/3.root.json", 7), "readable", "repository/3.root.json", "holds version 7"),
    ("fresh", drop("repository/1.root.json"), "root-chain", "repository/1.root.json", "is missing"),
    ("rotated", drop("repository/3.root.json"), "root-chain", "repository/3.root.json", "v2 never sees v4"),
    ("rotated", unsign("repository/2.root.json"), "root-chain", "repository/2.root.json", "0 of 1 keys of root v1"),
    ("cs-false", unsign("repository/timestamp.json"), "quorums", "repository/timestamp.json", "0 of 1 needed"),
    ("fresh", unsign("repository/1.targets.json"), "quorums", "repository/1.targets.json", "0 of 1 needed"),
    ("fresh", unsign("repository/1.snapshot.json"), "listings", "repository/1.snapshot.json", "timestamp v1 lists"),
    ("cs-false", change_version("repository/targets.json", 4), "listings", "repository/targets.json", "holds v4"),
    ("fresh", put("repository/targets.json", b"{}"), "copies", "repository/targets.json", "1.targets.json"),
    ("fresh", put("repository/root.json", b"{}"), "copies", "repository/root.json", "not the same"),
    ("fresh", remove_artifact, "artifacts", "repository/targets/", "is missing"),
    ("fresh", swap_artifact, "artifacts", "repository/targets/", "sha512 is"),
    ("cs-false", put(HELLO, b"longer than it was"), "artifacts", HELLO, "has 18 bytes"),
    ("fresh", put("repository/targets/old.pem.bak", KEY_FILE), "private-keys", "old.pem.bak", "a private key"),
    ("fresh", put("repository/keys.json", SEALED_KEY_FILE), "private-keys", "repository/keys.json", "a private key"),
    (
        "fresh",
        put("repository/id", b"-----BEGIN EC PRIVATE KEY-----\n" + b"MHcCAQEE" * 16),
        "private-keys",
        "repository/id",
        "private key",
    ),
    (".", put(layout.JOURNAL, b"{}"), "interrupted", layout.JOURNAL, "interrupted"),
]

WARNED: list[tuple[str, Callable[[Store], Any], str, str, str]] = [
    ("fresh", drop("repository/snapshot.json"), "copies", "repository/snapshot.json", "begin again at version 1"),
    ("fresh", put("repository/notes.json", b"{}"), "foreign-metadata", "repository/notes.json", "no metadata"),
    ("fresh", put("repository/root.json123456", b"{}"), "stray-files", "root.json123456", "leftover"),
    ("fresh", put("repository/README", b"hello"), "stray-files", "repository/README", "no file of a repository"),
    ("cs-false", put("repository/targets/other.bin", b"x"), "stray-files", "other.bin", "nothing lists it"),
    ("rotated", drop("repository/1.root.json"), "root-chain", "repository/2.root.json", "trusts v1 can't follow"),
]


def found(workspace: Workspace, check: str) -> list[Finding]:
    return [finding for finding in verify(workspace).findings if finding.check == check]


@pytest.mark.parametrize(("vector", "break_it", "check", "subject", "fact"), BROKEN)
def test_one_broken_place_is_named(
    vector: str, break_it: Callable[[Store], object], check: str, subject: str, fact: str
) -> None:
    workspace = desk(vector if vector != "." else "fresh")
    break_it(workspace.store)
    findings = found(workspace, check)
    assert [finding for finding in findings if subject in finding.subject and fact in finding.sentence]
    assert {finding.severity for finding in findings} == {"error"}
    assert all(finding_hint(finding) for finding in findings)


@pytest.mark.parametrize(("vector", "break_it", "check", "subject", "fact"), WARNED)
def test_what_stops_nobody_is_a_warning(
    vector: str, break_it: Callable[[Store], object], check: str, subject: str, fact: str
) -> None:
    workspace = desk(vector)
    break_it(workspace.store)
    report = verify(workspace)
    assert report.errors == ()
    warned = [finding for finding in report.warnings if finding.check == check]
    assert len(warned) == 1
    assert subject in warned[0].subject
    assert fact in warned[0].sentence


def test_one_lost_file_is_told_once() -> None:
    workspace = desk("cs-false")
    workspace.store.delete(HELLO)
    assert [finding.check for finding in told(verify(workspace))] == ["artifacts"]


@pytest.mark.parametrize("name", ["docs/notes.json", "1.docs/notes.json"])
def test_a_json_file_in_a_folder_of_no_role_is_one_finding(name: str) -> None:
    workspace = desk("fresh")
    workspace.store.write(f"repository/{name}", b"{}")
    assert [(each.check, each.subject) for each in told(verify(workspace))] == [("stray-files", f"repository/{name}")]


def test_an_older_artifact_of_a_listed_path_is_no_stray() -> None:
    workspace = desk("fresh")
    workspace.store.write(f"repository/targets/{'ab' * 64}.hello.txt", b"what hello.txt was before")
    assert told(verify(workspace)) == ()


@pytest.mark.parametrize(
    ("days_before_the_end", "severity"), [(40, None), (29, "warning"), (1, "warning"), (0, "error"), (-3, "error")]
)
def test_an_end_is_a_warning_in_its_window_and_an_error_afterwards(
    days_before_the_end: int, severity: str | None
) -> None:
    workspace = desk("cs-false", clock := FakeClock())
    end = workspace.state.committed("snapshot")
    assert end is not None
    clock.set(end.expires)
    clock.advance(days=-days_before_the_end)
    told = {f.subject: f.severity for f in verify(workspace).findings if f.check == "expiries"}
    assert told.get("repository/snapshot.json") == severity


def test_the_window_is_the_one_of_the_policy() -> None:
    workspace = desk("cs-false", FakeClock(datetime(2036, 6, 1, tzinfo=UTC)))
    assert found(workspace, "expiries") == []
    workspace.store.write("tufkeep.toml", b"[roles.targets]\ndays = 3650\nwarn = 300\n" + MADE_TO_LAST)
    again = Workspace(workspace.store, clock=workspace.clock)
    assert [finding.subject for finding in found(again, "expiries")] == ["repository/targets.json"]


def test_a_client_is_not_played_where_an_error_was_found() -> None:
    workspace = desk("cs-false")
    unsign("repository/timestamp.json")(workspace.store)
    assert "agent" not in {finding.check for finding in verify(workspace).findings}


def test_a_timestamp_that_no_client_takes_is_found_by_playing_one() -> None:
    workspace = desk("cs-false")
    unsign("repository/timestamp.json")(workspace.store)
    examined = Examined(workspace.store, now=workspace.clock(), policy=workspace.policy)
    assert [finding.sentence for finding in agent.CHECK.findings(examined)] == [
        "repository/timestamp.json: a client refuses it: timestamp v1: 0 of 1 needed signatures"
    ]


def test_where_nothing_is_there_is_nothing_to_verify() -> None:
    workspace = desk("fresh")
    for entry in list(workspace.store.list()):
        workspace.store.delete(entry.name)
    for look in (verify, diagnose):
        with pytest.raises(NotARepository):
            look(workspace)


def diagnosed(workspace: Workspace, check: str) -> list[str]:
    return [finding.sentence for finding in diagnose(workspace).findings if finding.check == check]


def test_open_key_files_are_told_as_one_finding(tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    shutil.copytree(VECTORS / "fresh", folder)
    for path in (folder / "keys").iterdir():
        path.chmod(0o640)
    (folder / "keys").chmod(0o700)
    store = FolderStore(folder)
    held = KeyFolder(store=store, prefix="keys/", modes=modes_below(folder / "keys"))
    workspace = Workspace(store, clock=FakeClock(NOW), keyring=Keyring(held, passphrases=None))
    assert [(finding.sentence, finding_hint(finding)) for finding in found(workspace, "loose-modes")] == [
        ("keys/root.json and 3 more: mode 0640 lets others in, 0600 would not", "chmod 600 keys/*")
    ]


def told(report: Report) -> tuple[Finding, ...]:
    """Return what concerns somebody, notes left out."""
    return (*report.errors, *report.warnings)


def forged(change: Callable[[Forge], object]) -> Workspace:
    """Return a repository that is signed as it stands, whatever it says."""
    forge = Forge(now=NOW)
    forge.days["snapshot"] = 60  # beyond its warning window
    change(forge)
    forge.publish()
    store = MemoryStore()
    for entry in forge.store.list():
        store.write(layout.REPOSITORY + entry.name, forge.store.read(entry.name))
    return Workspace(store, clock=FakeClock(NOW))


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        (lambda forge: forge.add("a#b", b"x"), "target a#b: has #, ?, % or a last blank in its name; it is not found"),
        (lambda forge: forge.add("a", b"x", size=1 << 54), "target a: has a number above 2^53"),
        (lambda forge: forge.add("a", b"x", deep=[{"size": -(1 << 54)}]), "target a: has a number above 2^53"),
        (lambda forge: forge.delegate("team/a", paths=["a/*"]), "role team/a: has a / in its name"),
    ],
)
def test_what_declared_clients_cannot_read_is_a_warning(change: Callable[[Forge], object], fact: str) -> None:
    report = verify(forged(change))
    assert report.errors == ()
    (found,) = (finding for finding in told(report) if finding.check == "declared-clients")
    assert fact in found.sentence


def test_a_hundred_things_of_one_kind_are_one_finding() -> None:
    def change(forge: Forge) -> None:
        for number in range(99):
            forge.add(f"a#{number}", b"x")

    (finding,) = told(verify(forged(change)))
    assert finding.sentence.startswith("target a#0 and 98 more: ")
    assert len(finding.each) == 99


def test_what_some_clients_refuse_in_many_files_is_one_warning() -> None:
    def change(forge: Forge) -> None:
        for number in range(5):
            forge.delegate(f"r{number}", paths=["*"])
            forge.signed[f"r{number}"] |= {"a": 1, "A": 2}
            forge.publish(f"r{number}")

    (finding,) = told(verify(forged(change)))
    assert finding.check == "one-reading"
    assert finding.sentence.endswith("are one member to clients in Go; and 4 more files")
    assert len(finding.each) == 5


def test_what_tough_alone_does_not_read_is_a_note_until_tough_is_declared() -> None:
    workspace = forged(lambda forge: forge.add("sub/app", b"x"))
    (note,) = verify(workspace).findings
    sentence = "target sub/app: is in a sub-folder, and names have hashes; it is not found (404) by tough"
    assert (note.severity, note.sentence) == ("note", f"only if agents use tough: {sentence}")
    workspace.store.write(layout.POLICY, b'[agents]\nclients = ["tough"]\n')
    (warning,) = verify(Workspace(workspace.store, clock=workspace.clock)).findings
    assert (warning.severity, warning.sentence) == ("warning", sentence)


def test_a_delegated_role_is_looked_at_like_targets() -> None:
    def change(forge: Forge) -> None:
        forge.delegate("team", paths=["team/*"])
        forge.add("team/tool", b"tool", role="team")
        forge.publish("team")

    workspace = forged(change)
    report = verify(workspace)
    assert (report.errors, report.warnings, report.roles, report.targets) == ((), (), 5, 1)
    newest = max(entry.name for entry in workspace.store.list("repository/") if entry.name.endswith(".team.json"))
    unsign(newest)(workspace.store)
    assert {finding.check for finding in verify(workspace).errors} == {"quorums", "listings", "copies"}


def test_a_role_must_be_signed_as_each_role_says_that_delegates_to_it() -> None:
    def change(forge: Forge) -> None:
        forge.delegate("first", paths=["*"])
        forge.delegate("second", paths=["*"])
        forge.trust("second", [CryptoSigner.generate_ed25519()], by="first", paths=["*"])
        forge.publish("first")

    errors = verify(forged(change)).errors
    assert [(error.check, error.subject) for error in errors] == [("quorums", "repository/1.second.json")]


@pytest.mark.parametrize("role", ["../a", "2024.a", ".hidden", "targets/a"])
def test_a_role_that_no_file_can_hold_is_one_finding_and_stops_no_report(role: str) -> None:
    workspace = forged(lambda forge: forge.delegate(role, paths=["*"]))
    errors = [finding.sentence for finding in verify(workspace).errors]
    assert len(errors) == 1
    assert errors[0].startswith(f"repository/3.targets.json: delegates to {role!r}, which can't be stored: its name ")
    diagnose(workspace)
    assert status(workspace).roles[-1].committed is None
    assert prove(workspace.state, policy=workspace.policy.validity, now=NOW).first_refusal is not None


def test_a_file_that_was_stored_under_its_encoded_name_is_to_be_renamed() -> None:
    workspace = forged(lambda forge: forge.delegate("a b", paths=["*"]))
    workspace.store.move("repository/1.a b.json", "repository/1.a%20b.json")
    (finding,) = verify(workspace).errors
    assert finding.sentence == "repository/1.a b.json: is missing; clients ask for it"
    assert finding_hint(finding).startswith("mv repository/1.a%20b.json 'repository/1.a b.json'")


def test_succinct_roles_that_the_snapshot_does_not_list_are_counted() -> None:
    def change(forge: Forge) -> None:
        forge.delegate("bin-0", paths=["*"])
        delegations = forge.signed["targets"]["delegations"]
        (role,) = delegations.pop("roles")
        delegations["succinct_roles"] = {**role, "bit_length": 31, "name_prefix": "bin"}
        forge.publish()

    (error,) = verify(forged(change)).errors
    assert error.sentence == "repository/snapshot.json: snapshot v4 lists 0 of 2,147,483,648 roles bin-*"


def test_doctor_names_who_a_staged_root_waits_for() -> None:
    workspace = desk("releaser")
    workspace.store.write("tufkeep.toml", b'[owners]\n986079ad = "Ana"\n')
    assert diagnosed(workspace, "unsigned-change") == [
        "staged/root.json: signed by 0 of 1 keys of root v1; waits for Ana",
        "staged/root.json: signed by 0 of 1 keys of root v2; waits for Ana",
    ]


def test_doctor_finds_a_change_that_stands_on_an_older_repository() -> None:
    workspace = desk("staged-add")
    edit_json(workspace.store, "repository/targets.json", lambda file: file["signed"].update(version=2))
    assert "was not made from the committed targets v2" in diagnosed(workspace, "stale-change")[0]


def test_doctor_finds_a_staged_file_that_is_no_metadata() -> None:
    workspace = desk("staged-add")
    workspace.store.write("staged/targets.json", b"[]")
    assert diagnosed(workspace, "stale-change")[0].startswith("staged/targets.json: no targets metadata")


def test_doctor_finds_an_artifact_that_nobody_added() -> None:
    workspace = desk("fresh")
    workspace.store.write("staged/targets/forgotten.bin", b"x")
    workspace.store.write("staged/targets/.DS_Store", b"x")
    assert diagnosed(workspace, "unadded-artifacts") == [
        "staged/targets/forgotten.bin: is in no staged targets metadata"
    ]


def test_doctor_finds_a_key_that_no_root_lists() -> None:
    workspace = desk("fresh-plain")
    workspace.store.write("keys/copy.json", KEY_FILE)  # a second file of a listed key is nobody's fault
    assert diagnosed(workspace, "unlisted-keys") == []
    key = generate()
    workspace.store.write("keys/extra.json", seal_key_file([key], None))
    assert diagnosed(workspace, "unlisted-keys") == [f"keys/extra.json: key {key.keyid[:8]} is listed by no root"]


def test_doctor_tells_a_key_that_was_rotated_out() -> None:
    workspace = desk("fresh-plain")
    keys = workspace.keyring.find(workspace.state.root.signed.roles["root"].keyids, role="root")
    new = generate()
    with workspace.edit("rotate") as edit:
        edit.add_key("root", new.public_key)
        edit.revoke_key("root", keys[0].keyid)
    workspace.store.write("keys/root2.json", seal_key_file([new], None))
    again = Workspace(workspace.store, clock=workspace.clock)
    again.sign()
    again.commit(again.plan_commit())
    assert diagnosed(again, "unlisted-keys") == [
        f"keys/root.json: key {keys[0].keyid[:8]} was rotated out; no root lists it any more"
    ]


def test_doctor_finds_a_key_file_that_is_none() -> None:
    workspace = desk("fresh-plain")
    workspace.store.write("keys/root9.json", b"{}")
    assert diagnosed(workspace, "unlisted-keys")[0].startswith("keys/root9.json: is no key file")


def test_doctor_goes_on_without_a_policy_it_can_read() -> None:
    workspace = desk("fresh")
    workspace.store.write("tufkeep.toml", b"[roles]\nroot = 3\n")
    assert [finding.subject for finding in diagnose(workspace).errors] == ["tufkeep.toml"]
    with pytest.raises(TufkeepError, match="tufkeep"):
        verify(workspace)


def test_each_check_is_explained_under_its_anchor() -> None:
    page = (CHECKOUT / "docs" / "checks.md").read_text()
    ids = [check.id for check in (*REPOSITORY_CHECKS, *DESK_CHECKS)]
    assert len(set(ids)) == len(ids)
    assert sorted(line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")) == sorted(ids)
    for check in (*REPOSITORY_CHECKS, *DESK_CHECKS):
        assert f"## {check.id}\n\n{check.sentence[0].upper()}{check.sentence[1:]}." in page
