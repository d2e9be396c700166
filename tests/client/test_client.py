from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from tests.client.conftest import PATIENT, NewClient
from tufkeep.client import Client, Limits, StoreFetcher
from tufkeep.client.client import Refresh
from tufkeep.client.errors import AccessForbidden, NotServed, ServerFault, TooLong, Unreachable, WebPageInstead
from tufkeep.client.fetch import Body
from tufkeep.client.state import NothingTrusted, OtherAnchor
from tufkeep.client.walk import TargetNotFound, TooManyRoles
from tufkeep.errors import TufkeepError
from tufkeep.metadata.canonical import MalformedMetadata
from tufkeep.metadata.filenames import kept_name
from tufkeep.metadata.quorum import ThresholdNotReached
from tufkeep.metadata.refusal import ExpiredMetadata, HashMismatch, RoleNotListed, RollbackRefused, WrongVersion
from tufkeep.metadata.targets import UnsafeTargetPath
from tufkeep.stores import MemoryStore
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.fetcher import ScriptedFetcher
from tufkeep.testing.forge import Forge

WHERE = "anywhere"


def test_the_first_refresh_asks_for_four_files_and_no_more(client: Client, server: ScriptedFetcher) -> None:
    assert server.asked == []
    client.refresh()
    assert server.asked == ["2.root.json", "timestamp.json", "2.snapshot.json", "2.targets.json"]


def test_a_second_refresh_asks_for_what_may_have_changed_alone(client: Client, server: ScriptedFetcher) -> None:
    client.refresh()
    server.asked.clear()
    client.refresh()
    assert server.asked == ["2.root.json", "timestamp.json"]


def test_a_new_process_goes_on_where_the_last_one_was(
    client: Client, new_client: NewClient, state: MemoryStore, server: ScriptedFetcher, forge: Forge
) -> None:
    client.refresh()
    forge.publish()
    server.asked.clear()
    assert new_client(state).refresh().targets == 3
    assert server.asked == ["2.root.json", "timestamp.json", "3.snapshot.json", "3.targets.json"]


def test_without_consistent_snapshots_plain_names_are_asked_for(clock: FakeClock) -> None:
    from tufkeep.client import StoreFetcher

    forge = Forge(now=clock(), consistent_snapshot=False)
    forge.add("dir/app", b"1.0")
    forge.publish()
    server = ScriptedFetcher(StoreFetcher(forge.store))
    client = Client(MemoryStore(), server, clock=clock)
    client.init(forge.root())
    client.refresh()
    client.download("dir/app", MemoryStore())
    assert server.asked == ["2.root.json", "timestamp.json", "snapshot.json", "targets.json", "targets/dir/app"]


def test_what_is_received_is_kept_byte_for_byte(client: Client, state: MemoryStore, forge: Forge) -> None:
    client.refresh()
    top = sorted(entry.name for entry in state.list() if "/" not in entry.name)
    assert top == ["root.json", "snapshot.json", "targets.json", "timestamp.json"]
    assert all(state.read(name) == forge.store.read(name) for name in top)


def test_a_refresh_tells_what_it_ended_on(client: Client, clock: FakeClock) -> None:
    found = client.refresh()
    assert (found.root, found.timestamp, found.snapshot, found.targets) == (1, 2, 2, 2)
    assert (found.expires - clock()).days == 7
    assert isinstance(found, Refresh)


def test_a_client_needs_a_root_to_begin_from(new_client: NewClient) -> None:
    with pytest.raises(NothingTrusted):
        new_client(MemoryStore()).refresh()


def test_init_makes_no_request_and_may_be_repeated(client: Client, server: ScriptedFetcher, forge: Forge) -> None:
    forge.publish_root()
    client.refresh()
    server.asked.clear()
    assert client.init(forge.root(1)) is False
    assert server.asked == []
    assert client.refresh().root == 2  # the newer root was not replaced


def test_init_takes_no_other_root_over_a_trusted_one(client: Client, clock: FakeClock) -> None:
    with pytest.raises(OtherAnchor):
        client.init(Forge(now=clock()).root())


