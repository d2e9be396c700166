"""What every store keeps, whatever it keeps it in."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import obstore.store
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tufkeep.cli.base.hints import hint
from tufkeep.stores import (
    ALWAYS,
    CREATE,
    Condition,
    Entry,
    FolderStore,
    Locked,
    MemoryStore,
    NotAFile,
    NotAFolder,
    ObjectChanged,
    ObjectExists,
    ObjectMissing,
    ObjectTooLarge,
    Store,
    StoreFault,
    Tag,
    Unchanged,
    UnsafeName,
)
from tufkeep.stores.bucket import Bucket, Clients
from tufkeep.stores.object import ObjectStore
from tufkeep.stores.overlay import OverlayStore
from tufkeep.testing.broken import BrokenStore, clone
from tufkeep.testing.fat import FatStore

MakeStore = Callable[[Path], Store]


def object_store() -> Store:
    held = obstore.store.MemoryStore()
    return ObjectStore(Bucket(Clients(lambda retries: held), "memory://"), prefix="some/folder")


class Settling(OverlayStore):
    """What is written goes under the overlay at once: all that a test wrote before is in the base."""

    def __init__(self) -> None:
        super().__init__(MemoryStore(), MemoryStore())
        self._guard = threading.RLock()

    def write(self, name: str, data: bytes, *, condition: Condition = ALWAYS, private: bool = False) -> Tag:
        with self._settled():
            return super().write(name, data, condition=condition, private=private)

    def write_stream(self, name: str, chunks: Iterable[bytes], *, executable: bool = False) -> Entry:
        with self._settled():
            return super().write_stream(name, chunks, executable=executable)

    def copy(self, source: str, name: str, *, shared: bool = False) -> None:
        with self._settled():
            super().copy(source, name, shared=shared)

    def delete(self, name: str) -> None:
        with self._guard:
            super().delete(name)

    @contextmanager
    def _settled(self) -> Iterator[None]:
        with self._guard:
            yield
            self.base, self._top, self._gone = clone(self), MemoryStore(), set()


ADAPTERS: dict[str, MakeStore] = {
    "memory": lambda path: MemoryStore(),
    "folder": lambda path: FolderStore(path / "root"),
    "folder without fsync": lambda path: FolderStore(path / "root", durable=False),
    "fat": lambda path: FatStore(path / "root", durable=False),
    "object store": lambda path: object_store(),
    "overlay": lambda path: OverlayStore(MemoryStore(), MemoryStore()),
    "settling overlay": lambda path: Settling(),
    "unbroken": lambda path: BrokenStore(MemoryStore()),
}
FORGETS_EXECUTABLE = {"fat", "object store"}
FLAT = {"object store", "overlay", "settling overlay"}  # a name may be an object and the folder of others
ALONE = {"overlay", "settling overlay"}  # nobody else can see it, so its locks lock nobody out
OWN_TAGS = {"object store"}


@pytest.fixture(params=ADAPTERS)
def adapter(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def store(adapter: str, tmp_path: Path) -> Store:
    return ADAPTERS[adapter](tmp_path)


def names(store: Store, prefix: str = "") -> list[str]:
    return [entry.name for entry in store.list(prefix)]


def test_a_new_store_is_empty(store: Store) -> None:
    assert names(store) == names(store, "any/where") == []
    assert store.stat("a") is None
    assert store.sweep() == ()


def test_what_was_written_is_read(store: Store) -> None:
    store.write("a/b/c", b"bytes")
    store.write("a/b/ü ~%#&+=,;'()[]{}!@$^`.json", b"")
    assert store.read("a/b/c") == b"bytes"
    assert store.stat("a/b/c") == next(store.list("a/b/c"))
    assert [entry.length_bytes for entry in store.list()] == [5, 0]


def test_a_later_write_replaces_an_earlier_one(store: Store) -> None:
    store.write("a", b"a long first version")
    store.write("a", b"short")
    assert store.read("a") == b"short"


def test_equal_tags_mean_equal_bytes(store: Store) -> None:
    first = store.write("a", b"1")
    second = store.write("a", b"2")
    assert first != second
    assert store.read_tagged("a") == (b"2", second)


def test_private_bytes_are_read_by_their_owner(store: Store) -> None:
    store.write("keys/root.json", b"secret", private=True)
    assert store.read("keys/root.json") == b"secret"


def test_an_object_longer_than_the_limit_is_refused(store: Store) -> None:
    store.write("a", b"12345")
    assert store.read("a", limit=5) == store.read_tagged("a", limit=6)[0] == b"12345"
    for read in (store.read, store.read_tagged):
        with pytest.raises(ObjectTooLarge, match="longer than the 4 bytes"):
            read("a", limit=4)


def test_a_missing_object_is_told_by_name(store: Store) -> None:
    store.write("there", b"")
    for ask in (
        store.read,
        store.read_tagged,
        store.open,
        lambda name: store.copy(name, "b"),
        lambda name: store.copy(name, name),
        lambda name: store.copy(name, "b", shared=True),
        lambda name: store.move(name, "b"),
        lambda name: store.move(name, name),
    ):
        for name in ("here", "not/here"):
            with pytest.raises(ObjectMissing, match=f"^{name}: not found$"):
                ask(name)
    assert names(store) == ["there"]


UNSAFE = [
    "",
    "/a",
    "a/",
    "a//b",
    ".",
    "..",
    "a/../b",
    "../a",
    "a/.",
    "a\\b",
    "a\0",
    "\udc80",
    "x" * 256,
    "a/" * 600 + "a",
]


@pytest.mark.parametrize("name", [*UNSAFE, ".a.0123456789abcdef.tmp", "a/.lock.lock"])
def test_an_unsafe_name_is_refused_by_every_method(store: Store, name: str) -> None:
    store.write("good", b"")
    for ask in (
        store.read,
        store.read_tagged,
        store.open,
        store.stat,
        store.delete,
        lambda name: store.write(name, b""),
        lambda name: store.write_stream(name, [b""]),
        lambda name: store.copy("good", name),
        lambda name: store.copy(name, "good"),
        lambda name: store.move("good", name),
        lambda name: store.move(name, "good"),
        lambda name: store.lock(name, note="").__enter__(),
    ):
        with pytest.raises(UnsafeName):
            ask(name)
    assert names(store) == ["good"]


@pytest.mark.parametrize("prefix", ["/", "a//", "../", "a\\", "a/../b"])
def test_a_prefix_that_no_name_can_have_is_refused(store: Store, prefix: str) -> None:
    with pytest.raises(UnsafeName):
        list(store.list(prefix))


def test_a_listing_goes_by_name_and_by_any_prefix(store: Store) -> None:
    for name in ["b", "a/b", "a-b", "a.b", "ab", "a/c/d", "a0", "1.root.json", "ä", "🦊", "�"]:
        store.write(name, name.encode())
    assert names(store) == ["1.root.json", "a-b", "a.b", "a/b", "a/c/d", "a0", "ab", "b", "ä", "�", "🦊"]
    assert names(store, "a") == ["a-b", "a.b", "a/b", "a/c/d", "a0", "ab"]
    assert names(store, "a/") == ["a/b", "a/c/d"]
    assert names(store, "a/c") == names(store, "a/c/") == names(store, "a/c/d") == ["a/c/d"]
    assert names(store, "a/c/d/") == names(store, "c") == names(store, "b/c") == []


def test_a_stream_is_read_in_pieces_from_anywhere(store: Store) -> None:
    store.write("a", bytes(range(256)) * 1000)
    with store.open("a") as stream:
        assert stream.read(3) == b"\0\1\2"
        stream.seek(255_999)
        assert stream.read() == b"\xff"
        assert stream.read(1) == b""


def test_a_stream_stays_on_the_object_it_was_opened_on(store: Store) -> None:
    store.write("a", b"old")
    with store.open("a") as stream:
        store.write("a", b"new")
        assert stream.read() == b"old"
    with store.open("a") as stream:
        store.delete("a")
        assert stream.read() == b"new"


def test_chunks_become_one_object(store: Store) -> None:
    entry = store.write_stream("a/b", (b"x" * length for length in (0, 1, 70_000, 3_000_000)))
    assert (entry.name, entry.length_bytes) == ("a/b", 3_070_001)
    assert store.read("a/b") == b"x" * 3_070_001
    assert store.write_stream("a/b", ()).length_bytes == 0
    assert store.read("a/b") == b""


def test_an_error_in_a_stream_leaves_the_store_as_it_was(store: Store) -> None:
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise OSError("mine")

    store.write("there", b"old")
    for name in ("there", "not/there"):
        with pytest.raises(OSError, match=r"^mine$"):
            store.write_stream(name, broken())
    assert names(store) == ["there"]
    assert store.read("there") == b"old"
    assert store.sweep() == ()


def test_create_refuses_a_taken_name(store: Store) -> None:
    store.write("a", b"1", condition=CREATE)
    for data in (b"1", b"2"):  # even with the same bytes: whoever asks wants to have been first
        with pytest.raises(ObjectExists, match=r"^a: exists already$"):
            store.write("a", data, condition=CREATE)
    assert store.read("a") == b"1"


def test_unchanged_refuses_what_was_not_read(store: Store) -> None:
    first = store.write("a", b"1")
    second = store.write("a", b"2", condition=Unchanged(first))
    with pytest.raises(ObjectChanged, match=r"^a: changed since it was read$") as caught:
        store.write("a", b"3", condition=Unchanged(first))
    assert (caught.value.expected, caught.value.found) == (first, second)
    assert store.read("a") == b"2"

    store.delete("a")
    with pytest.raises(ObjectChanged, match=r"^a: deleted since it was read$") as caught:
        store.write("a", b"3", condition=Unchanged(second))
    assert caught.value.found is None
    assert store.stat("a") is None


def test_of_sixteen_creators_one_wins(store: Store) -> None:
    barrier = threading.Barrier(16)

    def attempt(number: int) -> bytes | None:
        data = b"%d" % number
        barrier.wait()
        try:
            store.write("new/folder/a", data, condition=CREATE)
        except ObjectExists:
            return None
        return data

    with ThreadPoolExecutor(16) as pool:
        winners = [data for data in pool.map(attempt, range(16)) if data is not None]
    assert winners == [store.read("new/folder/a")]


def test_no_update_is_lost(store: Store) -> None:
    store.write("n", b"0")

    def count(_: int) -> None:
        done = 0
        while done < 10:
            data, tag = store.read_tagged("n")
            with suppress(ObjectChanged):
                store.write("n", b"%d" % (int(data) + 1), condition=Unchanged(tag))
                done += 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(8)))
    assert store.read("n") == b"80"


def test_writing_and_deleting_side_by_side_loses_nothing(store: Store) -> None:
    """A deletion takes empty folders with it; a write that was about to use one makes it again."""

    def work(number: int) -> None:
        for turn in range(30):
            name = f"a/b/{number}"
            store.write(name, b"%d" % turn)
            assert store.read(name) == b"%d" % turn
            store.move(name, f"c/d/{number}")
            store.copy(f"c/d/{number}", f"e/{number}", shared=True)
            store.delete(f"c/d/{number}")
            store.delete(f"e/{number}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert names(store) == []


def test_the_executable_bit_goes_where_the_bytes_go(store: Store, adapter: str) -> None:
    if adapter in FORGETS_EXECUTABLE:
        pytest.skip("the medium does not keep it")
    assert store.write_stream("app", [b"#!"], executable=True).executable
    store.copy("app", "copied/app")
    store.copy("app", "shared/app", shared=True)
    store.move("app", "moved/app")
    store.write_stream("plain", [b""])
    executable = {entry.name: entry.executable for entry in store.list()}
    assert executable == {"copied/app": True, "moved/app": True, "plain": False, "shared/app": True}
    assert store.stat("copied/app") == Entry(name="copied/app", length_bytes=2, executable=True)

    store.write("copied/app", b"text")
    assert executable != {entry.name: entry.executable for entry in store.list()}


@pytest.mark.parametrize("shared", [False, True])
def test_a_copy_lives_on_its_own(store: Store, shared: bool) -> None:
    store.write("a", b"old")
    store.write("b/c", b"in the way")
    for _ in range(2):  # again, over itself
        store.copy("a", "b/c", shared=shared)
        store.copy("a", "a", shared=shared)
    assert store.read("a") == store.read("b/c") == b"old"
    assert store.sweep() == ()

    store.write("a", b"new")
    assert store.read("b/c") == b"old"
    store.delete("a")
    assert store.read("b/c") == b"old"
    assert names(store) == ["b/c"]


def test_a_move_replaces_what_is_there(store: Store) -> None:
    store.write("a/b", b"1")
    store.write("c", b"2")
    store.move("a/b", "c")
    store.move("c", "c")
    assert names(store) == ["c"]
    assert store.read("c") == b"1"


def test_a_move_between_two_names_of_the_same_bytes_leaves_one(store: Store) -> None:
    store.write("a", b"1")
    store.copy("a", "b", shared=True)
    store.move("a", "b")
    assert names(store) == ["b"]
    assert store.read("b") == b"1"


def test_a_deletion_takes_the_empty_folders_along(store: Store) -> None:
    store.write("a/b/c", b"")
    store.write("a/d", b"")
    store.delete("a/b/c")
    store.delete("a/b/c")
    store.delete("never/was")
    store.write("a/b", b"an object where a folder was")
    assert names(store) == ["a/b", "a/d"]
    store.move("a/b", "b")
    store.delete("a/d")
    store.write("a", b"")
    assert names(store) == ["a", "b"]


def test_a_name_is_an_object_or_a_folder(store: Store, adapter: str) -> None:
    if adapter in FLAT:
        pytest.skip("the medium has no folders")
    store.write("a/b/c", b"deep")
    store.write("d", b"flat")

    assert store.stat("a/b") is None
    assert store.stat("d/e") is None
    store.delete("a/b")
    store.delete("d/e")
    with pytest.raises(ObjectMissing):
        store.read("d/e")
    for ask in (
        store.read,
        store.open,
        lambda name: store.write(name, b""),
        lambda name: store.write(name, b"", condition=CREATE),
        lambda name: store.write_stream(name, [b""]),
        lambda name: store.copy("d", name),
        lambda name: store.copy("d", name, shared=True),
        lambda name: store.move("d", name),
    ):
        for name in ("a", "a/b"):
            with pytest.raises(NotAFile, match=f"^{name}: is a folder, not a file$"):
                ask(name)
    for put in (
        lambda name: store.write(name, b""),
        lambda name: store.copy("a/b/c", name),
        lambda name: store.copy("d", name),
        lambda name: store.move("a/b/c", name),
        lambda name: store.move("d", name),
    ):
        for name in ("d/e", "d/e/f"):
            with pytest.raises(NotAFolder, match=r"^d: is a file, not a folder$"):
                put(name)
    assert [(entry.name, entry.length_bytes) for entry in store.list()] == [("a/b/c", 4), ("d", 4)]


def test_a_lock_is_held_by_one_and_tells_by_whom(store: Store, adapter: str) -> None:
    if adapter in ALONE:
        pytest.skip("nobody else is there")
    before = datetime.now(UTC).replace(microsecond=0)
    with store.lock("work/lock", note="committing"):
        with pytest.raises(Locked, match=r"^work/lock: locked by process \d+ on .+ \(committing\) since ") as caught:
            store.lock("work/lock", note="me, too").__enter__()
        assert names(store) == []
        with store.lock("work/other", note="something else"):
            pass
    holder = caught.value.holder
    assert holder is not None and holder.note == "committing" and before <= holder.since <= datetime.now(UTC)
    assert str(holder.pid) in (hint(caught.value) or "")
    with store.lock("work/lock", note="now"):
        pass


def test_a_lock_is_free_after_an_error(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.lock("lock", note=""):
        raise ZeroDivisionError
    with store.lock("lock", note=""):
        pass


def test_a_lock_can_be_waited_for(store: Store, adapter: str) -> None:
    if adapter in ALONE:
        pytest.skip("nobody else is there")
    inside = []

    def work(number: int) -> None:
        with store.lock("lock", note=str(number), wait_seconds=60):
            inside.append(number)
            assert len(inside) == 1
            inside.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(16)))


def test_objects_of_a_batch_are_seen_at_once(store: Store) -> None:
    store.write("moved", b"3")
    with store.batch() as batch, batch.batch() as inner:
        batch.write("a/1", b"1")
        assert store.read("a/1") == batch.read("a/1") == b"1"
        inner.write_stream("a/2", [b"2"])
        batch.move("moved", "b/3")
        batch.copy("a/1", "c/4")
        batch.delete("a/1")
        batch.delete("c/4")
    assert {name: store.read(name) for name in names(store)} == {"a/2": b"2", "b/3": b"3"}


def test_a_batch_that_fails_keeps_what_it_has_written(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.batch() as batch:
        batch.write("a", b"1")
        raise ZeroDivisionError
    assert store.read("a") == b"1"


NAMES = st.sampled_from(["a", "a/b", "a/b/c", "d/e", "d/f", "g"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), NAMES, st.binary(max_size=3)),
        st.tuples(st.just("create"), NAMES, st.binary(max_size=3)),
        st.tuples(st.just("stream"), NAMES, st.binary(max_size=3)),
        st.tuples(st.just("copy"), NAMES, NAMES),
        st.tuples(st.just("share"), NAMES, NAMES),
        st.tuples(st.just("move"), NAMES, NAMES),
        st.tuples(st.just("delete"), NAMES, st.just("")),
    ),
    max_size=12,
)


@settings(max_examples=60, suppress_health_check=[*HealthCheck])
@given(steps=STEPS)
def test_any_work_ends_as_it_does_in_a_dictionary(
    adapter: str, tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, str | bytes]]
) -> None:
    store = ADAPTERS[adapter](tmp_path_factory.mktemp("model"))
    model: dict[str, bytes] = {}
    for do, name, other in steps:
        if adapter in ALONE and {name, other} & {"a", "a/b"}:
            continue  # its two halves do not know each other's folders
        expected = _in_dictionary(model, do, name, other, flat=adapter in FLAT)
        try:
            _in_store(store, do, name, other)
            got: type[StoreFault] | None = None
        except StoreFault as error:
            got = type(error)
        assert got is expected, (do, name, other)
        assert {entry.name: store.read(entry.name) for entry in store.list()} == model
        assert names(store) == sorted(model)
    assert store.sweep() == ()


def _in_store(store: Store, do: str, name: str, other: str | bytes) -> None:
    if isinstance(other, bytes):
        if do == "stream":
            store.write_stream(name, [other[:1], other[1:]])
        else:
            tag = store.write(name, other, condition=CREATE if do == "create" else ALWAYS)
            assert tag == store.read_tagged(name)[1]
    elif do == "delete":
        store.delete(name)
    elif do == "move":
        store.move(name, other)
    else:
        store.copy(name, other, shared=do == "share")


def _in_dictionary(
    model: dict[str, bytes], do: str, name: str, other: str | bytes, *, flat: bool
) -> type[StoreFault] | None:
    if do == "delete":
        model.pop(name, None)
        return None
    target = other if isinstance(other, str) else name
    if isinstance(other, str) and name not in model:
        return NotAFile if not flat and any(held.startswith(f"{name}/") for held in model) else ObjectMissing
    if name == other:
        return None
    if not flat and any(held.startswith(f"{target}/") for held in model):
        return NotAFile
    if not flat and any(target.startswith(f"{held}/") for held in model):
        return NotAFolder
    if do == "create" and target in model:
        return ObjectExists
    model[target] = other if isinstance(other, bytes) else model[name]
    if do == "move":
        del model[name]
    return None


def test_the_tag_is_the_sha256_where_the_medium_has_none(store: Store, adapter: str) -> None:
    if adapter in OWN_TAGS:
        pytest.skip("the medium has tags")
    assert store.write("a", b"1") == hashlib.sha256(b"1").hexdigest()
