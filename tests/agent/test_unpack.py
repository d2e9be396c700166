from __future__ import annotations

import io
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tufkeep.agent.unpack import unpack
from tufkeep.archives.rules import ArchiveLimits, BadArchive, require_inside
from tufkeep.stores import FolderStore, StoreFull
from tufkeep.testing.broken import BrokenStore

Entry = tarfile.TarInfo | tuple[str, bytes]


def entry(name: str, *, kind: bytes = tarfile.REGTYPE, link: str = "", mode: int = 0o644) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.mode = kind, link, mode
    return info


def archive(*entries: Entry) -> io.BytesIO:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        for each in entries:
            info, body = (entry(each[0]), each[1]) if isinstance(each, tuple) else (each, b"")
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    return io.BytesIO(data.getvalue())


def link(name: str, target: str) -> tarfile.TarInfo:
    return entry(name, kind=tarfile.SYMTYPE, link=target)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "outer" / "folder"


def found(tmp_path: Path) -> list[str]:
    return sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))


def test_files_folders_and_links_come_out(folder: Path) -> None:
    contents = unpack(
        archive(
            entry("./", kind=tarfile.DIRTYPE),
            entry("./app", kind=tarfile.DIRTYPE),
            ("./app/data", b"data"),
            ("app/bin", b"#!/bin/sh"),
            entry("app/empty/below", kind=tarfile.DIRTYPE),
            link("app/latest", "data"),
            link("deep/er/up", "../../app/latest"),
            entry("app/twin", kind=tarfile.LNKTYPE, link="app/data"),
        ),
        folder,
    )
    assert (folder / "app/data").read_bytes() == b"data"
    assert (folder / "app/twin").read_bytes() == b"data"
    assert (folder / "deep/er/up").read_bytes() == b"data"
    assert (folder / "app/empty/below").is_dir()
    assert contents.files.keys() == {"app/data", "app/bin", "app/twin"}
    assert contents.links == {"app/latest": "data", "deep/er/up": "../../app/latest"}


@pytest.mark.parametrize(
    ("mode", "expected"),
    [(0o644, 0o644), (0o600, 0o644), (0o666, 0o644), (0o755, 0o755), (0o100, 0o755), (0o7777, 0o755)],
)
def test_no_special_bit_comes_out(folder: Path, mode: int, expected: int) -> None:
    unpack(archive(entry("file", mode=mode)), folder)
    assert stat.S_IMODE((folder / "file").stat().st_mode) == expected


@pytest.mark.parametrize(
    "name", ["../escape", "/etc/passwd", "a/../../b", "..", "a//b", "c:/x", "a\\b", "a/./b", "x\ny", "..\\x"]
)
@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_an_entry_that_leaves_its_folder_is_refused(tmp_path: Path, folder: Path, name: str, kind: bytes) -> None:
    with pytest.raises(BadArchive, match=r"is absolute|empty, \. or \.\.|backslash|control character"):
        unpack(archive(entry(name, kind=kind, link="x")), folder)
    assert all(path in ("outer", "outer/folder") for path in found(tmp_path))


@pytest.mark.parametrize(
    "target", ["/etc/passwd", "../x", "../../x", "a/../../x", "a/..", "", ".", "..", "x\\y", "c:/x", "./x"]
)
def test_a_link_out_of_its_folder_is_refused(tmp_path: Path, folder: Path, target: str) -> None:
    with pytest.raises(BadArchive, match=r"is a link to .*(out of the archive|which (is|has|contains) )"):
        unpack(archive(("a/file", b""), link("link", target)), folder)
    assert not (folder / "link").is_symlink()


def test_a_link_over_another_link_leads_nowhere_else(tmp_path: Path, folder: Path) -> None:
    """`d` means the top; `d/../secret` would mean a file beside the folder."""
    (tmp_path / "outer").mkdir()
    (tmp_path / "outer" / "secret").write_bytes(b"secret")
    with pytest.raises(BadArchive, match=r"is a link to .*which has a segment"):
        unpack(archive(("p/q/file", b""), link("p/q/d", "../.."), link("e", "p/q/d/../secret")), folder)


@pytest.mark.parametrize("first", [True, False])
def test_nothing_is_written_through_a_link(tmp_path: Path, folder: Path, first: bool) -> None:
    entries: list[Entry] = [link("a", "b"), ("a/file", b"data")]
    with pytest.raises(BadArchive):
        unpack(archive(("b/other", b""), *(entries if first else entries[::-1])), folder)
    assert not (folder / "b" / "file").exists()


