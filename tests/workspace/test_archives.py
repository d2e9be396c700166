"""`add` says what an agent would say of an archive."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from tufkeep.workspace import Workspace


def packed(*names: str) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as opened:
        for name in names:
            opened.addfile(tarfile.TarInfo(name))
    return data.getvalue()


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "updates", passphrases=lambda request: "some words for a test")


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("app.tar.gz", packed("a", "b"), ()),
        ("app.tar.gz", packed("a", "a"), ("app.tar.gz: agents refuse to unpack it: 'a' is in it twice",)),
        (
            "app.tgz",
            packed("../a"),
            ("app.tgz: agents refuse to unpack it: '../a' has a segment that is empty, . or ..",),
        ),
        (
            "app.tar.gz",
            packed("a") + gzip.compress(b"x"),
            ("app.tar.gz: agents refuse to unpack it: goes on behind its end mark",),
        ),
        ("app.zip", b"PK is a file to every agent", ()),
        ("app", packed("../a"), ()),
    ],
    ids=[
        "sound",
        "a name twice",
        "a way out",
        "more behind it",
        "a zip",
        "no archive by its name",
    ],  # bytes have a time
)
def test_add_warns_of_what_agents_refuse(
    workspace: Workspace, tmp_path: Path, name: str, data: bytes, said: tuple[str, ...]
) -> None:
    (tmp_path / name).write_bytes(data)
    staged = workspace.add(tmp_path / name)
    assert tuple(each.sentence for each in staged.not_unpacked) == said
    assert workspace.commit()
