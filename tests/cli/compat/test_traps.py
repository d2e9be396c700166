"""The traps of go-tuf, each closed under its own name: an error, or a loud warning, with what to type instead."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.compat.folders import FIXTURES, ROLES, TUF_PASSPHRASES, copy_of, current, days_left
from tests.cli.compat.twins import Here


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return Here(copy_of(FIXTURES / "fresh-plain", tmp_path / "here"), {})


def keyids(here: Here, role: str) -> list[str]:
    found: list[str] = here.role("root")["roles"][role]["keyids"]
    return found


def test_a_root_that_the_previous_root_did_not_sign_is_not_committed(here: Here) -> None:
    old = keyids(here, "root")[0]
    (here.folder / "keys/root.json").rename(here.folder / "root-on-another-drive.json")
    here.fine("gen-key", "root")
    revoked = here.fine("revoke-key", "root", old)
    assert "warning: staged root.json has 0 of the 1 signatures that clients of root v1 need" in revoked.err
    refused = here("commit")
    assert refused.code == 1
    assert refused.err.startswith("ERROR: root v2: signed by 0 of 1 keys of root v1\nhint: ")
    assert "tuf sign root.json" in refused.err
    assert not (here.folder / "repository/2.root.json").exists()
    (here.folder / "root-on-another-drive.json").rename(here.folder / "keys/old.json")
    here.fine("sign", "root.json")
    here.fine("commit")


@pytest.mark.parametrize("role", ["root", "targets", "snapshot", "timestamp"])
def test_a_new_key_does_not_shorten_the_life_of_the_root(here: Here, role: str) -> None:
    before = days_left(here.folder, "root")
    assert here.fine("gen-key", role).err == ""
    assert days_left(here.folder, "root") == before


def test_a_key_that_leaves_does_not_shorten_the_life_of_the_root(here: Here) -> None:
    before = days_left(here.folder, "root")
    here.fine("gen-key", "targets")
    here.fine("revoke-key", "targets", keyids(here, "targets")[0])
    assert days_left(here.folder, "root") == before


@pytest.mark.parametrize("command", [["gen-key", "--expires=30", "targets"], ["revoke-key", "--expires=30", "targets"]])
def test_a_root_that_is_told_to_end_earlier_does_so_with_a_warning(here: Here, command: list[str]) -> None:
    here.fine("gen-key", "targets")
    done = here.fine(*command, *([keyids(here, "targets")[0]] if command[0] == "revoke-key" else []))
    assert "warning: root.json expired on 2036-" in done.err
    assert "hint: without --expires it expires no earlier than before" in done.err
    assert days_left(here.folder, "root") == 30


def test_a_name_that_a_declared_client_can_not_fetch_is_a_warning_of_the_commit(here: Here) -> None:
    here.place("staged/targets/a#b")
    for command in ("add", "snapshot", "timestamp"):
        here.fine(command)
    done = here.fine("commit")
    assert "warning: target a#b: has #, ?, % or a last blank in its name; it is not found (404) by go-tuf" in done.err
    assert "hint: name the clients that are out there in tufkeep.toml" in done.err
    (here.folder / "tufkeep.toml").write_text("[agents]\nclients = []\n")
    here.place("staged/targets/c#d")
    for command in ("add", "snapshot", "timestamp"):
        here.fine(command)
    assert "warning" not in here.fine("commit").err


def test_files_that_nobody_added_are_not_deleted(here: Here) -> None:
    here.place("staged/targets/dir/forgotten")
    done = here.fine("commit")
    assert "warning: staged/targets/dir/forgotten was never added" in done.err
    assert "hint: tuf add dir/forgotten" in done.err
    assert (here.folder / "staged/targets/dir/forgotten").read_text() == "text"


def test_no_version_is_reused_with_other_bytes(here: Here) -> None:
    version = here.role("targets")["version"]
    here.fine("gen-key", "--expires=4000", "targets")
    here.publish()
    here.fine("sign", "targets.json")  # by the new key, too: on go-tuf this stages the committed version again
    before = (here.folder / f"repository/{version + 1}.targets.json").read_bytes()
    here.place("staged/targets/a")
    here.publish()
    assert (here.folder / f"repository/{version + 1}.targets.json").read_bytes() == before
    assert here.role("targets")["version"] == version + 2


def test_signing_committed_targets_with_another_key_makes_a_new_version(here: Here) -> None:
    version, ends = here.role("targets")["version"], here.role("targets")["expires"]
    targets = (here.folder / "keys/targets.json").read_bytes()
    here.fine("gen-key", "--expires=4000", "targets")
    both = (here.folder / "keys/targets.json").read_bytes()
    (here.folder / "keys/targets.json").write_bytes(targets)
    here.publish()
    (here.folder / "keys/targets.json").write_bytes(both)
    done = here.fine("sign", "targets.json")
    assert done.out == "Signed targets.json with 2 key(s)\n"
    assert (
        f"warning: targets.json v{version + 1} is committed and stays as it is: v{version + 2} was staged" in done.err
    )
    assert here.role("targets")["version"] == version + 2
    assert here.role("targets")["expires"] != ends  # that of the add, three months
    assert len(current(here.folder, "targets")["signatures"]) == 2


def test_bytes_of_another_program_under_a_committed_version_are_refused(here: Here) -> None:
    targets = current(here.folder, "targets")
    here.place("staged/targets.json", json.dumps(targets, indent=1))
    refused = here("snapshot")
    assert refused.code == 1
    assert refused.err.startswith("ERROR: targets v1: other bytes were already listed under this version\nhint: ")


@pytest.mark.parametrize("remove_targets_first", [True, False])
def test_init_begins_nothing_over_a_repository(here: Here, remove_targets_first: bool) -> None:
    if remove_targets_first:
        here.fine("remove", "--all")
        for command in ("snapshot", "timestamp", "commit"):
            here.fine(command)
    refused = here("init")
    assert refused.code == 1
    assert refused.err.startswith("ERROR: tuf: repository already initialized\nhint: ")
    assert not (here.folder / "staged/root.json").exists()


def test_init_forgets_no_staged_keys(tmp_path: Path) -> None:
    here = Here(tmp_path, {})
    here.fine("init")
    here.fine("gen-key", "root")
    assert here("init").code == 1
    assert len(keyids(here, "root")) == 1


def test_an_empty_variable_makes_no_key_without_a_passphrase(tmp_path: Path) -> None:
    refused = Here(tmp_path, {"TUF_ROOT_PASSPHRASE": ""})("gen-key", "root")
    assert refused.code == 1
    assert not (tmp_path / "keys/root.json").exists()


@pytest.mark.parametrize("number", ["0", "-1"])
def test_a_threshold_below_one_is_refused(here: Here, number: str) -> None:
    refused = here("set-threshold", "targets", number)
    assert refused.code == 1
    assert "hint: the lowest threshold is 1" in refused.err
    assert not (here.folder / "staged/root.json").exists()


def test_a_threshold_above_the_number_of_keys_is_warned_of(here: Here) -> None:
    done = here.fine("set-threshold", "targets", "2")
    assert done.out == "The threshold for targets role is now 2"
    assert "warning: targets has 1 key and 2 must sign" in done.err
    assert "hint: make more of them: tuf gen-key targets" in done.err
    assert here("commit").code == 1


@pytest.mark.parametrize("paths", [["link"], []])
def test_a_link_is_no_target(here: Here, paths: list[str]) -> None:
    here.place("staged/targets/file")
    (here.folder / "staged/targets/link").symlink_to("file")
    refused = here("add", *paths)
    assert refused.code == 1
    assert "symbolic link" in refused.err
    assert "hint: put the file itself in its place; look at what is there: ls -ld staged/targets/link" in refused.err
    assert not (here.folder / "staged/targets.json").exists()


def test_a_staged_root_of_an_older_repository_is_neither_changed_nor_committed(here: Here, tmp_path: Path) -> None:
    stale = copy_of(here.folder, tmp_path / "stale")
    Here(stale, {}).fine("gen-key", "--expires=4000", "targets")
    for number in range(2):
        here.fine("gen-key", "--expires=4000", "timestamp")
        here.fine("commit")
        if number == 0:
            shutil.copytree(here.folder / "repository", stale / "repository", dirs_exist_ok=True)
            for command in (["gen-key", "targets"], ["commit"]):
                refused = Here(stale, {})(*command)
                assert refused.code == 1, command
                assert "staged root v2 was not made from the committed root v2" in refused.err
                assert "tuf clean" in refused.err


def test_two_processes_at_once_lose_nothing(
    here: Here, shims: Path, typed: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    names = [f"file{number}" for number in range(4)]
    for name in names:
        here.place(f"staged/targets/{name}")
    started = [
        subprocess.Popen([shims / "tuf", "add", name], cwd=here.folder, stderr=subprocess.PIPE, text=True)
        for name in names
    ]
    assert [(one.wait(), one.communicate()[1]) for one in started] == [(0, "")] * len(names)
    assert set(names) <= set(here.role("targets")["targets"])


def test_the_signatures_that_a_change_makes_void_are_named(tmp_path: Path) -> None:
    here = Here(copy_of(FIXTURES / "three-root-keys", tmp_path / "here"), {"TUF_ROOT_PASSPHRASE": "root pass 1"})
    before = [signature["keyid"] for signature in current(here.folder, "root")["signatures"]]
    assert len(before) == 3
    done = here("gen-key", "timestamp", TUF_TIMESTAMP_PASSPHRASE="timestamp pass")
    assert done.code == 0, done.err
    kept = [signature["keyid"] for signature in current(here.folder, "root")["signatures"]]
    assert kept == [keyid for keyid in before if keyid in kept]
    assert len(kept) == 1  # by the file that the passphrase opens, though it is called root1.json
    assert "staged root.json has changed: 2 of its signatures are no longer valid and were removed: " in done.err
    assert all(keyid[:8] in done.err for keyid in before if keyid not in kept)
    assert "hint: once all keys are added, sign again with each of these keys: tuf sign root.json" in done.err


def test_a_revoked_old_root_key_still_signs_what_its_clients_must_follow(here: Here) -> None:
    old = keyids(here, "root")[0]
    here.fine("gen-key", "root")
    assert here.fine("revoke-key", "root", old).err == ""
    signed = {signature["keyid"] for signature in current(here.folder, "root")["signatures"]}
    assert signed == {old, *keyids(here, "root")}
    here.fine("commit")


def test_the_signature_of_a_revoked_root_key_can_be_brought_from_elsewhere(here: Here, tmp_path: Path) -> None:
    old = keyids(here, "root")[0]
    offline = copy_of(here.folder, tmp_path / "offline")
    (here.folder / "keys/root.json").unlink()
    here.fine("gen-key", "root")
    here.fine("revoke-key", "root", old)
    payload = offline / "payload"
    payload.write_text(here.fine("payload", "root.json").out)
    signatures = Here(offline, {}).fine("sign-payload", "--role=root", str(payload))
    assert signatures.err == "tuf: signed with 1 key(s)\n"
    here.place("signatures", signatures.out)
    assert (
        here.fine("add-signatures", "--signatures", "signatures", "root.json").err == "tuf: added 1 new signature(s)\n"
    )
    here.fine("commit")


@pytest.mark.parametrize("fault", ["another payload", "another key's", "unknown key"])
def test_a_signature_that_does_not_hold_is_not_added(here: Here, fault: str) -> None:
    here.fine("gen-key", "root")
    before = (here.folder / "staged/root.json").read_bytes()
    first, second = keyids(here, "root")
    (here.folder / "payload").write_text(here.fine("payload", "root.json").out)
    (here.folder / "other").write_text('{"other":"payload"}')
    made = json.loads(
        here.fine("sign-payload", "--role=root", "other" if fault == "another payload" else "payload").out
    )
    if fault == "another key's":
        made = [{**made[0], "keyid": second if made[0]["keyid"] == first else first}]
    if fault == "unknown key":
        made = [{**made[0], "keyid": "ab" * 32}]
    here.place("signatures", json.dumps(made))
    refused = here("add-signatures", "--signatures", "signatures", "root.json")
    said = "invalid key" if fault == "unknown key" else "signature verification failed"
    assert (refused.code, refused.err) == (1, f"ERROR: tuf: {said}\n")
    assert (here.folder / "staged/root.json").read_bytes() == before


def test_a_wrong_root_passphrase_leaves_no_orphan_key(tmp_path: Path) -> None:
    here = Here(copy_of(FIXTURES / "fresh", tmp_path / "here"), {"TUF_ROOT_PASSPHRASE": "wrong"})
    before = (here.folder / "keys/targets.json").read_bytes()
    refused = here("gen-key", "targets", TUF_TARGETS_PASSPHRASE="targets pass")
    assert (refused.code, refused.err) == (1, "ERROR: encrypted: decryption failed\n")
    assert (here.folder / "keys/targets.json").read_bytes() == before


def test_a_further_key_file_that_stays_closed_is_passed_over(tmp_path: Path) -> None:
    here = Here(copy_of(FIXTURES / "fresh", tmp_path / "here"), {"TUF_ROOT_PASSPHRASE": "root pass 1"})
    shutil.copy(FIXTURES / "three-root-keys/keys/root2.json", here.folder / "keys/root2.json")
    here.place("keys/notes.json", "no key file at all")
    done = here.fine("gen-key", "--expires=4000", "root")
    assert done.err == ""
    assert here.fine("sign", "root.json").out == "Signed root.json with 2 key(s)\n"


def test_a_root_key_that_a_file_was_moved_over_is_missed(here: Here) -> None:
    encrypted = Here(copy_of(FIXTURES / "cs-false", here.folder.parent / "cs"), {"TUF_ROOT_PASSPHRASE": "root pass 1"})
    folder = encrypted.folder / "keys"
    encrypted.fine("sign", "root.json")  # the key is seen in its file
    (folder / "root.json").rename(folder / "root1.json")
    second = {"TUF_ROOT_PASSPHRASE": "second"}
    assert encrypted("gen-key", "--expires=4000", "root", **second).code == 0
    (folder / "root.json").replace(folder / "root1.json")  # the handbook's mv: the only copy of key 1 is gone
    done = encrypted("sign", "root.json", **second)
    assert done.code == 0
    assert "was in a file under keys/ and is in none now and has not signed yet" in done.err
    assert "hint: if a file was moved over its only copy, restore it from a backup" in done.err


def test_each_root_file_may_have_a_variable_of_its_own(tmp_path: Path) -> None:
    each = {f"TUF_ROOT{number}_PASSPHRASE": f"root pass {number}" for number in (1, 2, 3)}
    here = Here(copy_of(FIXTURES / "three-root-keys", tmp_path / "here"), each)
    assert here.fine("sign", "root.json").out == "Signed root.json with 3 key(s)\n"


def test_an_artifact_that_changed_after_it_was_added_is_not_published_under_the_old_hash(here: Here) -> None:
    here.place("staged/targets/a", "one")
    for command in ("add", "snapshot", "timestamp"):
        here.fine(command)
    here.place("staged/targets/a", "two")
    refused = here("commit")
    assert refused.code == 1
    assert "hint: add it again: tuf add a" in refused.err


def test_a_commit_that_was_killed_is_finished_by_the_next_command(here: Here, shims: Path) -> None:
    here.place("staged/targets/a", "one")
    for command in ("add", "snapshot", "timestamp"):
        here.fine(command)
    script = """
import os, signal, sys

def kill(event, arguments):
    if event == "os.rename" and os.fsdecode(arguments[1]).endswith("timestamp.json"):
        os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(kill)
from tufkeep.cli.compat import main
main("tuf", ["commit"])
"""
    killed = subprocess.run([sys.executable, "-c", script], cwd=here.folder, check=False)
    assert killed.returncode == -signal.SIGKILL
    here.fine("commit")
    assert not (here.folder / "staged/timestamp.json").exists()
    assert "a" in json.loads((here.folder / "repository/targets.json").read_bytes())["signed"]["targets"]


def test_passphrases_are_in_no_output(tmp_path: Path) -> None:
    here = Here(tmp_path, dict(TUF_PASSPHRASES))
    said = [here("init"), *(here("gen-key", role) for role in ROLES)]
    said += [here("gen-key", "root", TUF_ROOT_PASSPHRASE="hunter2")]
    for passphrase in (*TUF_PASSPHRASES.values(), "hunter2"):
        assert all(passphrase not in answer.out + answer.err for answer in said)
