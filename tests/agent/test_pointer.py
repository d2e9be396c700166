from __future__ import annotations

from pathlib import Path

import pytest

from tufkeep.agent.pointer import Pointer


@pytest.mark.parametrize("links", [True, False], ids=["link", "file"])
def test_a_pointer_reads_back_what_it_was_switched_to(tmp_path: Path, links: bool) -> None:
    pointer = Pointer(tmp_path / "current", links=links)
    assert pointer.read() is None
    for name in ("1.0-abc", "1.1-def", "1.0-abc"):
        (tmp_path / name).mkdir(exist_ok=True)
        pointer.switch(name)
        assert pointer.read() == name
        assert (tmp_path / "current").is_symlink() == links
    pointer.switch(None)
    assert pointer.read() is None
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.endswith(".lock")) == ["1.0-abc", "1.1-def"]


def test_a_link_may_replace_a_file(tmp_path: Path) -> None:
    Pointer(tmp_path / "current", links=False).switch("old")
    Pointer(tmp_path / "current", links=True).switch("new")
    assert Pointer(tmp_path / "current", links=False).read() == "new"


@pytest.mark.parametrize("damage", [b"", b"\n", b"a/b", b"\xff\xfe", b"a\\b"])
def test_a_damaged_pointer_points_nowhere(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "current").write_bytes(damage)
    assert Pointer(tmp_path / "current").read() is None
