"""What a machine, a publisher or a disk does to an agent's folder is healed by the next run, or named."""

from __future__ import annotations

import os
import platform
import stat
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.agent.agent_story import APP, TOOL, Fleet, packed, script
from tufkeep.agent import Component, Outcome
from tufkeep.agent.component import this_platform
from tufkeep.agent.outcome import DowngradeRefused
from tufkeep.agent.start import run
from tufkeep.client.walk import TargetNotFound
from tufkeep.errors import TufkeepError
from tufkeep.testing.clock import FakeClock

DAMAGE = {
    "empty": b"",
    "cut": b'{"ver',
    "NULs": bytes(3000),
    "no UTF-8": b'{"version": "\xff\xfe"}',
    "nested": b"[" * 1000 + b"]" * 1000,
    "nested deeper": b'{"a":' * 100_000,
    "another kind": b'{"version": 5, "digest": [], "files": 7, "links": null, "before": {}, "trial": 1, "failures": 2}',
    "endless": b'{"before": null, "trial": null, "failures": {"x": {"count": 1e999, "last": ""}}}',
    "a folder": None,
}


@pytest.fixture(params=[True, False], ids=["link", "file"])
def fleet(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> Fleet:
    return Fleet(tmp_path, clock, links=request.param)


@pytest.fixture(params=[0o077, 0o022, 0o000], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def damage(path: Path, data: bytes | None) -> None:
    path.unlink(missing_ok=True)
    if data is not None:
        path.write_bytes(data)
    else:
        path.mkdir()
        (path / "somebody's").write_bytes(b"data")


def home(fleet: Fleet, component: Component = TOOL) -> Path:
    return fleet.folder / "components" / component.folder_name


@pytest.mark.parametrize("data", DAMAGE.values(), ids=DAMAGE.keys())
@pytest.mark.parametrize("name", ["state.json", "current", "contents", "download"])
def test_a_damaged_file_is_dropped_once_and_made_again(fleet: Fleet, name: str, data: bytes | None) -> None:
    fleet.release(TOOL, "1.0", script("one"))
    fleet.once()
    (folder,) = home(fleet).glob("1.0-*")
    damage(folder / ".tufkeep/contents" if name == "contents" else home(fleet) / name, data)
    fleet.agent().executable(TOOL)
    fleet.once()
    assert fleet.once().outcome is Outcome.UNCHANGED
    assert fleet.in_use() == script("one")
    fleet.release(TOOL, "1.1", script("two"))
    assert fleet.once().outcome is Outcome.INSTALLED
    assert fleet.in_use() == script("two")


@pytest.mark.parametrize("name", ["current", "state.json"])
def test_a_folder_in_the_place_of_a_file_is_moved_aside_with_all_that_is_in_it(fleet: Fleet, name: str) -> None:
    fleet.release(TOOL, "1.0", script("one"))
    fleet.once()
    for number in (1, 2):
        damage(home(fleet) / name, None)
        fleet.release(TOOL, f"1.{number}", script(str(number)))
        fleet.once()
        assert (home(fleet) / f"{name}.aside-{number}" / "somebody's").read_bytes() == b"data"
        assert fleet.in_use() == script(str(number))


@pytest.mark.parametrize("text", ["..", ".", "/etc", "a\0b", "a\nb", "x" * 5000])
def test_a_pointer_leads_to_a_folder_beside_it_or_nowhere(fleet: Fleet, text: str) -> None:
    fleet.release(TOOL, "1.0", script("one"))
    fleet.once()
    damage(home(fleet) / "current", text.encode())
    found = fleet.agent().executable(TOOL)
    assert found is None or found.resolve().is_relative_to(home(fleet).resolve())
    assert fleet.once().outcome is Outcome.INSTALLED


@pytest.mark.parametrize("name", ["app/bin/run", "app/data"])
def test_executable_bits_are_part_of_what_was_installed(fleet: Fleet, name: str) -> None:
    fleet.release(APP, "1.0", packed({"app/bin/run": script("one"), "app/data": b"data"}))
    fleet.once(APP)
    (folder,) = home(fleet, APP).glob("1.0-*")
    (folder / name).chmod(0o644)
    assert fleet.once(APP).outcome is Outcome.REPAIRED
    assert fleet.once(APP).outcome is Outcome.UNCHANGED
    path = fleet.agent().executable(APP)
    assert path is not None
    assert os.access(path, os.X_OK)


def test_the_label_of_what_is_installed_can_be_corrected(fleet: Fleet) -> None:
    fleet.release(TOOL, "12.0.0", script("one"))
    fleet.once()
    fleet.release(TOOL, "1.2.0", script("one"))
    update = fleet.once()
    assert (update.outcome, update.version, update.before) == (Outcome.UNCHANGED, "1.2.0", "1.2.0")
    fleet.release(TOOL, "1.3.0", script("two"))
    update = fleet.once()
    assert (update.outcome, update.version, update.before) == (Outcome.INSTALLED, "1.3.0", "1.2.0")
    fleet.release(TOOL, "1.2.5", script("three"))
    with pytest.raises(DowngradeRefused):
        fleet.once()


def modes(folder: Path) -> dict[str, int]:
    return {
        path.relative_to(folder.parent).as_posix(): stat.S_IMODE(path.stat().st_mode)
        for path in (folder, *folder.rglob("*"))
        if "trust" not in path.parts and not path.is_symlink()
    }


@pytest.mark.skipif(os.name == "nt", reason="there are no modes")
def test_modes_are_the_same_whatever_the_umask(tmp_path: Path, clock: FakeClock, umask: int) -> None:
    fleet = Fleet(tmp_path / "machine", clock)
    fleet.release(APP, "1.0", packed({"app/bin/run": script("one"), "app/data": b"data"}))
    fleet.release(TOOL, "1.0", script("tool"))
    for component in (APP, TOOL):
        fleet.once(component)
    for name, mode in modes(fleet.folder / "components").items():
        assert mode in ({0o755} if (fleet.folder / name).is_dir() else {0o644, 0o755}), f"{name} is {mode:o}"


# What a command may print


def sh(script: str, folder: Path, *, seconds: float = 20, stays: bool = False) -> str | None:
    environment = {"PATH": os.defpath}
    return run(["/bin/sh", "-c", script], folder=folder, seconds=seconds, environment=environment, stays=stays)


def test_the_end_of_what_a_check_prints_is_kept_and_no_more(tmp_path: Path) -> None:
    said = sh("head -c 3000000 /dev/zero | tr '\\0' x; echo the reason; exit 3", tmp_path)
    assert said is not None
    assert said.startswith("ended with 3: xxx")
    assert said.endswith("xthe reason")
    assert len(said) < 400
    assert list(tmp_path.iterdir()) == []


def test_what_a_check_leaves_running_is_not_waited_for(tmp_path: Path) -> None:
    assert sh("sleep 5 & exit 0", tmp_path, seconds=3) is None


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_service_prints_to_nowhere(tmp_path: Path) -> None:
    assert (
        sh('test "$(readlink /proc/$$/fd/1)$(readlink /proc/$$/fd/2)" = /dev/null/dev/null', tmp_path, stays=True)
        is None
    )


def test_no_writable_folder_for_temporary_files_is_needed(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise FileNotFoundError("no usable temporary directory")

    monkeypatch.setattr("tempfile.TemporaryFile", refused)
    monkeypatch.setattr("tempfile.gettempdir", refused)
    fleet.release(APP, "1.0", packed({"app/bin/run": script("one")}))
    assert fleet.once(APP).outcome is Outcome.INSTALLED


def test_an_argument_that_no_system_takes_is_a_reason() -> None:
    assert run(["a\0b"], folder=Path(), seconds=1, environment={}) == "a\\x00b: embedded null byte"


# Platforms


@pytest.mark.parametrize(
    ("system", "machine", "name"),
    [
        ("linux", "x86_64", "linux"),
        ("linux", "aarch64", "linux-arm64"),
        ("win32", "ARM64", "windows-arm64"),
        ("win32", "AMD64", "windows"),
        ("darwin", "arm64", "macos"),
        ("linux", "riscv64", "linux"),
    ],
)
def test_a_platform_knows_its_processor(monkeypatch: pytest.MonkeyPatch, system: str, machine: str, name: str) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    assert this_platform() == name


def test_the_systems_build_is_taken_where_the_processor_has_none(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tufkeep.agent.component.this_platform", lambda: "linux-arm64")
    mine = replace(TOOL, platform="")
    with pytest.raises(TargetNotFound, match="tool/linux-arm64/stable/tool"):
        fleet.once(mine)
    fleet.release(TOOL, "1.0", script("any"))
    assert fleet.once(mine).version == "1.0"
    fleet.release(replace(TOOL, platform="linux-arm64"), "1.1", script("arm"))
    assert fleet.once(mine).version == "1.1"
    assert fleet.in_use(mine) == script("arm")


def test_a_platform_that_was_named_is_the_only_one(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tufkeep.agent.component.this_platform", lambda: "linux-arm64")
    fleet.release(TOOL, "1.0", script("any"))
    with pytest.raises(TargetNotFound):
        fleet.once(replace(TOOL, platform="linux-arm64"))


@pytest.mark.parametrize("what", [".", "components", "components/tool"])
def test_a_file_in_the_place_of_the_agents_folder_is_named(tmp_path: Path, clock: FakeClock, what: str) -> None:
    fleet = Fleet(tmp_path, clock)
    fleet.release(TOOL, "1.0", script("one"))
    place = fleet.folder / what
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(b"a file")
    with pytest.raises(TufkeepError):
        fleet.once()
