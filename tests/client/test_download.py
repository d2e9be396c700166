from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.client.conftest import PATIENT, NewClient
from tests.client.web import Request, Web, web_server
from tufkeep.client import Client, HttpFetcher
from tufkeep.client.errors import FileChanged, TooSlow, Unreachable
from tufkeep.client.pieces import PIECE_BYTES, Pieces, drop_abandoned
from tufkeep.metadata.refusal import HashMismatch
from tufkeep.stores import FolderStore, MemoryStore
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.fetcher import ScriptedFetcher
from tufkeep.testing.forge import Forge

BIG = bytes(range(256)) * ((2 * PIECE_BYTES + 5000) // 256)
SMALL = bytes(range(256)) * 100


def served_name(data: bytes, path: str = "big") -> str:
    return f"targets/{hashlib.sha256(data).hexdigest()}.{path}"


@pytest.fixture
def forge(clock: FakeClock) -> Forge:
    forge = Forge(now=clock())
    forge.add("big", BIG)
    forge.add("small", SMALL)
    forge.publish()
    return forge


def kept(state: MemoryStore) -> list[str]:
    return [entry.name for entry in state.list(".tufkeep/partial/")]


@pytest.mark.parametrize(("path", "data"), [("big", BIG), ("small", SMALL)])
def test_a_cut_connection_is_taken_up_where_it_was_cut(
    client: Client, server: ScriptedFetcher, folder: MemoryStore, path: str, data: bytes
) -> None:
    name = served_name(data, path)
    server.cut(name, 1000, 2000, len(data) // 2)
    client.download(path, folder)
    assert folder.read(path) == data
    assert server.asked.count(name) == 4


def test_attempts_are_bounded_and_pauses_grow(
    new_client: NewClient, server: ScriptedFetcher, folder: MemoryStore, forge: Forge
) -> None:
    pauses: list[float] = []
    client = new_client(MemoryStore(), replace(PATIENT, sleep=pauses.append))
    client.init(forge.root())
    client.refresh()
    server.answers[served_name(SMALL, "small")] = Unreachable("there", "reset")
    with pytest.raises(Unreachable):
        client.download("small", folder)
    assert pauses == [0.5, 1.0, 2.0]
    assert list(folder.list()) == []


def test_attempts_are_counted_anew_when_something_comes(
    client: Client, server: ScriptedFetcher, folder: MemoryStore
) -> None:
    server.cut(served_name(SMALL, "small"), *[1] * 20)
    client.download("small", folder)
    assert folder.read("small") == SMALL


def test_a_later_process_goes_on_with_the_pieces_of_a_big_artifact(
    client: Client, new_client: NewClient, state: MemoryStore, server: ScriptedFetcher, folder: MemoryStore
) -> None:
    server.cut(served_name(BIG), PIECE_BYTES + 1000)
    with pytest.raises(Unreachable):
        new_client(state, replace(PATIENT, attempts=1)).download("big", folder)
    assert len(kept(state)) == 1
    assert list(folder.list()) == []

    client.download("big", folder)
    assert folder.read("big") == BIG
    assert kept(state) == []


def test_pieces_of_a_file_that_was_replaced_are_thrown_away(
    client: Client, state: MemoryStore, folder: MemoryStore
) -> None:
    pieces = Pieces(state, client.target("big"))
    state.write(pieces._name(0), b"\0" * PIECE_BYTES)
    client.download("big", folder)
    assert folder.read("big") == BIG
    assert kept(state) == []


def test_a_mirror_of_wrong_bytes_leaves_no_pieces(
    client: Client, server: ScriptedFetcher, state: MemoryStore, folder: MemoryStore
) -> None:
    server.answers[served_name(BIG)] = b"\0" * len(BIG)
    with pytest.raises(HashMismatch):
        client.download("big", folder)
    assert kept(state) == []
    assert list(folder.list()) == []


def test_a_download_that_another_process_is_at_goes_on_beside_it(
    client: Client, state: MemoryStore, folder: MemoryStore
) -> None:
    with Pieces(state, client.target("big")).lock():
        client.download("big", folder)
    assert folder.read("big") == BIG


def test_abandoned_pieces_are_dropped_and_living_ones_are_not(client: Client, state: MemoryStore) -> None:
    pieces = Pieces(state, client.target("big"))
    state.write(pieces._name(0), b"\0" * PIECE_BYTES)
    with pieces.lock():
        drop_abandoned(state)
        assert len(kept(state)) == 1
    drop_abandoned(state)
    assert kept(state) == []


def test_what_was_fetched_of_a_file_that_was_replaced_goes_with_the_next_download(
    client: Client,
    new_client: NewClient,
    state: MemoryStore,
    server: ScriptedFetcher,
    folder: MemoryStore,
    forge: Forge,
) -> None:
    server.cut(served_name(BIG), PIECE_BYTES + 1000)
    with pytest.raises(Unreachable):
        new_client(state, replace(PATIENT, attempts=1)).download("big", folder)
    assert len(kept(state)) == 1
    forge.add("big", BIG[::-1])
    forge.publish()
    client.download("big", folder)
    assert folder.read("big") == BIG[::-1]
    assert kept(state) == []


def test_two_downloads_at_once_end_on_the_same_file(forge: Forge, clock: FakeClock, tmp_path: Path) -> None:
    from tufkeep.client import StoreFetcher

    def run() -> None:
        client = Client(FolderStore(tmp_path / "state"), StoreFetcher(forge.store), clock=clock, limits=PATIENT)
        client.init(forge.root())
        for path in ("big", "small"):
            client.download(path, FolderStore(tmp_path / "files"))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "files" / "big").read_bytes() == BIG
    assert [entry.name for entry in FolderStore(tmp_path / "files").list()] == ["big", "small"]
    assert list(FolderStore(tmp_path / "state").list(".tufkeep/partial/")) == []


# Over http


@pytest.fixture
def web(forge: Forge) -> Iterator[Web]:
    with web_server() as web:
        for entry in forge.store.list():
            web.file(f"/{entry.name}", forge.store.read(entry.name))
        yield web


@pytest.fixture
def http_client(web: Web, state: MemoryStore, clock: FakeClock, forge: Forge) -> Client:
    client = Client(state, HttpFetcher(web.url), clock=clock, limits=PATIENT)
    client.init(forge.root())
    return client


def test_the_rest_is_asked_for_by_range_and_tag_over_http(http_client: Client, web: Web, folder: MemoryStore) -> None:
    path = f"/{served_name(BIG)}"
    web.file(path, BIG, cuts=[PIECE_BYTES + 77, 5])
    http_client.download("big", folder)
    assert folder.read("big") == BIG
    asked = [(headers["Range"], headers["If-Match"]) for name, headers in web.seen if name == path]
    assert asked == [(None, None), (f"bytes={PIECE_BYTES + 77}-", '"v1"'), (f"bytes={PIECE_BYTES + 82}-", '"v1"')]


def test_a_later_process_asks_for_the_rest_alone(
    http_client: Client, web: Web, folder: MemoryStore, state: MemoryStore, clock: FakeClock
) -> None:
    path = f"/{served_name(BIG)}"
    web.file(path, BIG, cuts=[2 * PIECE_BYTES + 7])
    impatient = Client(state, HttpFetcher(web.url), clock=clock, limits=replace(PATIENT, attempts=1))
    with pytest.raises(Unreachable):
        impatient.download("big", folder)
    web.seen.clear()
    http_client.download("big", folder)
    assert folder.read("big") == BIG
    (asked,) = [headers for name, headers in web.seen if name == path]
    assert (asked["Range"], asked["If-Match"]) == (f"bytes={2 * PIECE_BYTES}-", '"v1"')


def test_a_server_without_ranges_is_read_from_the_start_again(
    http_client: Client, web: Web, folder: MemoryStore
) -> None:
    path = f"/{served_name(SMALL, 'small')}"
    cuts = [1000, 3000]

    def no_ranges(request: Request) -> None:
        request.answer(SMALL[: cuts.pop(0)] if cuts else SMALL, length=len(SMALL))

    web.routes[path] = no_ranges
    http_client.download("small", folder)
    assert folder.read("small") == SMALL


def test_a_file_replaced_between_two_parts_is_fetched_anew_at_once(
    http_client: Client, web: Web, folder: MemoryStore, state: MemoryStore
) -> None:
    path = f"/{served_name(BIG)}"
    web.file(path, b"\0" * len(BIG), tag='"old"', cuts=[PIECE_BYTES + 10])
    first = web.routes[path]

    def swap(request: Request) -> None:
        first(request)
        web.file(path, BIG, tag='"new"')

    web.routes[path] = swap
    http_client.download("big", folder)
    assert folder.read("big") == BIG
    assert kept(state) == []


def test_a_server_that_knows_neither_ranges_nor_tags_cannot_mix_two_files(
    http_client: Client, web: Web, folder: MemoryStore
) -> None:
    path = f"/{served_name(SMALL, 'small')}"

    def first(request: Request) -> None:
        web.routes[path] = lambda request: request.answer(SMALL, ETag='"new"')
        request.answer(b"old" * 100, length=len(SMALL), ETag='"old"')

    web.routes[path] = first
    with pytest.raises(FileChanged):
        http_client.download("small", folder)
    assert list(folder.list()) == []


ODD_TAGS = ['"' + "x" * 2000 + '"', '"\xe4"', "no quotes", '"a"b"', '""', "\x7f"]


@pytest.mark.parametrize("tag", ODD_TAGS)
def test_a_tag_that_is_none_is_never_stored(
    http_client: Client, web: Web, folder: MemoryStore, state: MemoryStore, clock: FakeClock, tag: str
) -> None:
    path = f"/{served_name(BIG)}"
    web.file(path, BIG, tag=tag, cuts=[PIECE_BYTES + 7])
    with pytest.raises(Unreachable):
        Client(state, HttpFetcher(web.url), clock=clock, limits=replace(PATIENT, attempts=1)).download("big", folder)
    assert [name.rpartition("/")[2] for name in kept(state)] == ["000000"]
    web.file(path, BIG)
    http_client.download("big", folder)
    assert folder.read("big") == BIG


@pytest.mark.parametrize("tag", [b"\xff\xfe", b"x" * 5000, b"", b'"a"\r\nX: y', b'"\0"'])
def test_a_tag_that_an_older_version_stored_stops_nothing(
    http_client: Client, state: MemoryStore, folder: MemoryStore, tag: bytes
) -> None:
    pieces = Pieces(state, http_client.target("big"))
    state.write(pieces._name(0), BIG[:PIECE_BYTES])
    state.write(pieces._name(0).replace("000000", "tag"), tag)
    http_client.download("big", folder)
    assert folder.read("big") == BIG


@pytest.mark.parametrize("target", ["big", "small"])
@pytest.mark.parametrize("given", ["bytes 0-9/10", "bytes */10", f"bytes {'9' * 5000}-/*", ""])
def test_a_server_that_answers_ranges_with_the_beginning_is_asked_for_the_whole(
    http_client: Client, web: Web, folder: MemoryStore, state: MemoryStore, target: str, given: str
) -> None:
    data = {"big": BIG, "small": SMALL}[target]
    cuts = [len(data) // 2]

    def serve(request: Request) -> None:
        sent = data[: cuts.pop()] if cuts else data
        status = 206 if request.headers.get("Range") else 200
        request.answer(sent, status=status, length=len(data), Content_Range=given)

    web.routes[f"/{served_name(data, target)}"] = serve
    http_client.download(target, folder)
    assert folder.read(target) == data
    assert kept(state) == []


def test_a_server_that_begins_again_after_every_cut_and_is_always_cut_is_left(
    http_client: Client, web: Web, folder: MemoryStore
) -> None:
    """One byte more each time, of which a count of failures alone would take notice never."""
    sent = len(SMALL) // 2

    def serve(request: Request) -> None:
        nonlocal sent
        sent += 1
        request.answer(SMALL[:sent], length=len(SMALL))

    web.routes[f"/{served_name(SMALL, 'small')}"] = serve
    with pytest.raises(TooSlow, match="begins at the beginning after every cut"):
        http_client.download("small", folder)
    assert len(web.seen) < 20


def test_a_length_that_no_file_has_ends_with_the_file(client: Client, forge: Forge, state: MemoryStore) -> None:
    forge.lie("targets", lambda signed: signed["targets"]["big"].update(length=10**18))
    forge.publish()
    with pytest.raises(HashMismatch, match="length"):
        client.download("big", MemoryStore())
    assert kept(state) == []