def test_init_refuses_a_root_that_is_none(new_client: NewClient, forge: Forge) -> None:
    state = MemoryStore()
    with pytest.raises(MalformedMetadata):
        new_client(state).init(forge.store.read("timestamp.json"))
    with pytest.raises(MalformedMetadata):
        new_client(state).init(b"<html>")
    assert list(state.list()) == []


def test_an_expired_root_is_good_enough_to_begin_from(client: Client, forge: Forge, clock: FakeClock) -> None:
    clock.advance(days=400)
    forge.now = clock()
    forge.publish_root()
    forge.publish()
    assert client.refresh().root == 2


def test_an_expired_newest_root_stops_before_anything_else_is_asked_for(
    client: Client, server: ScriptedFetcher, clock: FakeClock
) -> None:
    clock.advance(days=400)
    with pytest.raises(ExpiredMetadata, match="root v1"):
        client.refresh()
    assert server.asked == ["2.root.json"]


def test_every_root_on_the_way_is_taken_and_kept(client: Client, state: MemoryStore, forge: Forge) -> None:
    for _ in range(3):
        forge.rotate("root", keys=3, threshold=2)
        forge.publish_root()
    forge.publish()
    assert client.refresh().root == 4
    assert state.read("root.json") == forge.root(4)


def test_a_root_that_was_accepted_stays_whatever_is_refused_after_it(
    client: Client, state: MemoryStore, forge: Forge, server: ScriptedFetcher
) -> None:
    forge.publish_root()
    server.answers["3.root.json"] = forge.root(1)
    with pytest.raises(WrongVersion):
        client.refresh()
    assert state.read("root.json") == forge.root(2)


def test_a_bounded_number_of_roots_is_taken_in_one_refresh(
    new_client: NewClient, forge: Forge, server: ScriptedFetcher
) -> None:
    client = new_client(MemoryStore(), Limits(root_rotations=2))
    client.init(forge.root(1))
    for _ in range(3):
        forge.publish_root()
    assert client.refresh().root == 3
    assert client.refresh().root == 4


@pytest.mark.parametrize(
    "trouble", [ServerFault(WHERE, status=500), ServerFault(WHERE, status=503), Unreachable(WHERE, "timed out")]
)
def test_a_server_in_trouble_is_not_the_end_of_the_root_chain(
    client: Client, state: MemoryStore, server: ScriptedFetcher, trouble: Exception
) -> None:
    server.answers["2.root.json"] = trouble
    with pytest.raises(type(trouble)):
        client.refresh()
    assert server.asked == ["2.root.json"]
    assert state.stat("timestamp.json") is None


def test_forbidden_is_taken_for_the_end_of_the_root_chain_and_said(client: Client, server: ScriptedFetcher) -> None:
    server.answers["2.root.json"] = AccessForbidden("https://host/2.root.json")
    found = client.refresh()
    assert found.root == 1
    assert found.warnings[0].startswith("https://host/2.root.json: forbidden (403) is taken for not found")


def test_a_web_page_in_place_of_metadata_is_called_one(client: Client, server: ScriptedFetcher) -> None:
    server.answers["timestamp.json"] = b"\n <!DOCTYPE html><html><body>Please log in</body></html>"
    with pytest.raises(WebPageInstead, match=r"timestamp\.json: a web page was sent in place of metadata"):
        client.refresh()


@pytest.mark.parametrize("name", ["timestamp.json", "3.snapshot.json", "3.targets.json"])
@pytest.mark.parametrize("trouble", [NotServed(WHERE), Unreachable(WHERE, "reset"), ServerFault(WHERE, status=502)])
def test_a_failed_fetch_freezes_nothing(
    client: Client,
    new_client: NewClient,
    state: MemoryStore,
    forge: Forge,
    server: ScriptedFetcher,
    name: str,
    trouble: TufkeepError,
) -> None:
    client.refresh()
    forge.publish()
    server.answers[name] = trouble
    for _ in range(2):
        with pytest.raises(type(trouble)):
            new_client(state).refresh()
    del server.answers[name]
    assert new_client(state).refresh().targets == 3


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
@pytest.mark.parametrize("damage", [b"", b"{", b"not json", b'{"signed":{},"signatures":[]}', b"\xff\x00" * 5000])
def test_a_damaged_file_is_fetched_again(
    client: Client, new_client: NewClient, state: MemoryStore, forge: Forge, role: str, damage: bytes
) -> None:
    client.refresh()
    state.write(f"{role}.json", damage)
    assert new_client(state).refresh().targets == 2
    assert state.read(f"{role}.json") == forge.store.read(f"{role}.json")


