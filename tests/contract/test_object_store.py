"""What is particular to stores in buckets: conditions, leases, attributes, faults in words without secrets."""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from tests.servers import OTHER, PRIVATE, PUBLIC, S3Server
from tufkeep.stores import (
    CREATE,
    Locked,
    ObjectChanged,
    ObjectExists,
    ObjectMissing,
    ObjectTooLarge,
    Store,
    StoreBroken,
    StoreDenied,
    StoreReadOnly,
    Unchanged,
    UnsafeName,
)
from tufkeep.stores.bucket import Bucket, Clients
from tufkeep.stores.conditions import find_conditions
from tufkeep.stores.errors import LockLost
from tufkeep.stores.lease import hold
from tufkeep.stores.location import Location, copying_between, open_location
from tufkeep.stores.object import ObjectStore


def new_store(server: S3Server, *, bucket: str = PRIVATE, conditions: bool = True, **options: object) -> ObjectStore:
    location = Location(url=f"s3://{bucket}/{uuid.uuid4().hex}", endpoint=server.endpoint)
    store = open_location(location, credentials=server.credentials, conditions=conditions, **options)  # type: ignore[arg-type]
    assert isinstance(store, ObjectStore)
    return store


def memory_store() -> ObjectStore:
    from obstore.store import MemoryStore

    held = MemoryStore()
    return ObjectStore(Bucket(Clients(lambda retries: held), "memory://"), prefix="some/folder")


@pytest.fixture(params=["seaweedfs", "memory"])
def store(request: pytest.FixtureRequest) -> Store:
    return memory_store() if request.param == "memory" else new_store(request.getfixturevalue("seaweed"))


@pytest.fixture
def s3(seaweed: S3Server) -> ObjectStore:
    return new_store(seaweed)


def test_what_was_written_is_read(store: Store) -> None:
    tag = store.write("targets/a b/ü#%?&+.bin", b"one")
    assert store.read_tagged("targets/a b/ü#%?&+.bin") == (b"one", tag)
    assert [(entry.name, entry.length_bytes) for entry in store.list()] == [("targets/a b/ü#%?&+.bin", 3)]


def test_a_listing_goes_by_name_and_by_any_prefix(store: Store) -> None:
    names = ["a/b", "a-b", "a.b", "ab", "a/c/d", "b", "1.root.json"]
    for name in names:
        store.write(name, b"x")
    assert [entry.name for entry in store.list()] == sorted(names)
    assert [entry.name for entry in store.list("a")] == ["a-b", "a.b", "a/b", "a/c/d", "ab"]
    assert [entry.name for entry in store.list("a/c")] == ["a/c/d"]


def test_an_unsafe_name_goes_nowhere(store: Store) -> None:
    for name in ("../x", "a//b", "/a", "a/", ""):
        with pytest.raises(UnsafeName):
            store.write(name, b"x")


def test_a_missing_object_is_missing_everywhere(store: Store) -> None:
    assert store.stat("nothing") is None
    store.delete("nothing")
    for ask in (store.read, store.open, lambda name: store.copy(name, "b"), lambda name: store.move(name, "b")):
        with pytest.raises(ObjectMissing):
            ask("nothing")


def test_a_too_long_object_is_refused_before_it_is_read(store: Store) -> None:
    store.write("a", b"12345")
    assert store.read("a", limit=5) == b"12345"
    with pytest.raises(ObjectTooLarge):
        store.read("a", limit=4)


def test_conditions_hold(store: Store) -> None:
    first = store.write("a", b"1", condition=CREATE)
    with pytest.raises(ObjectExists):
        store.write("a", b"2", condition=CREATE)
    second = store.write("a", b"2", condition=Unchanged(first))
    with pytest.raises(ObjectChanged) as caught:
        store.write("a", b"3", condition=Unchanged(first))
    assert (caught.value.expected, caught.value.found) == (first, second)
    store.delete("a")
    with pytest.raises(ObjectChanged) as caught:
        store.write("a", b"3", condition=Unchanged(second))
    assert caught.value.found is None


def test_the_same_bytes_do_not_excuse_a_taken_name(store: Store) -> None:
    store.write("a", b"1", condition=CREATE)
    with pytest.raises(ObjectExists):
        store.write("a", b"1", condition=CREATE)


def test_of_sixteen_writers_one_wins(store: Store) -> None:
    def attempt(number: int) -> bool:
        try:
            store.write("a", b"%d" % number, condition=CREATE)
        except ObjectExists:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(attempt, range(16))) == 1