def test_no_link_is_made_through_a_link(folder: Path) -> None:
    with pytest.raises(BadArchive):
        unpack(archive(("b/other", b""), link("a", "b"), link("a/c", "other")), folder)
    assert not (folder / "b" / "c").is_symlink()


def test_no_folder_is_made_through_a_link(folder: Path) -> None:
    with pytest.raises(BadArchive):
        unpack(archive(("b/other", b""), link("a", "b"), entry("a/c", kind=tarfile.DIRTYPE)), folder)
    assert not (folder / "b" / "c").exists()


@pytest.mark.parametrize("target", ["../outside", "/etc/passwd", "missing", "later", "link"])
def test_a_hard_link_to_what_is_no_file_before_it_is_refused(folder: Path, target: str) -> None:
    entries: list[Entry] = [link("link", "x"), entry("twin", kind=tarfile.LNKTYPE, link=target), ("later", b"")]
    with pytest.raises(BadArchive, match="no file before it"):
        unpack(archive(*entries), folder)


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.CONTTYPE + b""])
def test_devices_and_pipes_are_refused(folder: Path, kind: bytes) -> None:
    if kind == tarfile.CONTTYPE:
        unpack(archive(entry("x", kind=kind)), folder)  # an old name for a plain file
        return
    with pytest.raises(BadArchive, match="neither file, folder nor link"):
        unpack(archive(entry("x", kind=kind)), folder)


@pytest.mark.parametrize(
    "entries", [[("x", b"1"), ("x", b"2")], [("x", b"1"), ("./x", b"2")], [link("x", "y"), ("x", b"")]]
)
def test_an_entry_that_stands_twice_is_refused(folder: Path, entries: list[Entry]) -> None:
    with pytest.raises(BadArchive, match="twice"):
        unpack(archive(*entries), folder)


@pytest.mark.parametrize("entries", [[("x", b""), ("x/y", b"")], [("x", b""), entry("x", kind=tarfile.DIRTYPE)]])
def test_a_file_that_is_also_a_folder_is_refused(folder: Path, entries: list[Entry]) -> None:
    with pytest.raises(BadArchive):
        unpack(archive(*entries), folder)


def test_a_bomb_is_noticed_before_it_fills_the_disk(folder: Path) -> None:
    with pytest.raises(BadArchive, match="unpacks to more than 1,000 bytes"):
        unpack(archive(("x", b"\0" * 600), ("y", b"\0" * 10_000_000)), folder, limits=ArchiveLimits(total_bytes=1000))
    assert not (folder / "y").exists()


def test_too_many_entries_are_refused(folder: Path) -> None:
    with pytest.raises(BadArchive, match="contains more than 3 files"):
        unpack(archive(*[(f"f{n}", b"") for n in range(4)]), folder, limits=ArchiveLimits(entries=3))


WHOLE = archive(("file", bytes(range(256)) * 1000)).getvalue()
Damage = Callable[[bytes], bytes]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"no archive",
        lambda data: data[: len(data) // 2],
        lambda data: data[:20],
        lambda data: data[:40] + b"\xff" * 40 + data[80:],
        lambda data: __import__("gzip").decompress(data),
        lambda data: __import__("gzip").compress(b"not a tar" * 1000),
    ],
)
def test_a_broken_archive_is_called_broken(folder: Path, damage: Damage) -> None:
    with pytest.raises(BadArchive, match="is broken"):
        unpack(io.BytesIO(damage(WHOLE)), folder)


def test_a_full_disk_is_not_the_archives_fault(folder: Path) -> None:
    full = BrokenStore(FolderStore(folder), stop_at=1, full=True)
    with pytest.raises(StoreFull):
        unpack(archive(("x", b"data")), folder, store=full)


SEGMENT = st.sampled_from(["a", "b", "c", "..", "."])
PATH = st.lists(SEGMENT, min_size=1, max_size=5).map("/".join)
SAFE = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3).map("/".join)


@given(links=st.dictionaries(SAFE, PATH, max_size=6))
def test_no_set_of_links_leads_out(links: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("links") / "folder"
    try:
        unpack(archive(*[link(name, target) for name, target in links.items()]), folder)
    except BadArchive:
        return
    for name in links:
        try:
            resolved = (folder / name).resolve()
        except (RuntimeError, OSError):
            continue  # a circle
        assert resolved.is_relative_to(folder.resolve())


@given(name=SAFE, target=PATH)
def test_a_link_that_is_accepted_points_inside_by_itself(name: str, target: str) -> None:
    try:
        require_inside(name, target)
    except BadArchive:
        return
    depth = name.count("/")
    for segment in target.split("/"):
        depth += -1 if segment == ".." else 1
        assert depth >= 0
