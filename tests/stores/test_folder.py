"""What is particular to a store in a folder: modes, links, odd files, full and read-only disks."""

from __future__ import annotations

import errno
import os
import pickle
import re
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.stores.disks import Disk, store_on
from tufkeep.cli.base.hints import hint
from tufkeep.stores import (
    CREATE,
    FolderStore,
    LinkRefused,
    NameRefused,
    NotAFile,
    NotAFolder,
    ObjectMissing,
    Store,
    StoreBroken,
    StoreDenied,
    StoreFault,
    StoreFull,
    StoreReadOnly,
    Unchanged,
    UnsafeName,
)
from tufkeep.stores.location import Location, open_location


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "root")


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o777])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


@pytest.fixture
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Return a function that makes us an ordinary user, whom modes bind, for the rest of the test."""
    monkeypatch.chdir(tmp_path)  # an ordinary user would not get through the folders above
    yield lambda: os.seteuid(65534) if os.getuid() == 0 else None
    os.seteuid(os.getuid())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def put_everywhere(store: Store, name: str) -> list[Callable[[], object]]:
    """Return every way to put bytes under a name; "there" must be an object."""
    return [
        lambda: store.write(name, b"x"),
        lambda: store.write(name, b"x", condition=CREATE),
        lambda: store.write(name, b"x", private=True),
        lambda: store.write_stream(name, [b"x"]),
        lambda: store.copy("there", name),
        lambda: store.copy("there", name, shared=True),
        lambda: store.move("there", name),
    ]


def get_everywhere(store: Store, name: str) -> list[Callable[[], object]]:
    return [
        lambda: store.read(name),
        lambda: store.open(name),
        lambda: store.copy(name, "elsewhere"),
        lambda: store.copy(name, "elsewhere", shared=True),
        lambda: store.move(name, "elsewhere"),
    ]


def test_nothing_is_made_before_the_first_write(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "root")
    assert list(store.list()) == []
    with pytest.raises(ObjectMissing):
        store.read("a")
    store.delete("a")
    assert list(tmp_path.iterdir()) == []


def test_a_web_server_can_read_what_is_public_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root").chmod(0o755)
    store = FolderStore(tmp_path / "root")
    store.write("a/b/c", b"")
    store.write_stream("a/b/app", [b""], executable=True)
    assert mode(store.path / "a") == mode(store.path / "a/b") == mode(store.path / "a/b/app") == 0o755
    assert mode(store.path / "a/b/c") == 0o644


def test_a_new_root_that_is_served_lets_a_web_server_through_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    FolderStore(tmp_path / "srv/www/updates", served=True).write("timestamp.json", b"")
    with open_location(Location(url=str(tmp_path / "other/updates"))).batch() as store:
        store.write("timestamp.json", b"")
    for name in ("srv", "srv/www", "srv/www/updates", "other", "other/updates"):
        assert mode(tmp_path / name) == 0o755


def test_a_new_root_is_written_by_its_owner_alone(tmp_path: Path, umask: int) -> None:
    if umask == 0o777:
        pytest.skip("nobody else than root could write the object")
    FolderStore(tmp_path / "root").write("a", b"")
    assert mode(tmp_path / "root") == 0o755 & ~umask


def test_nobody_else_can_read_what_is_private_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root").chmod(0o755)
    store = FolderStore(tmp_path / "root")
    store.write("keys/root.json", b"", private=True)
    assert mode(store.path / "keys") == 0o700
    assert mode(store.path / "keys/root.json") == 0o600
    store.write("top", b"", private=True)
    assert mode(store.path / "top") == 0o600
    assert mode(store.path) == 0o755  # the root is its owner's


def test_a_private_object_closes_the_folder_it_comes_into(store: FolderStore) -> None:
    store.write("keys/notes", b"")
    assert mode(store.path / "keys") == 0o755
    store.write("keys/root.json", b"", private=True)
    assert mode(store.path / "keys") == 0o700


@pytest.mark.parametrize("shared", [False, True])
def test_a_private_object_stays_private_under_another_name(store: FolderStore, shared: bool) -> None:
    store.write("keys/a", b"", private=True)
    store.copy("keys/a", "copied/a", shared=shared)
    store.move("keys/a", "moved/a")
    assert mode(store.path / "copied/a") == mode(store.path / "moved/a") == 0o600


def test_a_private_object_is_never_readable_by_others_not_even_unfinished(tmp_path: Path) -> None:
    disk = Disk()
    store = store_on(disk, tmp_path / "root")
    seen: list[int] = []

    def look(call: str) -> None:
        seen.extend(mode(path) for path in (tmp_path / "root").rglob(".root.json.*"))

    disk.fault = look
    store.write("root.json", b"secret", private=True)
    assert set(seen) == {0o600}


def test_a_shared_copy_takes_no_room(store: FolderStore) -> None:
    store.write("a", b"1")
    store.copy("a", "b")
    store.copy("a", "c", shared=True)
    inode = {name: (store.path / name).stat().st_ino for name in "abc"}
    assert inode["a"] == inode["c"] != inode["b"]


def test_what_writes_in_place_cannot_change_a_copy(store: FolderStore) -> None:
    store.write("4.root.json", b"four")
    store.copy("4.root.json", "root.json")
    with (store.path / "root.json").open("r+b") as file:  # as go-tuf commits
        file.write(b"five")
    assert store.read("4.root.json") == b"four"


def test_a_foreign_file_is_an_object_too(store: FolderStore) -> None:
    (store.path / "a").mkdir(parents=True)
    (store.path / "a/b").write_bytes(b"1")
    assert store.read("a/b") == b"1"
    assert [entry.name for entry in store.list()] == ["a/b"]


def test_what_a_name_cannot_say_stops_a_listing(store: FolderStore) -> None:
    store.write("a", b"")
    Path(os.fsdecode(os.fsencode(store.path) + b"/\xff")).write_bytes(b"")
    with pytest.raises(UnsafeName, match=r"^'\\udcff': unsafe name: is not UTF-8$"):
        list(store.list())


# Links


@pytest.fixture
def linked(store: FolderStore, tmp_path: Path) -> FolderStore:
    """A store with links to a file and a folder outside, made by somebody who would like us to follow them."""
    store.write("there", b"mine")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/file").write_bytes(b"theirs")
    (store.path / "file").symlink_to(tmp_path / "outside/file")
    (store.path / "folder").symlink_to(tmp_path / "outside")
    (store.path / "dangling").symlink_to(tmp_path / "outside/new")
    return store


@pytest.mark.parametrize("name", ["file", "folder", "dangling", "folder/file", "folder/new", "folder/deep/new"])
def test_no_link_is_followed_or_replaced(linked: FolderStore, tmp_path: Path, name: str) -> None:
    first = name.partition("/")[0]
    asks: list[Callable[[], object]] = [
        lambda: linked.stat(name),
        lambda: linked.delete(name),
        lambda: linked.write(name, b"x", condition=Unchanged("any")),
    ]
    for ask in [*put_everywhere(linked, name), *get_everywhere(linked, name), *asks]:
        with pytest.raises(LinkRefused, match=rf"^{first}: is a symbolic link, which is never followed$"):
            ask()
    with pytest.raises(LinkRefused):
        linked.lock(f"{name}/lock", note="").__enter__()
    assert [path.name for path in (tmp_path / "outside").iterdir()] == ["file"]
    assert (tmp_path / "outside/file").read_bytes() == b"theirs"
    assert (linked.path / first).is_symlink()
    assert linked.read("there") == b"mine"
    assert not (linked.path / "elsewhere").exists()


def test_a_listing_stops_at_a_link(linked: FolderStore) -> None:
    """It is no object; but were it passed over, a web server would still serve what is behind it."""
    with pytest.raises(LinkRefused, match="dangling"):
        list(linked.list())
    with pytest.raises(LinkRefused):
        list(linked.list("folder/"))
    assert [entry.name for entry in linked.list("there")] == ["there"]


def test_a_lock_file_that_is_a_link_is_refused(store: FolderStore, tmp_path: Path) -> None:
    store.write("a", b"")
    (store.path / ".work.lock").symlink_to(tmp_path / "victim")
    with pytest.raises(LinkRefused):
        store.lock("work", note="").__enter__()
    assert not (tmp_path / "victim").exists()


def test_a_folder_swapped_for_a_link_leads_nowhere(tmp_path: Path) -> None:
    disk = Disk()
    store = store_on(disk, tmp_path / "root")
    store.write("a/b/old", b"")
    (tmp_path / "outside/b").mkdir(parents=True)

    def swap(call: str) -> None:
        if call.startswith("write"):
            (store.path / "a").rename(tmp_path / "aside")
            (store.path / "a").symlink_to(tmp_path / "outside")

    disk.fault = swap
    store.write("a/b/new", b"1")
    assert list((tmp_path / "outside/b").iterdir()) == []
    assert (tmp_path / "aside/b/new").read_bytes() == b"1"


def test_the_root_itself_may_be_a_link(store: FolderStore, tmp_path: Path) -> None:
    store.write("a", b"1")
    (tmp_path / "link").symlink_to(store.path)
    assert FolderStore(tmp_path / "link").read("a") == b"1"
    FolderStore(tmp_path / "link").write("b", b"2")
    assert store.read("b") == b"2"


def test_a_root_whose_drive_is_not_there_says_so(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "media/stick")
    store = FolderStore(tmp_path / "link")
    assert list(store.list()) == []
    with pytest.raises(StoreBroken, match="leads nowhere"):
        store.write("a", b"")


# Things that are no files


def test_a_root_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "root").write_bytes(b"")
    store = FolderStore(tmp_path / "root")
    for ask in (lambda: store.read("a"), lambda: store.write("a/b", b""), lambda: list(store.list())):
        with pytest.raises(NotAFolder):
            ask()


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_what_is_neither_file_nor_folder_is_no_object(
    store: FolderStore, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write("there", b"")
    monkeypatch.chdir(store.path)  # a socket's path must be short
    if kind == "pipe":
        os.mkfifo("odd")
    else:
        socket.socket(socket.AF_UNIX).bind("odd")
    for ask in (*put_everywhere(store, "odd"), *get_everywhere(store, "odd")):
        with pytest.raises(NotAFile, match=r"^odd: is neither a file nor a folder$"):
            ask()  # and does not wait for the pipe's other end
    assert store.stat("odd") is None
    assert [entry.name for entry in store.list()] == ["there"]


def test_a_long_name_works_up_to_what_the_file_system_takes(store: FolderStore) -> None:
    for segment in ("x" * 255, "ü" * 127, "🦊" * 63):
        store.write(segment, b"1", condition=CREATE)
        store.copy(segment, f"a/{segment}", shared=True)
        assert store.read(f"a/{segment}") == b"1"
    with pytest.raises(NameRefused, match="too long"):
        store.lock("x" * 255, note="").__enter__()


# Disks that say no


@pytest.mark.parametrize(
    ("call", "code", "expected", "says"),
    [
        ("open", errno.ENOSPC, StoreFull, "no room left"),
        ("write", errno.ENOSPC, StoreFull, "no room left"),
        ("write", errno.EDQUOT, StoreFull, "the disk quota is used up"),
        ("write", errno.EFBIG, StoreFull, "longer than this folder's file system takes"),
        ("write", errno.EIO, StoreBroken, "input/output error"),
        ("sync_file", errno.EIO, StoreBroken, "input/output error"),
        ("sync_file", errno.ENOSPC, StoreFull, "no room left"),
        ("set_mode", errno.EIO, StoreBroken, "input/output error"),
        ("rename", errno.ENOSPC, StoreFull, "no room left"),
        ("rename", errno.EROFS, StoreReadOnly, "the file system is read-only"),
        ("open", errno.EROFS, StoreReadOnly, "the file system is read-only"),
        ("open", errno.EACCES, StoreReadOnly, "may not be written by this user"),
        ("open", errno.EMFILE, StoreBroken, "too many open files"),
        ("open", errno.EINVAL, NameRefused, "this folder's file system takes no such name"),
        ("open", errno.ENAMETOOLONG, NameRefused, "the name is too long for this folder's file system"),
    ],
)
def test_a_write_that_fails_is_one_clear_error_and_leaves_nothing(
    tmp_path: Path, call: str, code: int, expected: type[StoreFault], says: str
) -> None:
    disk = Disk()
    store = store_on(disk, tmp_path / "root")
    store.write("a/there", b"old")
    disk.fails(call, code)
    for name in ("a/there", "a/new"):
        with pytest.raises(expected, match=rf"^{name}: {says}$"):
            store.write(name, b"new")
        with pytest.raises(expected, match=rf"^{name}: {says}$"):
            store.write_stream(name, [b"n", b"ew"])
    disk.fault = lambda call: None
    assert [entry.name for entry in store.list()] == ["a/there"]
    assert store.read("a/there") == b"old"
    assert [path.name for path in (tmp_path / "root/a").iterdir()] == ["there"]


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    disk = Disk()
    disk.fails("make", errno.ENOSPC)
    (tmp_path / "a").mkdir()
    with pytest.raises(StoreFull, match=r"^a/b: no room left$") as caught:
        store_on(disk, tmp_path).write("a/b/c", b"")
    assert (caught.value.exit_code, hint(caught.value)) == (36, "make room, then type the command again: df -h")


def test_an_fsync_that_fails_is_not_passed_over(tmp_path: Path) -> None:
    disk = Disk()
    store = store_on(disk, tmp_path)
    disk.fails("sync", errno.EIO)
    with pytest.raises(StoreBroken):
        store.write("a", b"")


def test_the_file_size_limit_of_the_process_is_told_as_the_disk_would(store: FolderStore) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5_000_000, before[1]))
    try:
        with pytest.raises(StoreFull, match="longer than"):
            store.write("a", b"x" * 10_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(store.path.iterdir()) == []


def test_a_folder_we_may_only_read_is_read_without_a_lock(tmp_path: Path, nobody: Callable[[], None]) -> None:
    store = FolderStore("root")
    store.write("a/there", b"1")
    store.write("there", b"1")
    before = sorted(path.name for path in tmp_path.rglob("*"))
    for folder in (tmp_path / "root/a", tmp_path / "root", tmp_path):
        folder.chmod(0o555)
    nobody()
    assert store.read("a/there") == b"1"
    assert [entry.name for entry in store.list()] == ["a/there", "there"]
    assert store.sweep() == ()
    store.delete("not/there")
    asks: list[Callable[[], object]] = [
        lambda: store.delete("a/there"),
        lambda: store.lock("a/lock", note="").__enter__(),
    ]
    for ask in [*put_everywhere(store, "a/b"), *put_everywhere(store, "new/b"), *asks]:
        with pytest.raises(StoreReadOnly, match="may not be written by this user"):
            ask()
    os.seteuid(os.getuid())
    for folder in (tmp_path, tmp_path / "root", tmp_path / "root/a"):
        folder.chmod(0o755)
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_a_working_directory_we_may_not_even_look_into_is_told(tmp_path: Path, nobody: Callable[[], None]) -> None:
    (tmp_path / "root").mkdir(mode=0o700)
    os.chdir("root")
    nobody()
    with pytest.raises(StoreReadOnly):
        FolderStore(".").write("a", b"")


def test_what_we_may_not_read_is_told(tmp_path: Path, nobody: Callable[[], None]) -> None:
    store = FolderStore("root")
    store.write("keys/root.json", b"1")
    (tmp_path / "root/keys/root.json").chmod(0)
    (tmp_path / "root/shut").mkdir(mode=0)
    tmp_path.chmod(0o755)
    nobody()
    asks: list[Callable[[], object]] = [lambda: store.read("keys/root.json"), lambda: list(store.list("shut/"))]
    for ask in asks:
        with pytest.raises(StoreDenied, match="may not be read by this user"):
            ask()


def test_a_drive_pulled_while_a_stream_is_read_is_told(store: FolderStore) -> None:
    store.write("a", b"x" * 1000)
    stream = store.open("a")
    other = os.open(store.path, os.O_RDONLY)
    os.dup2(other, stream.fileno())  # reading a folder is an OSError, as reading a pulled drive is
    os.close(other)
    reads: list[Callable[[], bytes]] = [lambda: stream.read(10), stream.read]
    for read in reads:
        with pytest.raises(StoreFault, match=r"^a: "):
            read()
    stream.close()


# Temporary files


def test_a_leftover_never_looks_like_metadata(tmp_path: Path) -> None:
    disk = Disk()
    store = store_on(disk, tmp_path)
    store.write("timestamp.json", b"{}")
    created = [call.split()[-1] for call in disk.calls if call.startswith("open")]
    assert [re.fullmatch(r"\.timestamp\.json\.[0-9a-f]{16}\.tmp", name) is not None for name in created] == [True]


def test_two_writes_never_share_a_temporary_name(tmp_path: Path) -> None:
    disk = Disk()
    store = store_on(disk, tmp_path)
    for _ in range(10):
        store.write("a", b"")
    assert len({call for call in disk.calls if call.startswith("open")}) == 10


def test_leftovers_are_not_listed_and_are_swept(store: FolderStore) -> None:
    store.write("a/there", b"1")
    leftovers = [".there.0123456789abcdef.tmp", "a/.there.0123456789abcdef.tmp", "b/c/.x.0123456789abcdef.tmp"]
    for leftover in leftovers:
        (store.path / leftover).parent.mkdir(parents=True, exist_ok=True)
        (store.path / leftover).write_bytes(b"half")
    lookalikes = [".a.tmp", ".a.0123456789ABCDEF.tmp", "a.0123456789abcdef.tmp", ".a.0123456789abcdef.tmp.json"]
    for name in lookalikes:
        store.write(name, b"")
    (store.path / ".folder.0123456789abcdef.tmp").mkdir()

    assert [entry.name for entry in store.list()] == sorted(["a/there", *lookalikes])
    assert store.sweep() == tuple(sorted(leftovers))
    assert [entry.name for entry in store.list()] == sorted(["a/there", *lookalikes])
    assert not (store.path / "b").exists()
    assert store.sweep() == ()


def test_a_sweep_spares_what_a_living_writer_is_working_on(store: FolderStore) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"first"
        os.utime(next(store.path.glob(".a.*.tmp")), (0, 0))  # however old it looks
        assert store.sweep() == ()
        yield b" and last"

    store.write_stream("a", chunks())
    assert store.read("a") == b"first and last"


def test_a_sweep_passes_by_links(linked: FolderStore) -> None:
    (linked.path / ".x.0123456789abcdef.tmp").symlink_to(linked.path / "there")
    assert linked.sweep() == ()
    assert linked.read("there") == b"mine"


def test_a_store_can_be_sent_to_another_process(store: FolderStore) -> None:
    store.write("a", b"1")
    sent = pickle.loads(pickle.dumps(store))
    assert sent.read("a") == b"1"
    sent.write("a", b"2")
    assert store.read("a") == b"2"