@pytest.mark.parametrize("length_bytes", [0, 5, 20 << 20, 33 << 20])
def test_a_stream_arrives_whole_however_long(s3: ObjectStore, length_bytes: int) -> None:
    block = bytes(range(256)) * 4096
    whole = (block * (length_bytes // len(block) + 1))[:length_bytes]
    chunks = (whole[at : at + 3_000_000] for at in range(0, length_bytes, 3_000_000))
    assert s3.write_stream("big", chunks).length_bytes == length_bytes
    with s3.open("big") as stream:
        assert stream.read() == whole
        stream.seek(-5, 2)
        assert stream.read() == whole[-5:] if length_bytes else True


@pytest.mark.parametrize("length_bytes", [10, 40 << 20])
def test_an_error_in_a_stream_leaves_nothing(store: Store, length_bytes: int) -> None:
    def broken() -> Iterator[bytes]:
        yield b"x" * length_bytes
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        store.write_stream("a", broken())
    assert list(store.list()) == []


def test_a_reader_of_a_long_object_never_gets_a_mixture(s3: ObjectStore) -> None:
    s3.write_stream("a", [b"x" * (20 << 20)])
    with s3.open("a") as stream:
        assert stream.read(10) == b"x" * 10
        s3.write_stream("a", [b"y" * (20 << 20)])
        with pytest.raises(ObjectChanged):
            stream.read()


def test_objects_are_served_as_their_kind_says(seaweed: S3Server) -> None:
    kinds = {"Cache-Control": "no-store", "Content-Type": "application/json"}
    store = new_store(seaweed, kinds=lambda name: kinds if name.endswith("timestamp.json") else {})
    store.write("timestamp.json", b"{}")
    store.write_stream("x.timestamp.json", [b"x" * (17 << 20)])
    store.copy("timestamp.json", "copied")
    for name in ("timestamp.json", "x.timestamp.json", "copied"):
        found = dict(store.bucket.get(store.path(name)).attributes)
        assert kinds.items() <= found.items(), name


def test_bytes_are_copied_between_buckets_on_the_server(seaweed: S3Server) -> None:
    source = Location(url=f"s3://{PRIVATE}", endpoint=seaweed.endpoint)
    target = Location(url=f"s3://{OTHER}", endpoint=seaweed.endpoint)
    name = uuid.uuid4().hex
    open_location(source, credentials=seaweed.credentials).write(name, b"copied")
    crossing = copying_between(source, target, seaweed.credentials)
    assert crossing is not None
    crossing.copy(name, f"{name}/there")
    assert open_location(target, credentials=seaweed.credentials).read(f"{name}/there") == b"copied"


def test_a_store_that_keeps_conditions_is_known(store: Store) -> None:
    assert find_conditions(store, folder=".tufkeep").kept
    assert list(store.list()) == []


def test_a_store_that_lies_about_conditions_is_found_out(lying_s3: S3Server) -> None:
    store = new_store(lying_s3)
    assert not find_conditions(store, folder=".tufkeep").kept
    assert list(store.list()) == []


def test_a_lease_says_who_holds_it(store: Store) -> None:
    with store.lock("push", note="push of v5"):
        assert list(store.list()) == []
        with pytest.raises(Locked) as caught, store.lock("push", note="mine"):
            pass
        assert caught.value.holder is not None
        assert caught.value.holder.note == "push of v5"
    with store.lock("push", note="free again"):
        pass


def test_of_many_who_want_a_lease_one_at_a_time_has_it(store: Store) -> None:
    inside, most = 0, 0
    guard = threading.Lock()

    def work(number: int) -> None:
        nonlocal inside, most
        with store.lock("push", note=str(number), wait_seconds=60):
            with guard:
                inside += 1
                most = max(most, inside)
            with guard:
                inside -= 1

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert most == 1


def test_a_lease_of_the_dead_is_taken_over_when_it_ends() -> None:
    store = memory_store()
    now = datetime(2026, 1, 1, tzinfo=UTC)
    options = {"name": "push", "note": "n", "wait_seconds": 0.0, "conditions": True, "lease": timedelta(seconds=90)}
    dead = hold(store.bucket, "lease", clock=lambda: now, **options)  # type: ignore[arg-type]
    dead.__enter__()  # and never left: its renewals come every 30 seconds, longer than this test lives
    with pytest.raises(Locked), hold(store.bucket, "lease", clock=lambda: now, **options):  # type: ignore[arg-type]
        pass
    later = now + timedelta(seconds=91)
    with hold(store.bucket, "lease", clock=lambda: later, **options):  # type: ignore[arg-type]
        pass


def test_a_lease_is_renewed_for_as_long_as_it_is_held() -> None:
    store = memory_store()
    ticks = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number) for number in itertools.count())
    seen: list[bytes] = []
    deadline = time.monotonic() + 30
    with hold(
        store.bucket,
        "lease",
        name="push",
        note="n",
        wait_seconds=0.0,
        clock=lambda: next(ticks),
        conditions=True,
        lease=timedelta(milliseconds=60),
    ):
        while len(seen) < 4 and time.monotonic() < deadline:
            data = bytes(store.bucket.get("lease").bytes())
            if data not in seen:
                seen.append(data)
            time.sleep(0.005)
    assert len(seen) == 4, "taken once, renewed three times"