def test_a_republished_snapshot_of_the_same_version_is_noticed(
    client: Client, forge: Forge, server: ScriptedFetcher
) -> None:
    """A publisher who mended a snapshot without a new version does not leave clients on the old one."""
    client.refresh()
    forge.signed["snapshot"]["comment"] = "mended"
    forge.write("snapshot")
    forge.list_in_timestamp()
    forge.next_version("timestamp")
    server.asked.clear()
    client.refresh()
    assert server.asked == ["2.root.json", "timestamp.json", "2.snapshot.json"]


def test_a_timestamp_of_the_same_version_is_not_stored(client: Client, state: MemoryStore, forge: Forge) -> None:
    client.refresh()
    before = state.read("timestamp.json")
    forge.signed["timestamp"]["comment"] = "other bytes"
    forge.write("timestamp")
    client.refresh()
    assert state.read("timestamp.json") == before


@pytest.mark.parametrize(
    ("name", "cap"),
    [
        ("2.root.json", 512_000),
        ("timestamp.json", 16_384),
        ("2.snapshot.json", 16_000_000),
        ("2.targets.json", 40_000_000),
    ],
)
def test_no_file_is_read_beyond_its_bound(
    clock: FakeClock, name: str, cap: int, new_client: NewClient, forge: Forge, server: ScriptedFetcher
) -> None:
    forge.meta_fields = ()
    forge.list_in_snapshot()
    forge.write("snapshot")
    forge.list_in_timestamp()
    forge.write("timestamp")
    client = new_client(MemoryStore())
    client.init(forge.root(1))
    server.answers[name] = b"{" + b" " * cap
    with pytest.raises(TooLong, match=f"longer than the {cap:,} bytes allowed"):
        client.refresh()


@pytest.mark.parametrize("name", ["2.snapshot.json", "2.targets.json"])
def test_a_signed_length_is_the_bound_where_there_is_one(
    client: Client, forge: Forge, server: ScriptedFetcher, name: str
) -> None:
    data = forge.store.read(name)
    server.answers[name] = data + b" "
    with pytest.raises(TooLong, match=f"longer than the {len(data):,} bytes allowed"):
        client.refresh()


def test_a_signed_length_beyond_all_measure_is_no_bound(
    new_client: NewClient, forge: Forge, server: ScriptedFetcher
) -> None:
    client = new_client(MemoryStore(), Limits(metadata_bytes=1000))
    client.init(forge.root(1))
    forge.lie("timestamp", lambda signed: signed["meta"]["snapshot.json"].update(length=10**15))
    forge.next_version("timestamp")
    server.answers["2.snapshot.json"] = b"{" * 1001
    with pytest.raises(TooLong, match="longer than the 1,000 bytes allowed"):
        client.refresh()


def test_a_role_of_many_targets_is_let_through(client: Client, forge: Forge) -> None:
    entry = {"length": 1, "hashes": {"sha256": "0" * 64, "sha512": "0" * 128}}
    forge.signed["targets"]["targets"] |= {f"some/folder/target-{number}": entry for number in range(20_000)}
    forge.meta_fields = ()
    forge.publish()
    assert client.refresh().targets == 3
    assert client.target("some/folder/target-19999").length == 1


def test_a_later_refresh_uses_the_later_time(client: Client, clock: FakeClock) -> None:
    client.refresh()
    clock.advance(days=8)
    with pytest.raises(ExpiredMetadata, match="timestamp v2"):
        client.refresh()


def test_a_lookup_refreshes_when_nothing_did(client: Client) -> None:
    assert client.target("app").length == 3


def test_an_unknown_target_is_not_found(client: Client) -> None:
    with pytest.raises(TargetNotFound, match="target 'nothing' is not in the repository"):
        client.target("nothing")


# Delegations


