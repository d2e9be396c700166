from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.agent.agent_story import APP, TOOL, Fleet, packed, script
from tufkeep.agent import Component, Outcome
from tufkeep.agent.outcome import DidNotStart, DowngradeRefused
from tufkeep.agent.start import run
from tufkeep.archives.rules import BadArchive
from tufkeep.client.errors import Unreachable
from tufkeep.client.pieces import PIECE_BYTES
from tufkeep.client.walk import TargetNotFound
from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.refusal import ExpiredMetadata, HashMismatch
from tufkeep.metadata.targets import UnsafeTargetPath
from tufkeep.stores import FolderStore, Locked
from tufkeep.testing.clock import FakeClock


@pytest.fixture(params=[True, False], ids=["link", "file"])
def fleet(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Fleet:
    """With and without symbolic links."""
    return Fleet(tmp_path, clock, links=request.param)


def test_the_first_version_is_installed(fleet: Fleet) -> None:
    fleet.release(TOOL, "1.0", script("one"))
    update = fleet.once()
    assert (update.outcome, update.version, update.before) == (Outcome.INSTALLED, "1.0", None)
    assert fleet.in_use() == script("one")
    assert fleet.leftovers() == []


def test_a_new_version_takes_the_place_of_the_old_one(fleet: Fleet) -> None:
    fleet.release(TOOL, "1.0", script("one"))
    fleet.once()
    fleet.release(TOOL, "1.1", script("two"))
    update = fleet.once()
    assert (update.outcome, update.version, update.before) == (Outcome.INSTALLED, "1.1", "1.0")
    assert update.executable is not None
    assert update.executable.read_bytes() == fleet.in_use() == script("two")


def test_nothing_new_changes_nothing(fleet: Fleet) -> None:
    fleet.release(TOOL, "1.0", script("one"))
    fleet.once()
    fleet.server.asked.clear()
    assert fleet.once().outcome is Outcome.UNCHANGED
    assert fleet.server.asked == ["2.root.json", "timestamp.json"]


def test_versions_before_the_last_good_one_are_removed(fleet: Fleet) -> None:
    for number in range(4):
        fleet.release(TOOL, f"1.{number}", script(f"{number}"))
        fleet.once()
    assert fleet.versions() == ["1.2", "1.3"]


def test_a_version_that_fails_its_check_is_never_used(fleet: Fleet) -> None:
    fleet.release(TOOL, "1.0", script("one"))
    fleet.once()
    fleet.release(TOOL, "1.1", script("segfault", code=3))
    with pytest.raises(DidNotStart) as caught:
        fleet.once()
    assert str(caught.value) == "tool 1.1: did not start: ended with 3: segfault"
    assert caught.value.kept == "1.0"
    assert fleet.in_use() == script("one")


def test_a_version_that_does_not_start_is_gone_back_from(fleet: Fleet, tmp_path: Path) -> None:
    component = replace(TOOL, check=(), start=("{executable}", "start"))
    started = tmp_path / "started"
    good = f"#!/bin/sh\necho one >> {started}\n".encode()
    fleet.release(component, "1.0", good)
    fleet.once(component)
    fleet.release(component, "1.1", f"#!/bin/sh\necho two >> {started}\nexit 1\n".encode())
    with pytest.raises(DidNotStart, match=r"tool 1\.1: did not start: ended with 1"):
        fleet.once(component)
    assert fleet.in_use(component) == good
    assert started.read_text().split() == ["one", "two", "one"]


def test_a_first_version_that_does_not_start_leaves_nothing_in_use(fleet: Fleet) -> None:
    component = replace(TOOL, check=(), start=("{executable}",))
    fleet.release(component, "1.0", script("bad", code=1))
    with pytest.raises(DidNotStart) as caught:
        fleet.once(component)
    assert caught.value.kept is None
    assert fleet.agent().executable(component) is None


def test_a_check_that_does_not_end_is_ended(fleet: Fleet) -> None:
    component = replace(TOOL, seconds=0.2)
    fleet.release(component, "1.0", b"#!/bin/sh\nsleep 60\n")
    with pytest.raises(DidNotStart, match=r"was not done after 0\.2 seconds"):
        fleet.once(component)


def test_what_a_check_started_ends_with_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "alive")
    reading = os.open(tmp_path / "alive", os.O_RDONLY | os.O_NONBLOCK)
    command = ["/bin/sh", "-c", "sleep 600 >alive & wait"]
    assert run(command, folder=tmp_path, seconds=0.5, environment={"PATH": os.defpath}) is not None
    deadline = time.monotonic() + 60
    while _written_to(reading):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.close(reading)