def leased(clock: Callable[[], datetime]) -> ObjectStore:
    return ObjectStore(memory_store().bucket, clock=clock)


def test_who_slept_longer_than_the_lease_writes_no_more() -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    store = leased(lambda: now[0])
    with store.lock("push", note="slow"):
        store.write("a", b"1")
        now[0] += timedelta(seconds=61)
        for write in (
            lambda: store.write("a", b"2"),
            lambda: store.write("new", b"2", condition=CREATE),
            lambda: store.write_stream("a", iter([b"2"])),
            lambda: store.copy("a", "b"),
            lambda: store.move("a", "b"),
            lambda: store.delete("a"),
        ):
            with pytest.raises(LockLost):
                write()
    assert store.read("a") == b"1"
    store.write("a", b"3")


def test_who_finds_another_in_its_place_writes_no_more() -> None:
    store = memory_store()
    holding = hold(
        store.bucket,
        "lease",
        name="push",
        note="n",
        wait_seconds=0.0,
        clock=lambda: datetime(2026, 1, 1, tzinfo=UTC),
        conditions=True,
        lease=timedelta(milliseconds=600),
    )
    with holding as held:
        held.require()
        store.bucket.put("lease", b'{"other": 1}', attributes={})
        deadline = time.monotonic() + 10
        lost = False
        while not lost and time.monotonic() < deadline:
            time.sleep(0.02)
            try:
                held.require()
            except LockLost:
                lost = True
        assert lost


def test_without_conditions_a_lease_still_keeps_others_out(lying_s3: S3Server) -> None:
    store = new_store(lying_s3, conditions=False)
    with (
        store.lock("push", note="first"),
        pytest.raises(Locked, match="first"),
        store.lock("push", note="second"),
    ):
        pass


def test_wrong_credentials_are_named_without_being_shown(seaweed: S3Server) -> None:
    wrong = {"access_key_id": "AKTUFKEEP", "secret_access_key": "wrong-secret"}
    location = Location(url=f"s3://{PRIVATE}", endpoint=seaweed.endpoint)
    store = open_location(location, credentials=wrong)
    with pytest.raises(StoreDenied, match=r"refuses these credentials \(SignatureDoesNotMatch\)") as read:
        store.read("a")
    with pytest.raises(StoreReadOnly) as written:
        store.write("a", b"x")
    for told in (str(read.value), str(written.value), repr(store), repr(read.value)):
        assert "AKTUFKEEP" not in told
        assert "wrong-secret" not in told


def test_a_public_bucket_is_read_by_anybody_and_written_by_nobody(seaweed: S3Server) -> None:
    new = new_store(seaweed, bucket=PUBLIC)
    new.write("a", b"public")
    location = Location(url=f"s3://{new.called.removeprefix('s3://')}", endpoint=seaweed.endpoint)
    anybody = open_location(location)
    assert anybody.read("a") == b"public"
    with pytest.raises(StoreReadOnly):
        anybody.write("a", b"defaced")
    web = open_location(Location(url=f"{seaweed.endpoint}/{new.called.removeprefix('s3://')}"))
    assert web.read("a") == b"public"
    with pytest.raises(StoreReadOnly):
        web.write("b", b"x", condition=CREATE)


def test_a_private_bucket_is_closed_to_anybody(seaweed: S3Server) -> None:
    with pytest.raises(StoreDenied):
        open_location(Location(url=f"s3://{PRIVATE}", endpoint=seaweed.endpoint)).read("a")


def test_a_missing_bucket_is_no_missing_object(seaweed: S3Server) -> None:
    store = open_location(Location(url="s3://nobodys", endpoint=seaweed.endpoint), credentials=seaweed.credentials)
    with pytest.raises(StoreBroken, match="s3://nobodys does not exist"):
        store.read("a")