def test_a_target_is_found_in_a_delegated_role(client: Client, forge: Forge, folder: MemoryStore) -> None:
    forge.delegate("role", paths=["dir/*"])
    forge.add("dir/file", b"data", role="role")
    forge.publish("role")
    assert client.download("dir/file", folder).fetched
    assert folder.read("dir/file") == b"data"


def test_a_delegated_role_is_fetched_once(client: Client, forge: Forge, server: ScriptedFetcher) -> None:
    forge.delegate("role", paths=["*"])
    forge.add("file", b"data", role="role")
    forge.publish("role")
    client.target("file")
    server.asked.clear()
    client.target("file")
    assert server.asked == []


def test_a_delegated_role_that_did_not_change_is_not_fetched_by_a_new_process(
    client: Client, new_client: NewClient, state: MemoryStore, forge: Forge, server: ScriptedFetcher
) -> None:
    forge.delegate("role", paths=["*"])
    forge.add("file", b"data", role="role")
    forge.publish("role")
    client.target("file")
    server.asked.clear()
    new_client(state).target("file")
    assert server.asked == ["2.root.json", "timestamp.json"]


def test_a_role_is_not_asked_for_a_path_it_may_not_speak_for(client: Client, forge: Forge) -> None:
    forge.delegate("role", paths=["dir/*"])
    forge.add("elsewhere", b"data", role="role")
    forge.publish("role")
    with pytest.raises(TargetNotFound):
        client.target("elsewhere")
    assert [target.path for target in client.list()] == ["app"]


def test_an_earlier_delegation_wins(client: Client, forge: Forge, folder: MemoryStore) -> None:
    for role in ("first", "second"):
        forge.delegate(role, paths=["*"])
        forge.add("file", role.encode(), role=role)
    forge.publish("first", "second")
    client.download("file", folder)
    assert folder.read("file") == b"first"


def test_the_search_goes_down_before_it_goes_on(client: Client, forge: Forge, folder: MemoryStore) -> None:
    forge.delegate("first", paths=["*"])
    forge.delegate("second", paths=["*"])
    forge.delegate("below", by="first", paths=["*"])
    forge.add("file", b"below", role="below")
    forge.add("file", b"second", role="second")
    forge.publish("below", "second")
    client.download("file", folder)
    assert folder.read("file") == b"below"


def test_a_terminating_delegation_ends_the_search_on_every_level(client: Client, forge: Forge) -> None:
    forge.delegate("first", paths=["*"])
    forge.delegate("below", by="first", paths=["*"], terminating=True)
    forge.delegate("after", by="first", paths=["*"])
    forge.delegate("second", paths=["*"])
    for role in ("after", "second"):
        forge.add("file", b"data", role=role)
    forge.publish("after", "second")
    with pytest.raises(TargetNotFound):
        client.target("file")


def test_delegations_in_a_circle_end(client: Client, forge: Forge) -> None:
    forge.delegate("one", paths=["*"])
    forge.delegate("two", by="one", paths=["*"])
    forge.trust("one", forge.signers["one"], by="two", paths=["*"])
    forge.publish("two")
    with pytest.raises(TargetNotFound):
        client.target("file")
    assert [target.path for target in client.list()] == ["app"]


def bin_of(path: str) -> str:
    return hashlib.sha256(path.encode()).hexdigest()


def test_a_path_is_looked_up_by_the_prefix_of_its_hash(client: Client, forge: Forge) -> None:
    inside, outside = "file", next(f"f{n}" for n in range(99) if bin_of(f"f{n}")[0] != bin_of("file")[0])
    forge.delegate("bin", path_hash_prefixes=[bin_of(inside)[:1]])
    for path in (inside, outside):
        forge.add(path, b"data", role="bin")
    forge.publish("bin")
    assert client.target(inside).path == inside
    with pytest.raises(TargetNotFound):
        client.target(outside)
    assert [target.path for target in client.list()] == ["app", inside]


