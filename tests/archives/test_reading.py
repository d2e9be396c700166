"""An archive is installed exactly as it is, or refused with one sentence: nothing of it is lost on the way."""

from __future__ import annotations

import gzip
import io
import random
import struct
import tarfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from tufkeep.agent.unpack import unpack
from tufkeep.archives.reading import ArchivedFile, read_archive, refusal
from tufkeep.archives.rules import ArchiveLimits, BadArchive, Contained

FILES = {"app/run": b"#!/bin/sh\n", "app/data": bytes(range(256)) * 9, "app/empty": b"", "readme": b"x" * 512}
FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}


def tar(files: dict[str, bytes], *, format: int = tarfile.PAX_FORMAT, kind: bytes = tarfile.REGTYPE) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=format) as opened:
        for name, body in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.type, info.mode = len(body), kind, 0o755 if name.endswith("run") else 0o644
            opened.addfile(info, io.BytesIO(body))
    return data.getvalue()


def names(count: int) -> dict[str, bytes]:
    return {f"f{number}": b"" for number in range(count)}


def read(data: bytes, limits: ArchiveLimits | None = None) -> dict[str, bytes]:
    return {
        each.name: b"".join(each.chunks)
        for each in read_archive(io.BytesIO(data), limits=limits)
        if isinstance(each, ArchivedFile)
    }


def members(data: bytes, *cuts: int) -> bytes:
    """Return data as a gzip file of several members."""
    edges = [0, *cuts, len(data)]
    return b"".join(gzip.compress(data[start:end]) for start, end in pairwise(edges))


@pytest.mark.parametrize("format", FORMATS.values(), ids=FORMATS.keys())
@pytest.mark.parametrize("cuts", [(), (512,), (100, 700, 701), (1024, 1024)])
def test_every_member_of_a_gzip_file_is_read(format: int, cuts: tuple[int, ...]) -> None:
    assert read(members(tar(FILES, format=format), *cuts)) == FILES


WHOLE = tar(FILES)
HEADER_OF_DATA = WHOLE.index(b"app/data")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(gzip.compress(WHOLE) + b"x", id="one byte behind it"),
        pytest.param(gzip.compress(WHOLE) + gzip.compress(WHOLE), id="another archive behind it"),
        pytest.param(gzip.compress(WHOLE) + gzip.compress(WHOLE)[:-9], id="half of another behind it"),
        pytest.param(gzip.compress(WHOLE + b"\1"), id="a byte behind the end mark"),
        pytest.param(gzip.compress(WHOLE.rstrip(b"\0")), id="no end mark"),
        pytest.param(gzip.compress(WHOLE[:HEADER_OF_DATA]), id="cut between two entries"),
        pytest.param(gzip.compress(WHOLE[: HEADER_OF_DATA + 100]), id="cut in a header"),
        pytest.param(gzip.compress(WHOLE[: HEADER_OF_DATA + 700]), id="cut in a file"),
        pytest.param(gzip.compress(WHOLE)[:-1], id="without its last byte"),
        pytest.param(gzip.compress(WHOLE)[:-8] + b"\0" * 8, id="a wrong checksum"),
        pytest.param(gzip.compress(WHOLE[:HEADER_OF_DATA] + b"z" + WHOLE[HEADER_OF_DATA + 1 :]), id="a bad header"),
        pytest.param(gzip.compress(b""), id="nothing"),
        pytest.param(WHOLE, id="not packed"),
    ],
)
def test_what_ends_early_or_goes_on_is_refused(data: bytes) -> None:
    assert refusal(io.BytesIO(data)) is not None
    with pytest.raises(BadArchive):
        read(data)


def test_zeros_behind_an_archive_are_no_harm() -> None:
    assert read(gzip.compress(WHOLE + b"\0" * 5000) + b"\0" * 100) == FILES


def test_folders_count_those_that_only_lead_elsewhere_included() -> None:
    few = ArchiveLimits(entries=10)
    assert len(read(gzip.compress(tar(names(10))), few)) == 10
    for data in (
        tar(names(11)),
        tar(names(11), kind=tarfile.DIRTYPE),
        tar({"/".join("abcdefghij") + "/file": b""}),
        tar({f"d{number}/f": b"" for number in range(6)}),
    ):
        with pytest.raises(BadArchive, match="contains more than 10 files, folders and links"):
            read(gzip.compress(data), few)


