from __future__ import annotations

import os
from pathlib import Path

import pytest

from tufkeep.keys.modes import loose_mode, modes_below


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700, None])
def test_a_key_file_for_its_owner_alone_is_fine(mode: int | None) -> None:
    assert loose_mode("root.json", mode) is None


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o610, 0o666, 0o777])
def test_a_key_file_that_others_get_at_is_told(mode: int) -> None:
    loose = loose_mode("root.json", mode)
    assert loose is not None
    assert loose.sentence == f"root.json: mode {mode:04o} lets others in, 0600 would not"


def test_the_folder_has_a_mode_of_its_own() -> None:
    assert loose_mode(".", 0o700) is None
    loose = loose_mode(".", 0o755)
    assert loose is not None
    assert loose.sentence == "the key folder: mode 0755 lets others in, 0700 would not"


def test_modes_are_read_from_the_disk(tmp_path: Path) -> None:
    (tmp_path / "root.json").touch(0o600)
    (tmp_path / "root.json").chmod(0o640)
    tmp_path.chmod(0o750)
    mode = modes_below(tmp_path)
    assert mode("root.json") == 0o640
    assert mode(".") == 0o750


def test_a_file_that_is_gone_has_no_mode(tmp_path: Path) -> None:
    assert modes_below(tmp_path)("root.json") is None


@pytest.mark.parametrize(("system", "told"), [("vfat", None), ("exfat", None), ("ext4", 0o644)])
def test_a_file_system_without_modes_has_none_whatever_it_shows(tmp_path: Path, system: str, told: int | None) -> None:
    (tmp_path / "root.json").touch()
    (tmp_path / "root.json").chmod(0o644)
    device = tmp_path.stat().st_dev
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "short\n36 35 98765:0 / /mnt rw,noatime - ext3 /dev/root rw\n"
        f"37 35 {os.major(device)}:{os.minor(device)} / /media/stick rw shared:1 - {system} /dev/sdb1 rw,fmask=0022\n"
    )
    assert modes_below(tmp_path, mounts=mounts)("root.json") == told


def test_where_nothing_tells_the_file_system_modes_are_taken_as_shown(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert modes_below(tmp_path, mounts=tmp_path / "missing")(".") == 0o755