def test_succinct_roles_are_looked_up_in_their_bin(client: Client, forge: Forge) -> None:
    number = int(bin_of("file")[:8], 16) >> 28
    forge.delegate(f"bin-{number:x}", paths=["unused"])
    delegations = forge.signed["targets"]["delegations"]
    keyids = delegations.pop("roles")[0]["keyids"]
    delegations["succinct_roles"] = {"keyids": keyids, "threshold": 1, "bit_length": 4, "name_prefix": "bin"}
    forge.add("file", b"data", role=f"bin-{number:x}")
    forge.publish("targets", f"bin-{number:x}")
    assert client.target("file").path == "file"
    assert [target.path for target in client.list()] == ["app", "file"]


@pytest.mark.parametrize(("count", "found"), [(32, True), (33, False)])
def test_no_more_roles_are_visited_than_the_maximum(client: Client, forge: Forge, count: int, found: bool) -> None:
    for number in range(count):
        forge.delegate(f"role-{number}", paths=["*"])
    last = f"role-{count - 1}"
    forge.add("file", b"data", role=last)
    forge.publish(last)
    if found:
        assert client.target("file").path == "file"
    else:
        with pytest.raises(TooManyRoles, match="not in the first 32 delegated roles"):
            client.target("file")


def test_a_delegated_role_stored_for_one_delegator_does_not_do_for_another(
    client: Client, new_client: NewClient, state: MemoryStore, forge: Forge
) -> None:
    from securesystemslib.signer import CryptoSigner

    forge.delegate("good", paths=["good/*"])
    forge.delegate("role", by="good", paths=["*", "*/*"])
    forge.delegate("other", paths=["other/*"])
    forge.trust("role", [CryptoSigner.generate_ed25519()], by="other", paths=["*/*"])
    for path in ("good/file", "other/file"):
        forge.add(path, b"data", role="role")
    forge.publish("other", "role")
    assert client.target("good/file").path == "good/file"
    for process in (client, new_client(state)):
        with pytest.raises(ThresholdNotReached, match="role v2: 0 of 1"):
            process.target("other/file")


def test_a_delegated_role_that_is_not_in_the_snapshot_is_not_asked_for(
    client: Client, forge: Forge, server: ScriptedFetcher
) -> None:
    forge.delegate("role", paths=["*"])
    forge.lie("snapshot", lambda signed: signed["meta"].pop("role.json"))
    forge.publish()
    with pytest.raises(RoleNotListed):
        client.target("file")
    assert "1.role.json" not in server.asked


NAMES = ["../../escape", ".", "..", "a/b", "ä", "Root", "TIMESTAMP", "%2e", "a b", "nul\0"]


@pytest.mark.parametrize("role", NAMES)
def test_a_role_of_any_name_stays_in_its_folder(
    client: Client, new_client: NewClient, state: MemoryStore, forge: Forge, server: ScriptedFetcher, role: str
) -> None:
    client.refresh()
    before = {entry.name for entry in state.list()}
    forge.delegate(role, paths=["*"])
    forge.add("file", b"data", role=role)
    forge.publish(role)
    client.refresh()
    assert client.target("file").path == "file"
    (new,) = {entry.name for entry in state.list()} - before
    assert "/" not in new
    assert new.casefold() not in {name.casefold() for name in before}
    server.asked.clear()
    new_client(state).target("file")
    assert server.asked == ["2.root.json", "timestamp.json"]


def test_a_role_of_an_endless_name_has_a_file_name_of_bounded_length() -> None:
    assert len(kept_name("x" * 10_000)) < 100
    assert kept_name("x" * 300) != kept_name("x" * 301)


def test_role_names_are_encoded_with_nothing_left_safe(client: Client, forge: Forge, server: ScriptedFetcher) -> None:
    forge.delegate("../a ~ä", paths=["*"])
    with pytest.raises(TargetNotFound):
        client.target("file")
    assert server.asked[-1] == "1...%2Fa%20~%C3%A4.json"


def test_a_folder_is_read_as_a_web_server_reads_it(client: Client, forge: Forge) -> None:
    for role in ("a b", "a%20b"):
        forge.delegate(role, paths=[f"{role}/*"])
        forge.add(f"{role}/file", b"data", role=role)
        forge.publish(role)
    client.refresh()
    assert [client.target(f"{role}/file").path for role in ("a b", "a%20b")] == ["a b/file", "a%20b/file"]


