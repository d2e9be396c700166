"""`tuf regenerate` makes targets.json from the files there are."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.compat.folders import FIXTURES, ROLES, copy_of, sha512
from tests.cli.compat.twins import Here


@pytest.fixture(params=["fresh-plain", "no-prefixes"])
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Here:
    """A repository with a target that has custom data, with consistent snapshots, or without."""
    if request.param == "fresh-plain":
        found = Here(copy_of(FIXTURES / "fresh-plain", tmp_path / "here"), {})
    else:
        (tmp_path / "here").mkdir()
        found = Here(tmp_path / "here", {})
        found.fine("init", "--consistent-snapshot=false")
        for role in ROLES:
            found.fine("gen-key", role)
    found.place("staged/targets/dir/custom", "custom")
    found.fine("add", '--custom={"version":"1"}', "dir/custom")
    for command in ("snapshot", "timestamp", "commit"):
        found.fine(command)
    return found


def stored(here: Here, name: str) -> Path:
    (found,) = (path for path in (here.folder / "repository/targets").rglob("*") if path.name.endswith(name))
    return found


def test_what_is_right_stays_as_it_is(here: Here) -> None:
    before = here.role("targets")["targets"]
    here.fine("regenerate")
    assert here.role("targets")["targets"] == before
    here.publish()


def test_lost_metadata_is_made_from_the_files(here: Here) -> None:
    before = here.role("targets")
    for file in (here.folder / "repository").glob("*targets.json"):
        file.unlink()
    here.fine("regenerate")
    after = here.role("targets")
    assert after["version"] == before["version"] + 1
    assert {path: entry["hashes"] for path, entry in after["targets"].items()} == {
        path: entry["hashes"] for path, entry in before["targets"].items()
    }
    for command in ("snapshot", "timestamp", "commit"):
        here.fine(command)


def test_what_has_no_file_is_listed_no_more(here: Here) -> None:
    stored(here, "custom").unlink()
    done = here.fine("regenerate")
    assert "tuf: dir/custom is no longer listed: there is no such file" in done.err
    assert "dir/custom" not in here.role("targets")["targets"]


def test_staged_files_come_in_and_win(here: Here) -> None:
    here.place("staged/targets/dir/custom", "newer")
    here.place("staged/targets/new", "new")
    here.fine("regenerate")
    targets = here.role("targets")["targets"]
    assert targets["dir/custom"]["hashes"] == {"sha512": sha512("newer")}
    assert targets["dir/custom"]["custom"] == {"version": "1"}
    assert "new" in targets
    for command in ("snapshot", "timestamp", "commit"):
        here.fine(command)


def test_a_file_that_is_not_what_its_name_says_is_left_out(tmp_path: Path) -> None:
    here = Here(copy_of(FIXTURES / "fresh-plain", tmp_path / "here"), {})
    stored(here, "hello.txt").write_text("tampered")
    done = here.fine("regenerate")
    assert "is not what the hash in its name says" in done.err
    assert "hello.txt" not in here.role("targets")["targets"]


def test_several_contents_of_one_target_are_for_a_person_to_choose(tmp_path: Path) -> None:
    here = Here(copy_of(FIXTURES / "fresh-plain", tmp_path / "here"), {})
    there = stored(here, "hello.txt")
    shutil.copy(there, there.with_name(f"{sha512('other')}.hello.txt"))
    there.with_name(f"{sha512('other')}.hello.txt").write_text("other")
    here.fine("regenerate")  # one of them is listed
    assert here.role("targets")["targets"]["hello.txt"]["hashes"] != {"sha512": sha512("other")}
    here.fine("clean")
    for file in (here.folder / "repository").glob("*targets.json"):
        file.unlink()
    refused = here("regenerate")
    assert refused.code == 1
    assert "hint: copy the right one to staged/targets/hello.txt" in refused.err