def test_hard_links_count_as_the_files_that_they_become() -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as opened:
        info = tarfile.TarInfo("file")
        info.size = 1000
        opened.addfile(info, io.BytesIO(b"x" * 1000))
        for number in range(9):
            twin = tarfile.TarInfo(f"twin{number}")
            twin.type, twin.linkname = tarfile.LNKTYPE, "file"
            opened.addfile(twin)
    assert len(read(data.getvalue(), ArchiveLimits(total_bytes=10_000))) == 1
    with pytest.raises(BadArchive, match="unpacks to more than 9,999 bytes"):
        read(data.getvalue(), ArchiveLimits(total_bytes=9_999))


def test_a_negative_length_makes_no_room_for_others() -> None:
    contained = Contained(ArchiveLimits(total_bytes=10))
    with pytest.raises(BadArchive, match="'a' has a negative length"):
        contained.file("a", -1)


def test_headers_are_bounded() -> None:
    long = tar({"x" * 3_000_000: b""}, format=tarfile.GNU_FORMAT)
    with pytest.raises(BadArchive, match="headers of more than 1,048,576 bytes"):
        read(gzip.compress(long))


def test_what_is_packed_too_well_is_refused() -> None:
    data = gzip.compress(tar({"zeros": bytes(70 << 20)}), 9)
    with pytest.raises(BadArchive, match="unpacks to more than 10 times its own length"):
        read(data, ArchiveLimits(ratio=10))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (".tufkeep/contents", "is in .tufkeep, where tufkeep keeps its own files"),
        (".TUFKEEP/x", "is in .tufkeep, where"),
        ("a\rb", "contains a control character"),
        ("x" * 256, "a part is longer than 255 bytes"),
        ("/".join(["d" * 99] * 11), "longer than 1024 bytes"),
        ("a/.b.lock/c", "kept for the store's own"),
    ],
)
@pytest.mark.parametrize("kind", [tarfile.REGTYPE, tarfile.DIRTYPE])
def test_a_reason_is_the_true_one(name: str, reason: str, kind: bytes) -> None:
    said = refusal(io.BytesIO(gzip.compress(tar({name: b""}, kind=kind))))
    assert said is not None
    assert reason in said
    assert "\r" not in said
    assert len(said) < 400


def bits(data: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def again(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(0, len(data), 512)
    return data[:start] + data[start : start + 512] + data[start:]


def without(data: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(0, len(data), 512)
    return data[:start] + data[start + 512 :]


def number(data: bytes, chance: random.Random) -> bytes:
    """Write another size into a header, with the right checksum."""
    start = chance.choice([place for place in range(0, len(data), 512) if data[place + 257 : place + 262] == b"ustar"])
    header = bytearray(data[start : start + 512])
    sizes = [b"00000000000\0", b"77777777777\0", b"\xff" * 12, b"\x80" + b"\xff" * 11, struct.pack(">BxxxQ", 128, 600)]
    header[124:136] = chance.choice(sizes)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return data[:start] + bytes(header) + data[start + 512 :]


def installed(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def expected(data: bytes) -> dict[str, bytes]:
    """Return the files in a tar as Python's own reader has them, which reads no further than it must."""
    with tarfile.open(fileobj=io.BytesIO(data)) as opened:
        bodies = ((member, opened.extractfile(member)) for member in opened if member.isreg() or member.islnk())
        return {member.name: body.read() for member, body in bodies if body is not None}


@pytest.mark.parametrize("format", FORMATS.values(), ids=FORMATS.keys())
@pytest.mark.parametrize("change", [bits, cut, again, without, number])
def test_changed_archives_are_installed_exactly_or_refused(
    tmp_path: Path, format: int, change: Callable[[bytes, random.Random], bytes]
) -> None:
    whole = tar({**FILES, "long/" + "n" * 200: b"long"} if format != tarfile.USTAR_FORMAT else FILES, format=format)
    chance, refused = random.Random(format), 0
    for attempt in range(40):
        inside = chance.random() < 0.5 or change is number
        changed = change(whole, chance) if inside else whole
        packed = gzip.compress(changed) if inside else change(gzip.compress(whole), chance)
        folder = tmp_path / str(attempt)
        try:
            contents = unpack(io.BytesIO(packed), folder)
        except BadArchive as error:
            refused += 1
            assert "\n" not in str(error)
            continue
        assert installed(folder) == expected(changed)
        assert contents.files.keys() == installed(folder).keys()
    assert refused