# Two processes


def test_two_clients_on_one_folder_take_turns(
    client: Client, state: MemoryStore, forge: Forge, server: ScriptedFetcher, clock: FakeClock
) -> None:
    """The second waits while the first is in the middle of a refresh, and goes on from what it kept."""
    asking, go_on = threading.Event(), threading.Event()

    class Slow(ScriptedFetcher):
        @contextmanager
        def fetch(self, name: str, **options: Any) -> Iterator[Body]:
            asking.set()
            assert go_on.wait(30)
            with super().fetch(name, **options) as body:
                yield body

    slow = Client(state, Slow(StoreFetcher(forge.store)), clock=clock, limits=PATIENT)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(slow.refresh)
        assert asking.wait(30)
        second = pool.submit(client.refresh)
        with pytest.raises(TimeoutError):
            second.result(timeout=0.3)
        assert server.asked == [], "the second made a request while the first was in the middle of its own"
        go_on.set()
        assert first.result(timeout=30) == second.result(timeout=30)


def test_a_client_that_was_overtaken_does_not_go_back(
    client: Client, new_client: NewClient, state: MemoryStore, forge: Forge, server: ScriptedFetcher
) -> None:
    client.refresh()
    old = forge.store.read("timestamp.json")
    forge.publish()
    new_client(state).refresh()
    server.answers["timestamp.json"] = old
    with pytest.raises(RollbackRefused, match="timestamp v2: v3 is already trusted"):
        client.refresh()


# Fast-forward recovery


@pytest.mark.parametrize("role", ["timestamp", "snapshot"])
def test_rotating_a_key_away_recovers_from_versions_that_were_pushed_up(
    client: Client, new_client: NewClient, state: MemoryStore, forge: Forge, role: str
) -> None:
    forge.signed["snapshot"]["version"] = forge.signed["timestamp"]["version"] = 10**6
    forge.publish()
    client.refresh()
    forge.signed["snapshot"]["version"] = 2
    forge.signed["timestamp"]["version"] = 2 if role == "timestamp" else 10**6 + 1
    forge.publish()
    with pytest.raises(RollbackRefused):
        new_client(state).refresh()
    forge.rotate(role)
    forge.publish_root()
    forge.publish()
    assert new_client(state).refresh().snapshot == 4


def test_a_key_that_is_added_gives_no_protection_up(
    client: Client, new_client: NewClient, state: MemoryStore, forge: Forge, server: ScriptedFetcher
) -> None:
    old = forge.store.read("timestamp.json")
    forge.publish()
    client.refresh()
    forge.rotate("timestamp", keep=1)
    forge.publish_root()
    server.answers["timestamp.json"] = old
    with pytest.raises(RollbackRefused):
        new_client(state).refresh()


# Downloads


def test_a_second_download_makes_no_request(client: Client, folder: MemoryStore, server: ScriptedFetcher) -> None:
    client.refresh()
    assert client.download("app", folder).fetched
    server.asked.clear()
    assert not client.download("app", folder).fetched
    assert server.asked == []


def test_a_damaged_artifact_is_fetched_again(client: Client, folder: MemoryStore) -> None:
    client.download("app", folder)
    folder.write("app", b"1.1")
    assert client.download("app", folder).fetched
    assert folder.read("app") == b"1.0"


@pytest.mark.parametrize("path", ["../escape", "/etc/passwd", "a/../../b", "a//b", "c:\\x", "a\\b", "..", "nul\0"])
def test_a_target_path_that_leaves_the_folder_is_refused(
    client: Client, folder: MemoryStore, forge: Forge, path: str
) -> None:
    forge.signed["targets"]["targets"][path] = forge.signed["targets"]["targets"]["app"]
    forge.publish()
    with pytest.raises(UnsafeTargetPath):
        client.download(path, folder)
    assert list(folder.list()) == []


def test_the_hash_prefix_that_is_served_is_found(
    client: Client, folder: MemoryStore, forge: Forge, server: ScriptedFetcher
) -> None:
    short, long = sorted((e.name for e in forge.store.list("targets/")), key=len)
    client.download("app", folder)
    assert server.asked[-1] == short
    forge.store.delete(short)
    folder.delete("app")
    client.download("app", folder)
    assert server.asked[-2:] == [short, long]
    forge.store.delete(long)
    folder.delete("app")
    with pytest.raises(NotServed):
        client.download("app", folder)


