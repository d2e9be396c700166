from __future__ import annotations

from pathlib import Path

from tufkeep.stores import FolderStore


def test_standing_folders_are_made_by_the_first_write_and_stay_when_they_are_empty(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "work", standing=("staged/targets",))
    assert not (tmp_path / "work").exists()
    store.write("staged/targets/deep/tool", b"1")
    store.delete("staged/targets/deep/tool")
    assert (tmp_path / "work" / "staged" / "targets").is_dir()
    assert not (tmp_path / "work" / "staged" / "targets" / "deep").exists()
