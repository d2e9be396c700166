"""What is read from one bucket can be written to another while it is read, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.publish.conftest import s3_remote
from tests.servers import S3Server
from tufkeep.stores import ObjectMissing, chunks_of
from tufkeep.stores.ahead import read_ahead
from tufkeep.stores.bucket import PART_BYTES

LONG = bytes(range(256)) * 4 * (3 * PART_BYTES // 1024)


def test_an_object_of_many_parts_goes_from_bucket_to_bucket(seaweed: S3Server) -> None:
    """The library that reads can't be asked from within the one that writes, which is the same."""
    here, there = s3_remote(seaweed, "here").store, s3_remote(seaweed, "there").store
    here.write_stream("targets/long", iter([LONG]))
    with here.open("targets/long") as stream:
        there.write_stream("targets/long", chunks_of(stream))
    assert there.read("targets/long") == LONG


def test_an_error_of_the_source_leaves_nothing_and_comes_through(seaweed: S3Server) -> None:
    there = s3_remote(seaweed, "there").store

    def cut() -> Iterator[bytes]:
        yield LONG
        raise ObjectMissing("targets/long")

    with pytest.raises(ObjectMissing):
        there.write_stream("targets/long", cut())
    assert there.stat("targets/long") is None


def test_what_is_read_ahead_comes_whole_and_in_order() -> None:
    assert list(read_ahead(iter([b"a", b"", b"b", b"c" * 10]))) == [b"a", b"", b"b", b"c" * 10]
    assert list(read_ahead(iter(()))) == []


def test_no_more_is_read_ahead_than_a_few_chunks() -> None:
    read: list[int] = []

    def source() -> Iterator[bytes]:
        for number in range(100):
            read.append(number)
            yield b"x"

    ahead = read_ahead(source())
    assert next(ahead) == b"x"
    ahead.close()
    assert len(read) < 10


def test_who_stops_reading_ends_the_source() -> None:
    ended: list[bool] = []

    def source() -> Iterator[bytes]:
        try:
            while True:
                yield b"x"
        finally:
            ended.append(True)

    ahead = read_ahead(source())
    next(ahead)
    ahead.close()
    assert ended == [True]