@pytest.mark.parametrize("wrong", ["sha256", "sha512"])
def test_one_wrong_hash_of_two_is_enough_to_refuse(
    client: Client, folder: MemoryStore, forge: Forge, wrong: str
) -> None:
    forge.serve("app", b"1.0")
    hashes = forge.signed["targets"]["targets"]["app"]["hashes"]
    hashes[wrong] = hashlib.new(wrong, b"other").hexdigest()
    forge.publish()
    for name in [entry.name for entry in forge.store.list("targets/")]:
        forge.store.write(f"targets/{hashes[wrong]}.app", forge.store.read(name))
    with pytest.raises(HashMismatch, match=f"target 'app': {wrong} is"):
        client.download("app", folder)
    assert list(folder.list()) == []


def test_a_hash_of_an_unknown_kind_does_no_harm_beside_a_known_one(
    client: Client, folder: MemoryStore, forge: Forge
) -> None:
    forge.signed["targets"]["targets"]["app"]["hashes"]["blake9"] = "00"
    forge.publish()
    assert client.download("app", folder).fetched


def test_a_target_without_a_hash_that_we_know_is_refused(client: Client, folder: MemoryStore, forge: Forge) -> None:
    forge.signed["targets"]["targets"]["app"]["hashes"] = {"md5": hashlib.md5(b"1.0").hexdigest()}
    forge.publish()
    with pytest.raises(MalformedMetadata, match="target 'app' has no hash of a known kind"):
        client.download("app", folder)


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (b"1.", HashMismatch, "length is 2, signed is 3"),
        (b"", HashMismatch, "length is 0, signed is 3"),
        (b"0.1", HashMismatch, "sha256 is"),
        (b"1.0 and more", TooLong, "longer than the 3 bytes allowed"),
    ],
)
def test_an_artifact_of_other_bytes_is_refused(
    client: Client,
    folder: MemoryStore,
    forge: Forge,
    server: ScriptedFetcher,
    data: bytes,
    error: type[Exception],
    says: str,
) -> None:
    for entry in forge.store.list("targets/"):
        server.answers[entry.name] = data
    with pytest.raises(error, match=says):
        client.download("app", folder)
    assert list(folder.list()) == []


@pytest.mark.parametrize("path", ["a b", "100%", "a%20b", "q?x#y", "ä/ö", "a+b&c=d", "~tilde"])
def test_a_target_path_of_any_letters_is_fetched(client: Client, folder: MemoryStore, forge: Forge, path: str) -> None:
    forge.add(path, path.encode())
    forge.publish()
    client.download(path, folder)
    assert folder.read(path) == path.encode()


def test_an_empty_artifact_is_an_empty_file(client: Client, folder: MemoryStore, forge: Forge) -> None:
    forge.add("empty", b"")
    forge.publish()
    client.download("empty", folder)
    assert folder.read("empty") == b""


def test_list_yields_every_target_by_path(client: Client, forge: Forge) -> None:
    forge.delegate("role", paths=["*"])
    for path in ("b", "a"):
        forge.add(path, b"", role="role")
    forge.publish("role")
    assert [target.path for target in client.list()] == ["a", "app", "b"]


def test_list_yields_what_an_expired_role_does_not_hide_and_names_that_role(
    client: Client, forge: Forge, clock: FakeClock
) -> None:
    for role, days in (("early", 1), ("late", 7)):
        forge.delegate(role, paths=[f"{role}/*"])
        forge.days[role] = days
        forge.add(f"{role}/file", b"data", role=role)
    forge.publish("early", "late")
    clock.advance(days=2)
    hidden: list[TufkeepError] = []
    assert [target.path for target in client.list(hidden=hidden.append)] == ["app", "late/file"]
    assert [(type(error), str(error).partition(" ")[0]) for error in hidden] == [(ExpiredMetadata, "early")]
    with pytest.raises(ExpiredMetadata):
        list(client.list())