def _written_to(reading: int) -> bool:
    """Whether a process has the other end of a pipe open."""
    try:
        return os.read(reading, 1) != b""
    except BlockingIOError:
        return True


def test_a_file_that_is_no_program_does_not_start(fleet: Fleet) -> None:
    fleet.release(TOOL, "1.0", b"\x00\x01\x02")
    with pytest.raises(DidNotStart, match="did not start"):
        fleet.once()


def test_a_check_sees_no_environment_of_ours(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUF_ROOT_PASSPHRASE", "secret")
    fleet.release(TOOL, "1.0", b'#!/bin/sh\n[ -z "$TUF_ROOT_PASSPHRASE" ]\n')
    assert fleet.once().outcome is Outcome.INSTALLED


def test_a_check_is_told_folder_and_version(fleet: Fleet) -> None:
    component = replace(
        TOOL, check=("/bin/sh", "-c", 'test "$1" = 1.0 && test -x "$2/tool"', "sh", "{version}", "{folder}")
    )
    fleet.release(component, "1.0", script("one"))
    assert fleet.once(component).outcome is Outcome.INSTALLED


def test_a_value_that_looks_like_a_place_is_not_filled_again() -> None:
    assert TOOL.command(("{version}",), folder=Path("/f"), version="{folder}") == ["{folder}"]


# Held back


def test_a_release_that_failed_three_times_is_left_alone_for_a_day(fleet: Fleet, clock: FakeClock) -> None:
    fleet.release(TOOL, "1.0", script("one"))
    fleet.once()
    fleet.release(TOOL, "1.1", script("bad", code=1))
    for _ in range(3):
        with pytest.raises(DidNotStart):
            fleet.once()
    held = fleet.once()
    assert held.outcome is Outcome.HELD_BACK
    assert held.held_until == clock() + timedelta(hours=24)
    assert held.executable is not None
    clock.advance(hours=24)
    with pytest.raises(DidNotStart):
        fleet.once()


def test_a_version_that_does_not_start_is_held_back_like_one_that_fails_its_check(fleet: Fleet) -> None:
    component = replace(TOOL, check=(), start=("{executable}",))
    fleet.release(component, "1.0", script("bad", code=1))
    for _ in range(3):
        with pytest.raises(DidNotStart):
            fleet.once(component)
    assert fleet.once(component).outcome is Outcome.HELD_BACK


def test_a_failed_release_is_fetched_once(fleet: Fleet) -> None:
    fleet.release(TOOL, "1.0", script("bad", code=1))
    for _ in range(3):
        with pytest.raises(DidNotStart):
            fleet.once()
    assert len([name for name in fleet.server.asked if name.startswith("targets/")]) == 1


def test_another_release_is_tried_at_once(fleet: Fleet) -> None:
    fleet.release(TOOL, "1.0", script("bad", code=1))
    for _ in range(3):
        with pytest.raises(DidNotStart):
            fleet.once()
    fleet.release(TOOL, "1.1", script("good"))
    assert fleet.once().outcome is Outcome.INSTALLED


# Downgrades


def test_an_older_version_is_refused(fleet: Fleet) -> None:
    fleet.release(TOOL, "1.10", script("newer"))
    fleet.once()
    fleet.release(TOOL, "1.9", script("older"))
    with pytest.raises(DowngradeRefused, match=r"tool 1\.9: 1\.10 is installed, which is newer"):
        fleet.once()
    assert fleet.in_use() == script("newer")


def test_an_older_version_is_installed_where_that_is_allowed(fleet: Fleet) -> None:
    component = replace(TOOL, allow_downgrade=True)
    fleet.release(component, "1.1", script("newer"))
    fleet.once(component)
    fleet.release(component, "1.0", script("older"))
    assert fleet.once(component).outcome is Outcome.INSTALLED
    assert fleet.in_use() == script("older")


def test_going_back_to_the_version_before_fetches_nothing(fleet: Fleet) -> None:
    component = replace(TOOL, allow_downgrade=True)
    for version, says in (("1.0", "older"), ("1.1", "newer")):
        fleet.release(component, version, script(says))
        fleet.once(component)
    fleet.release(component, "1.0", script("older"))
    fleet.server.asked.clear()
    fleet.once(component)
    assert not [name for name in fleet.server.asked if name.startswith("targets/")]


@pytest.mark.parametrize("version", ["", "nightly", "../../etc", "a/b", "x" * 100, ".", "1.0\n"])
def test_a_version_of_any_text_is_installed(fleet: Fleet, version: str) -> None:
    fleet.release(TOOL, version, script("one"))
    assert fleet.once().outcome is Outcome.INSTALLED
    assert fleet.in_use() == script("one")


def test_custom_data_of_any_kind_is_no_version(fleet: Fleet) -> None:
    fleet.forge.add(TOOL.target_path, script("one"))
    fleet.forge.signed["targets"]["targets"][TOOL.target_path]["custom"] = ["1.0"]
    fleet.forge.publish()
    assert fleet.once().outcome is Outcome.INSTALLED


# Archives


def test_an_archive_is_unpacked(fleet: Fleet) -> None:
    fleet.release(APP, "1.0", packed({"app/bin/run": script("one"), "app/data": b"data"}))
    assert fleet.once(APP).outcome is Outcome.INSTALLED
    assert fleet.in_use(APP) == script("one")
    path = fleet.agent().executable(APP)
    assert path is not None
    assert (path.parent.parent / "link").read_bytes() == script("one")


def test_an_archive_without_its_executable_is_refused(fleet: Fleet) -> None:
    fleet.release(APP, "1.0", packed({"app/other": b""}))
    with pytest.raises(BadArchive, match="'app/bin/run' is not in it"):
        fleet.once(APP)
    assert fleet.leftovers(APP) == ["download"]


def test_a_bad_archive_is_held_back_like_a_version_that_does_not_start(fleet: Fleet) -> None:
    fleet.release(APP, "1.0", b"no archive")
    for _ in range(3):
        with pytest.raises(BadArchive):
            fleet.once(APP)
    assert fleet.once(APP).outcome is Outcome.HELD_BACK


# Damage


def test_a_damaged_version_is_repaired(fleet: Fleet) -> None:
    fleet.release(APP, "1.0", packed({"app/bin/run": script("one"), "app/data": b"data"}))
    fleet.once(APP)
    path = fleet.agent().executable(APP)
    assert path is not None
    (path.parent.parent / "data").write_bytes(b"damaged")
    assert fleet.once(APP).outcome is Outcome.REPAIRED
    assert fleet.once(APP).outcome is Outcome.UNCHANGED
    path = fleet.agent().executable(APP)
    assert path is not None
    assert (path.parent.parent / "data").read_bytes() == b"data"
    assert fleet.versions(APP) == ["1.0"]


@pytest.mark.parametrize("what", ["link", "bin/run"])
def test_a_version_that_lost_something_is_repaired(fleet: Fleet, what: str) -> None:
    fleet.release(APP, "1.0", packed({"app/bin/run": script("one")}))
    fleet.once(APP)
    path = fleet.agent().executable(APP)
    assert path is not None
    (path.parent.parent / what).unlink()
    assert fleet.once(APP).outcome is Outcome.REPAIRED


def test_a_lost_record_and_a_lost_pointer_do_no_harm(fleet: Fleet) -> None:
    fleet.release(TOOL, "1.0", script("one"))
    fleet.once()
    (fleet.folder / "components/tool/state.json").write_bytes(b"{")
    assert fleet.once().outcome is Outcome.UNCHANGED
    (fleet.folder / "components/tool/current").unlink()
    fleet.server.asked.clear()
    assert fleet.once().outcome is Outcome.INSTALLED
    assert fleet.in_use() == script("one")
    assert not [name for name in fleet.server.asked if name.startswith("targets/")]


# A run that was killed


def trial(fleet: Fleet, component: Component, *, started: bool) -> None:
    """Leave what a run leaves that was killed after the switch to the newest version."""
    folder = fleet.folder / "components" / component.folder_name
    names = {path.name.partition("-")[0]: path.name for path in folder.iterdir() if "-" in path.name}
    record: dict[str, Any] = {"before": None, "failures": {}}
    record["trial"] = {"from": names["1.0"], "to": names["1.1"], "started": started}
    (folder / "state.json").write_text(json.dumps(record))


@pytest.mark.parametrize("started", [False, True])
@pytest.mark.parametrize("good", [False, True])
def test_a_trial_that_was_interrupted_is_ended(fleet: Fleet, tmp_path: Path, good: bool, started: bool) -> None:
    broken = tmp_path / "broken"
    command = ("/bin/sh", "-c", f"! test -e {broken}")
    component = replace(
        TOOL, check=command, start=("/bin/sh", "-c", f"! test -e {broken} && echo >> {tmp_path}/starts")
    )
    for version in ("1.0", "1.1"):
        fleet.release(component, version, script(version))
        fleet.once(component)
    trial(fleet, component, started=started)
    (tmp_path / "starts").unlink()
    if good:
        assert fleet.once(component).outcome is Outcome.UNCHANGED
        assert fleet.in_use(component) == script("1.1")
        assert (tmp_path / "starts").exists() is not started  # what was begun is not begun again
    else:
        broken.touch()
        with pytest.raises(DidNotStart, match=r"tool 1\.1"):
            fleet.once(component)
        assert fleet.in_use(component) == script("1.0")


def test_a_start_that_kills_the_agent_does_not_kill_it_again_and_again(fleet: Fleet) -> None:
    """An agent that restarts the service that it is itself finds, started anew, its trial begun."""
    component = replace(TOOL, start=("/bin/sh", "-c", "exit 0"))
    fleet.release(component, "1.0", script("one"))
    seen: list[bool] = []

    class Killed(BaseException):
        pass

    def killed(command: list[str], **_: object) -> str | None:
        seen.append("exit 0" in command)
        if seen[-1]:
            raise Killed
        return None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tufkeep.agent.update.run", killed)
        with pytest.raises(Killed):
            fleet.once(component)
        assert fleet.once(component).outcome is Outcome.UNCHANGED
    assert seen == [False, True, False]  # check, start, check


# What the rest of the world may do


def test_an_agent_that_cannot_reach_its_server_leaves_everything_as_it_is(fleet: Fleet) -> None:
    fleet.release(TOOL, "1.0", script("one"))
    fleet.once()
    fleet.server.answers["timestamp.json"] = Unreachable("there", "timed out")
    with pytest.raises(Unreachable):
        fleet.once()
    assert fleet.in_use() == script("one")


def test_an_agent_with_expired_metadata_leaves_everything_as_it_is(fleet: Fleet, clock: FakeClock) -> None:
    fleet.release(TOOL, "1.0", script("one"))
    fleet.once()
    clock.advance(days=100)
    with pytest.raises(ExpiredMetadata):
        fleet.once()
    assert fleet.in_use() == script("one")


def test_tampered_bytes_are_not_installed(fleet: Fleet) -> None:
    fleet.release(TOOL, "1.0", script("one"))
    for entry in fleet.forge.store.list("targets/"):
        fleet.server.answers[entry.name] = script("two")
    with pytest.raises(HashMismatch):
        fleet.once()
    assert fleet.agent().executable(TOOL) is None


def test_a_component_that_the_channel_does_not_offer_is_not_found(fleet: Fleet) -> None:
    with pytest.raises(TargetNotFound, match="target 'tool/linux/stable/tool' is not in the repository"):
        fleet.once()


@pytest.mark.parametrize(
    "component",
    [
        replace(TOOL, name="../.."),
        replace(TOOL, platform="../.."),
        replace(TOOL, channel="../.."),
        replace(TOOL, file="../.."),
        replace(TOOL, name=""),
    ],
)
def test_a_component_that_would_lead_elsewhere_is_refused(fleet: Fleet, component: Component) -> None:
    with pytest.raises(UnsafeTargetPath):
        fleet.once(component)


def test_a_target_whose_hash_names_another_folder_is_refused(fleet: Fleet) -> None:
    fleet.release(TOOL, "1.0", script("one"))
    fleet.forge.signed["targets"]["targets"][TOOL.target_path]["hashes"] = {"sha256": "../../../escape"}
    fleet.forge.publish()
    with pytest.raises(MalformedMetadata):
        fleet.once()


def test_a_component_with_a_slash_in_its_name_has_one_folder(fleet: Fleet) -> None:
    component = replace(TOOL, name="extensions/hello")
    fleet.release(component, "1.0", script("one"))
    fleet.once(component)
    assert [path.name for path in (fleet.folder / "components").iterdir() if path.is_dir()] == ["extensions%2Fhello"]


def test_a_big_artifact_goes_on_after_a_cut_and_leaves_nothing(fleet: Fleet) -> None:
    big = script("big") + os.urandom(PIECE_BYTES + 1000)
    fleet.release(TOOL, "1.0", big)
    names = [entry.name for entry in fleet.forge.store.list("targets/")]
    for name in names:
        fleet.server.cut(name, PIECE_BYTES + 10, 1, 1, 1, 1)
    assert fleet.once().outcome is Outcome.INSTALLED
    assert fleet.leftovers() == []


def test_two_agents_on_one_component_take_turns(fleet: Fleet) -> None:
    fleet.release(TOOL, "1.0", script("one"))
    fleet.patience_seconds = 0
    with FolderStore(fleet.folder).lock("components/tool", note="busy"), pytest.raises(Locked, match="busy"):
        fleet.once()


def test_a_signal_is_told_as_one(tmp_path: Path) -> None:
    command = ["/bin/sh", "-c", "kill -9 $$"]
    reason = run(command, folder=tmp_path, seconds=60, environment={})
    assert reason == f"was ended by signal {int(signal.SIGKILL)}"
