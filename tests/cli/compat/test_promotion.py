"""Scripts promote by `--target repository/targets/...`: that is the committed target, whatever its file is called."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from tests.cli.compat.folders import FIXTURES, TUF_PASSPHRASES, copy_of, sha512, signed
from tests.cli.compat.test_fleetctl import updates
from tests.cli.compat.twins import Answer
from tufkeep.cli.base.process import Process
from tufkeep.cli.main import run as tufkeep

EDGE = "repository/targets/orbit/linux/edge/orbit"


@pytest.fixture(params=["plain", "consistent", "migrated"])
def released(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A repository whose edge channel has version 2."""
    start = "fresh" if request.param == "consistent" else "cs-false"
    folder = copy_of(FIXTURES / start, tmp_path / request.param)
    release(folder, "1", "one")
    if request.param == "migrated":
        migrate(folder)
    release(folder, "2", "two")
    return folder


def release(folder: Path, version: str, text: str) -> None:
    (folder / "orbit").write_text(text)
    flags = ("--target", "orbit", "--name", "orbit", "--platform", "linux", "--version", version, "-t", "edge")
    assert updates(folder, "add", *flags).code == 0


def migrate(folder: Path) -> None:
    process = Process(stdin=io.StringIO(), stdout=io.StringIO(), stderr=io.StringIO(), environment=TUF_PASSPHRASES)
    for command in (["migrate", "consistent-snapshot"], ["commit"]):
        assert tufkeep(["--dir", str(folder), *command], process) == 0


def promote(folder: Path, target: str) -> Answer:
    flags = ("--target", target, "--name", "orbit", "--platform", "linux", "--version", "2", "-t", "stable")
    return updates(folder, "add", *flags)


def listed(folder: Path, channel: str) -> Any:
    return signed(folder, "targets")["targets"][f"orbit/linux/{channel}/orbit"]["hashes"]


def test_the_bytes_that_are_signed_are_promoted(released: Path) -> None:
    done = promote(released, EDGE)
    assert done.code == 0, done.err
    assert listed(released, "stable") == listed(released, "edge") == {"sha512": sha512("two")}


def test_a_stored_name_stands_for_its_target(released: Path) -> None:
    (stored,) = {file for file in (released / EDGE).parent.iterdir() if file.read_text() == "two"}
    assert promote(released, str(stored)).code == 0
    assert listed(released, "stable") == {"sha512": sha512("two")}


def test_a_file_of_an_earlier_release_is_not_promoted(released: Path) -> None:
    (released / EDGE).write_text("one")
    done = promote(released, EDGE)
    if released.name == "plain":  # it replaces the artifact itself
        assert done.code == 1
        assert done.err.startswith(
            "Error: target orbit/linux/edge/orbit: its signed artifact is not in repository/targets\nhint: "
        )
    else:
        assert done.code == 0
        assert listed(released, "stable") == {"sha512": sha512("two")}


def test_a_path_that_no_committed_target_has_is_refused(released: Path) -> None:
    (released / "repository/targets/stray").write_text("stray")
    refused = promote(released, "repository/targets/stray")
    assert refused.code == 1
    assert refused.err.startswith("Error: target stray: not committed\nhint: ")
    assert "orbit/linux/stable/orbit" not in signed(released, "targets")["targets"]
