"""One comparison of length and hashes: the same for a stream, an object and hashes made before, whoever asks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

import obstore.store
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tuf.api.exceptions import LengthOrHashMismatchError
from tuf.api.metadata import TargetFile

from tufkeep.metadata.filenames import HASH_ALGORITHMS
from tufkeep.stores import FolderStore, MemoryStore, ObjectChanged, ObjectMissing, Store
from tufkeep.stores.bucket import Bucket, Clients
from tufkeep.stores.expected import Comparison, Expected, Match, compare_chunks, compare_object, pass_on
from tufkeep.stores.hashing import ALGORITHMS, Hashes
from tufkeep.stores.object import ObjectStore

MIB = 1 << 20
LARGE = 300 << 10  # above what is read at once


class Refused(Exception):
    def __init__(self, compared: Comparison):
        self.compared = compared


def expected_of(data: bytes, *algorithms: str) -> Expected:
    hashes = {name: hashlib.new(name, data).hexdigest() for name in algorithms or ALGORITHMS}
    return Expected(length_bytes=len(data), hashes=hashes)


def streamed(chunks: list[bytes], expected: Expected) -> tuple[bytes, Comparison]:
    """Return what came through a stream, with the comparison at its end."""
    came: list[bytes] = []
    try:
        came.extend(pass_on(chunks, expected, refuse=Refused))
    except Refused as refused:
        return b"".join(came), refused.compared
    return b"".join(came), Comparison(match=Match.RIGHT)


@st.composite
def chunked(draw: st.DrawFn) -> list[bytes]:
    return draw(st.lists(st.binary(max_size=40), max_size=8))


@st.composite
def hashes_beside(draw: st.DrawFn, data: bytes) -> dict[str, str]:
    """Return hashes of some algorithms, known and unknown, right and wrong, in small and capital letters."""
    found = {}
    for name in draw(st.sets(st.sampled_from(["sha256", "sha512", "sha384", "blake9"]))):
        digest = hashlib.new(name, data).hexdigest() if name in hashlib.algorithms_available else "00"
        if draw(st.booleans()):
            at = draw(st.integers(0, len(digest) - 1))
            digest = digest[:at] + "0123456789abcdef"[(int(digest[at], 16) + 1) % 16] + digest[at + 1 :]
        found[name] = digest.upper() if draw(st.booleans()) else digest
    return found


def match_by_the_book(data: bytes, expected: Expected) -> Match:
    """The rules once more, one line each, over the whole of the bytes."""
    if len(data) != expected.length_bytes:
        return Match.SHORT if len(data) < expected.length_bytes else Match.LONG
    known = {name: digest for name, digest in expected.hashes.items() if name in ("sha256", "sha512")}
    if not known:
        return Match.UNKNOWN
    right = all(hashlib.new(name, data).digest() == bytes.fromhex(digest) for name, digest in known.items())
    return Match.RIGHT if right else Match.WRONG


@given(chunks=chunked(), more=st.data())
def test_every_way_to_ask_comes_to_the_same_answer(chunks: list[bytes], more: st.DataObject) -> None:
    data = b"".join(chunks)
    length = more.draw(st.sampled_from([0, len(data), len(data), len(data) + 1, max(0, len(data) - 1)]))
    expected = Expected(length_bytes=length, hashes=more.draw(hashes_beside(data)))
    store = MemoryStore()
    store.write("a", data)
    hashed = Hashes(
        length_bytes=len(data), by_algorithm={name: hashlib.new(name, data).hexdigest() for name in ALGORITHMS}
    )
    wanted = match_by_the_book(data, expected)
    assert compare_chunks(chunks, expected).match is wanted
    assert streamed(chunks, expected)[1].match is wanted
    assert compare_object(store, "a", expected).match is wanted
    assert expected.compare(hashed).match is wanted


@given(chunks=chunked(), flip=st.integers(0), algorithm=st.sampled_from([*ALGORITHMS, ""]))
def test_one_flipped_bit_anywhere_is_wrong(chunks: list[bytes], flip: int, algorithm: str) -> None:
    data = b"".join(chunks)
    expected = expected_of(data, *([algorithm] if algorithm else []))
    assert streamed(chunks, expected) == (data, Comparison(match=Match.RIGHT))
    if data:
        bit = flip % (8 * len(data))
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        compared = compare_chunks([bytes(flipped)], expected)
        assert (compared.match, compared.measure) == (Match.WRONG, algorithm or "sha256")
        assert (compared.expected, compared.found) == (
            hashlib.new(compared.measure, data).hexdigest(),
            hashlib.new(compared.measure, flipped).hexdigest(),
        )


@given(data=st.binary(max_size=60), length=st.integers(0, 61), more=st.data())
def test_python_tuf_comes_to_the_same_answer(data: bytes, length: int, more: st.DataObject) -> None:
    """Where the rules are the same: it refuses a target with any hash that it does not know, and capital letters."""
    length = more.draw(st.sampled_from([len(data), length]))
    hashes = {name: digest.lower() for name, digest in more.draw(hashes_beside(data)).items() if name in ALGORITHMS}
    if not hashes:
        hashes = dict(expected_of(data).hashes)
    try:
        TargetFile(length, hashes, "a").verify_length_and_hashes(data)
    except LengthOrHashMismatchError:
        right = False
    else:
        right = True
    assert compare_chunks([data], Expected(length_bytes=length, hashes=hashes)).right == right


def test_what_can_be_signed_can_be_checked() -> None:
    assert ALGORITHMS == HASH_ALGORITHMS


def test_a_long_stream_is_read_no_further_than_the_chunk_that_passes_the_length() -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b"12345"

    compared = compare_chunks(endless(), expected_of(b"123456789012"))
    assert (compared, taken) == (Comparison(match=Match.LONG, measure="length", expected=12, found=15), 3)
    taken = 0
    with pytest.raises(Refused):
        list(pass_on(endless(), expected_of(b"12345"), refuse=Refused))
    assert taken == 2


@pytest.mark.parametrize("extra", [0, 1, MIB])
def test_a_long_file_is_hashed_by_two_threads_and_compared_the_same(extra: int) -> None:
    chunk = bytes(range(256)) * 4096
    chunks = [chunk] * 65  # above 64 MiB
    sha256, sha512 = hashlib.sha256(), hashlib.sha512()
    for each in chunks:
        sha256.update(each)
        sha512.update(each)
    hashes = {"sha256": sha256.hexdigest(), "sha512": sha512.hexdigest()}
    expected = Expected(length_bytes=65 * MIB, hashes=hashes)
    wanted = Match.LONG if extra else Match.RIGHT
    assert compare_chunks([*chunks, bytes(extra)], expected).match is wanted
    wrong = Expected(length_bytes=65 * MIB, hashes={**hashes, "sha512": "0" * 128})
    assert compare_chunks(chunks, wrong).measure == "sha512"


def test_nothing_is_kept_of_a_stream_that_was_not_right(tmp_path: Path) -> None:
    for store in (MemoryStore(), FolderStore(tmp_path)):
        store.write("a", b"old")
        for chunks in ([b"new", b"er"], [b"ne"], [b"nex"]):
            with pytest.raises(Refused):
                store.write_stream("a", pass_on(chunks, expected_of(b"new"), refuse=Refused))
        assert store.read("a") == b"old"
        store.write_stream("a", pass_on([b"n", b"ew"], expected_of(b"new"), refuse=Refused))
        assert store.read("a") == b"new"


# --- objects


class Reading(MemoryStore):
    """A store that counts what is read, and lets somebody act in the middle of it."""

    def __init__(self, data: bytes | None, meanwhile: Callable[[], object] = lambda: None):
        super().__init__()
        self.taken = 0
        self._meanwhile = meanwhile
        if data is not None:
            self.write("a", data)

    def read(self, name: str, *, limit: int | None = None) -> bytes:
        data = super().read(name, limit=limit)
        self.taken += len(data)
        return data

    def open(self, name: str) -> BinaryIO:
        stream = super().open(name)
        read = stream.read

        def counted(length_bytes: int = -1) -> bytes:
            self._meanwhile()
            data = read(length_bytes)
            self.taken += len(data)
            return data

        stream.read = counted  # type: ignore[method-assign]
        return stream


@pytest.mark.parametrize("length_bytes", [0, 5, LARGE])
@pytest.mark.parametrize(("off_by", "match"), [(-1, Match.SHORT), (0, Match.RIGHT), (1, Match.LONG), (MIB, Match.LONG)])
def test_an_object_of_the_wrong_length_is_named_with_both_lengths(
    tmp_path: Path, length_bytes: int, off_by: int, match: Match
) -> None:
    expected = expected_of(bytes(length_bytes))
    for store in (Reading(None), FolderStore(tmp_path)):
        if length_bytes + off_by < 0:
            continue
        store.write("a", bytes(length_bytes + off_by))
        compared = compare_object(store, "a", expected)
        assert compared.match is match
        if off_by:
            assert (compared.measure, compared.expected, compared.found) == (
                "length",
                length_bytes,
                length_bytes + off_by,
            )
        if isinstance(store, Reading) and (off_by > 0 or (off_by and length_bytes == LARGE)):
            assert store.taken == 0  # its length says enough


@pytest.mark.parametrize("length_bytes", [5, LARGE])
def test_an_object_that_is_not_there_is_missing(length_bytes: int) -> None:
    compared = compare_object(MemoryStore(), "a", expected_of(bytes(length_bytes)))
    assert compared == Comparison(match=Match.MISSING)


def test_an_object_that_goes_before_it_is_opened_is_missing() -> None:
    class Going(MemoryStore):
        def open(self, name: str) -> BinaryIO:
            raise ObjectMissing(name)

    store = Going()
    store.write("a", bytes(LARGE))
    assert compare_object(store, "a", expected_of(bytes(LARGE))).match is Match.MISSING


@pytest.mark.parametrize("length_bytes", [0, 5, LARGE, 3 * MIB])
def test_progress_counts_every_byte_once(length_bytes: int) -> None:
    done: list[int] = []
    store = MemoryStore()
    store.write("a", bytes(length_bytes))
    assert compare_object(store, "a", expected_of(bytes(length_bytes)), progress=done.append).right
    assert sum(done) == length_bytes


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda data: b"x" + data[1:], Match.RIGHT),  # what was read already was right, and no more is claimed
        (lambda data: data[:-1] + b"x", Match.WRONG),
        (lambda data: data[: 2 * MIB], Match.SHORT),
        (lambda data: data + b"x", Match.LONG),
    ],
)
def test_a_file_that_changes_in_place_is_compared_by_the_bytes_that_were_read(
    tmp_path: Path, change: Callable[[bytes], bytes], match: Match
) -> None:
    """go-tuf writes into files in place; each byte is read once, so these are compared and no others."""
    data = bytes(4 * MIB)
    path = tmp_path / "a"
    path.write_bytes(data)
    reads = 0

    def meanwhile(length_bytes: int) -> None:
        nonlocal reads
        reads += 1
        if reads == 1:
            with path.open("r+b") as file:  # the same file, not a new one under its name
                file.truncate(0)
                file.write(change(data))

    compared = compare_object(FolderStore(tmp_path), "a", expected_of(data), progress=meanwhile)
    assert compared.match is match


def bucket_store() -> ObjectStore:
    held = obstore.store.MemoryStore()
    return ObjectStore(Bucket(Clients(lambda retries: held), "memory://"))


@pytest.mark.parametrize("new", ["right", "wrong", "gone"])
def test_a_slice_read_while_the_object_changes_counts_for_neither(new: str) -> None:
    """A long object of a bucket is read in slices; once it is written over, what was read of it is forgotten."""
    store, data = bucket_store(), bytes(20 * MIB)
    store.write("a", b"\x01" + data[1:])  # as long as the right one: only all of its bytes tell
    changed = False

    def meanwhile(length_bytes: int) -> None:
        nonlocal changed
        if not changed:
            changed = True
            store.delete("a") if new == "gone" else store.write("a", data if new == "right" else data[:-1] + b"\x01")

    wanted = {"right": Match.RIGHT, "wrong": Match.WRONG, "gone": Match.MISSING}[new]
    assert compare_object(store, "a", expected_of(data), progress=meanwhile).match is wanted


def test_an_object_that_changes_as_often_as_it_is_read_gets_no_answer() -> None:
    def changed() -> None:
        raise ObjectChanged("a", expected="1", found="2")

    store: Store = Reading(bytes(LARGE), changed)
    with pytest.raises(ObjectChanged):
        compare_object(store, "a", expected_of(bytes(LARGE)))
