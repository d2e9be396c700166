"""Remotes, their credentials, and what stands between them and agents."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

import tufkeep
from tests.publish.conftest import Releaser, memory_remote, new_releaser
from tufkeep.publish.errors import RemoteOverlaps
from tufkeep.publish.programs import CommandFailed, runner
from tufkeep.publish.publisher import Publisher
from tufkeep.publish.purge import purge
from tufkeep.publish.readback import read_back
from tufkeep.publish.remote import NoSuchRemote, Remote, open_remote
from tufkeep.stores import MemoryStore, ObjectMissing, StoreReadOnly
from tufkeep.stores.cloudflare import PurgeRefused, purge_cloudflare
from tufkeep.stores.credentials import NoCredentials, Places, UnreadableCredentials, Wanted, find_credentials
from tufkeep.stores.location import BadLocation, Location, open_location
from tufkeep.stores.network import network_of
from tufkeep.stores.object import ObjectStore
from tufkeep.testing.clock import FakeClock
from tufkeep.workspace.policy import MalformedPolicy, RemotePolicy, parse_policy

S3 = Location(url="s3://bucket")
R2 = Location(url="r2://bucket", account="abc123")
IN_ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "E", "AWS_SECRET_ACCESS_KEY": "hush"}
COMMANDS = Wanted(access_key_command=("op", "k"), secret_key_command=("op", "s"))


def places(home: Path, **environment: str) -> Places:
    def run(command: Sequence[str]) -> str:
        return f"printed by {' '.join(command)}"

    return Places(environment=environment, home=home, run=run)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_remote_is_described_in_the_policy_without_secrets() -> None:
    policy = parse_policy(
        b'[remotes.staging]\nurl = "r2://updates"\naccount = "abc"\npublic_url = "https://u.example"\n'
    )
    assert policy.remotes["staging"].url == "r2://updates"
    with pytest.raises(MalformedPolicy) as caught:
        parse_policy(b'[remotes.staging]\nurl = "s3://updates"\nsecret_access_key = "hush-hush"\n')
    assert "secret_access_key" in str(caught.value)
    assert "hush-hush" not in str(caught.value)


def test_an_address_with_a_password_is_refused_and_not_repeated() -> None:
    with pytest.raises(BadLocation) as caught:
        Location(url="https://me:hush-hush@updates.example/")
    assert "hush" not in str(caught.value)


def test_azure_is_asked_for_its_account_even_where_the_endpoint_is_known() -> None:
    with pytest.raises(BadLocation, match="needs an account"):
        Location(url="az://container", endpoint="http://127.0.0.1:10000/account")


@pytest.mark.parametrize(
    ("url", "fault"), [("ftp://x/y", "no store is called ftp://"), ("s3://", "names no bucket"), ("r2://b", "account")]
)
def test_an_address_that_leads_nowhere_says_why(url: str, fault: str) -> None:
    with pytest.raises(BadLocation, match=fault):
        Location(url=url)


def test_r2_is_found_by_its_account() -> None:
    assert R2.server == "https://abc123.r2.cloudflarestorage.com"


def test_an_unknown_remote_is_named_with_those_that_are_known() -> None:
    with pytest.raises(NoSuchRemote, match="no remote 'prod'; known are staging"):
        open_remote("prod", {"staging": RemotePolicy(url="/srv")}, None)


def test_a_folder_may_stand_in_place_of_a_name(tmp_path: Path) -> None:
    remote = open_remote(str(tmp_path), {}, None)
    remote.store.write("a", b"1")
    assert (tmp_path / "a").read_bytes() == b"1"


@pytest.mark.parametrize(
    ("location", "wanted", "environment", "source", "key"),
    [
        (S3, Wanted(), IN_ENVIRONMENT, "AWS_ACCESS_KEY_ID", "E"),
        (S3, Wanted(), {"AWS_PROFILE": "work"}, "AWS profile work", "W"),
        (S3, Wanted(), {}, "AWS profile default", "D"),
        (S3, Wanted(profile="work"), IN_ENVIRONMENT, "AWS profile work", "W"),
        (S3, Wanted(rclone="r2"), {}, "rclone remote r2", "R"),
        (R2, Wanted(), {"R2_API_TOKEN": "t", "R2_API_TOKEN_ID": "T"}, "R2_API_TOKEN", "T"),
        (S3, COMMANDS, {}, "the command op", "printed by op k"),
    ],
)  # fmt: skip
def test_credentials_are_found_where_other_programs_keep_them(
    tmp_path: Path, location: Location, wanted: Wanted, environment: dict[str, str], source: str, key: str
) -> None:
    write(
        tmp_path / ".aws/credentials",
        "[default]\naws_access_key_id = D\naws_secret_access_key = sd\n"
        "[work]\naws_access_key_id = W\naws_secret_access_key = sw\n",
    )
    write(tmp_path / ".config/rclone/rclone.conf", "[r2]\ntype = s3\naccess_key_id = R\nsecret_access_key = sr\n")
    found = find_credentials(location, wanted, places(tmp_path, **environment))
    assert (found.source, found.options["access_key_id"]) == (source, key)
    assert found.options["secret_access_key"] not in repr(found)


def test_missing_credentials_are_said_with_where_was_looked(tmp_path: Path) -> None:
    with pytest.raises(NoCredentials, match="s3://bucket: no credentials found in the environment"):
        find_credentials(S3, Wanted(), places(tmp_path))


def test_a_broken_credentials_file_is_not_quoted(tmp_path: Path) -> None:
    write(tmp_path / ".aws/credentials", "aws_secret_access_key = hush-hush\n")
    with pytest.raises(UnreadableCredentials) as caught:
        find_credentials(S3, Wanted(), places(tmp_path))
    assert "hush" not in str(caught.value)


def test_a_command_gives_its_first_line_and_its_failure_no_output() -> None:
    run = runner({"PATH": "/usr/bin:/bin", "TUF_ROOT_PASSPHRASE": "hush-hush"})
    assert run(["echo", "secret"]) == "secret"
    assert "hush" not in run(["sh", "-c", "env | tr '\\n' ' '"])
    with pytest.raises(CommandFailed, match=r"the command sh: failed with exit code 3") as caught:
        run(["sh", "-c", "echo hush-hush; exit 3"])
    assert "hush" not in str(caught.value)


def test_a_remote_never_shows_its_credentials(tmp_path: Path) -> None:
    environment = {"AWS_ACCESS_KEY_ID": "hush-key", "AWS_SECRET_ACCESS_KEY": "hush-hush"}
    remote = open_remote("staging", {"staging": RemotePolicy(url="s3://bucket")}, places(tmp_path, **environment))
    assert isinstance(remote.store, ObjectStore)
    assert "hush" not in repr(remote) + repr(remote.store.bucket) + repr(remote.store.bucket.clients.patient)


def served(server: HTTPServer, releaser: Releaser, old: dict[str, bytes], **headers: str) -> Remote:
    """Serve the remote through a cache that holds some older copies."""
    store = releaser.remote.store

    def answer(request: Request) -> Response:
        name = request.path.lstrip("/")
        if name in old:
            return Response(old[name], headers=headers)
        if store.stat(name) is None:
            return Response(status=404)
        return Response(store.read(name), headers={"Cache-Control": "no-cache"})

    server.expect_request("").respond_with_handler(answer)
    import re

    server.expect_request(re.compile(".*")).respond_with_handler(answer)
    url = server.url_for("").rstrip("/")
    return Remote(name="staging", store=store, policy=RemotePolicy(url="memory://staging", public_url=url))


def test_a_cache_that_serves_something_older_is_found(clock: FakeClock, httpserver: HTTPServer) -> None:
    releaser = new_releaser(memory_remote(), clock)
    releaser.push()
    old = releaser.remote.store.read("timestamp.json")
    releaser.release("app", b"1")
    remote = served(
        httpserver, releaser, {"timestamp.json": old}, **{"Age": "240", "Cache-Control": "public, max-age=3600"}
    )
    pushed = Releaser(releaser.store, remote, clock).push()
    assert pushed.read_back.timestamp == 1
    told = "\n".join(pushed.warnings)
    assert "a cache still serves timestamp v1, not v2" in told
    assert "timestamp.json: 240 seconds old, out of a cache (public, max-age=3600)" in told
    assert "timestamp.json: caches may keep it for 3,600 seconds" in told


def test_an_edge_that_lacks_what_is_new_is_found(clock: FakeClock, httpserver: HTTPServer) -> None:
    """It may have been asked for the next version already, and have kept that there is none."""
    releaser = new_releaser(memory_remote(), clock)
    releaser.push()
    releaser.release("app", b"1")
    httpserver.expect_request("/2.snapshot.json").respond_with_data(b"", status=404)
    remote = served(httpserver, releaser, {})
    pushed = Releaser(releaser.store, remote, clock).push()
    assert "2.snapshot.json: answered with 404" in pushed.warnings


def test_a_web_server_is_pulled_from_and_verified_though_it_lists_nothing(
    clock: FakeClock, httpserver: HTTPServer
) -> None:
    releaser = new_releaser(memory_remote(), clock)
    releaser.release("app", b"1")
    releaser.push()
    url = str(served(httpserver, releaser, {}).policy.public_url)
    web = open_remote(f"{url}/", {}, None)
    new = Releaser(MemoryStore(), web, clock)
    new.pull(root=releaser.store.read("repository/1.root.json"), targets=True)
    assert new.targets() == {"app"}
    assert new.publisher.verify().right
    assert new.publisher.status().difference.relation == "in step"
    new.store.write("keys/timestamp.json", releaser.store.read("keys/timestamp.json"))
    new.renew("timestamp")
    with pytest.raises(StoreReadOnly):
        new.push()


def test_an_edge_that_forbids_what_is_missing_is_found(clock: FakeClock, httpserver: HTTPServer) -> None:
    releaser = new_releaser(memory_remote(), clock)
    remote = served(httpserver, releaser, {})
    publisher = Releaser(releaser.store, remote, clock).publisher
    publisher.push(publisher.plan_push())
    quiet = read_back(remote, publisher.committed(), before=None, names=(), clock=clock)
    assert quiet.warnings == ()
    httpserver.clear()
    httpserver.expect_request("/2.root.json").respond_with_data("no", status=403)
    served(httpserver, releaser, {})
    seen = read_back(remote, publisher.committed(), before=None, names=(), clock=clock)
    assert any("2.root.json: answered with 403" in warning for warning in seen.warnings)


def test_what_was_written_over_is_purged(clock: FakeClock) -> None:
    told: list[Sequence[str]] = []

    def run(command: Sequence[str]) -> str:
        told.append(command)
        return ""

    remote = memory_remote(public_url="https://u.example/", purge_command=("purge", "--fast"))
    assert purge(remote, ["timestamp.json", "root.json"], run=run, environment={}) == ()
    assert told == [("purge", "--fast", "https://u.example/timestamp.json", "https://u.example/root.json")]


def test_a_purge_that_fails_is_a_warning_for_the_push_has_happened() -> None:
    remote = memory_remote(public_url="https://u.example/", cloudflare_zone="z")
    (warning,) = purge(remote, ["timestamp.json"], run=None, environment={})
    assert warning == "caches were not purged: cloudflare: no token"


def test_cloudflare_is_asked_with_the_token_in_a_header(httpserver: HTTPServer) -> None:
    httpserver.expect_request(
        "/zones/z/purge_cache",
        method="POST",
        json={"files": ["https://u.example/timestamp.json"]},
        headers={"Authorization": "Bearer hush-hush"},
    ).respond_with_json({"success": True})
    purge_cloudflare(
        "z", ["https://u.example/timestamp.json"], token="hush-hush", api=httpserver.url_for("").rstrip("/")
    )
    with pytest.raises(PurgeRefused) as caught:
        purge_cloudflare("other", ["x"], token="hush-hush", api=httpserver.url_for("").rstrip("/"))
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("folder", ["", "repository", "keys", ".tufkeep/pulled", "staged/targets"])
def test_nothing_is_published_into_the_working_directory(tmp_path: Path, folder: str) -> None:
    """Keys would be served, and the remote's journal would take the place of ours."""
    here = tmp_path / "updates"
    workspace = tufkeep.Workspace.create(here, insecure_plaintext=True)
    before = {path: path.read_bytes() for path in here.rglob("*") if path.is_file()}
    with pytest.raises(RemoteOverlaps, match="is the working directory itself, or one of its own folders"):
        Publisher.open(workspace, here / folder).push()
    assert {path: path.read_bytes() for path in here.rglob("*") if path.is_file()} == before
    Publisher.open(workspace, tmp_path / "served").push()


def test_a_key_pair_is_used_without_a_token_of_another_one(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """obstore reads the environment by itself; a token that belongs to other keys would go along, and fail."""
    monkeypatch.setenv("AWS_SESSION_TOKEN", "hush-token")
    asked: list[Request] = []

    def answer(request: Request) -> Response:
        asked.append(request)
        return Response(status=404)

    httpserver.expect_request("/b/timestamp.json").respond_with_handler(answer)
    at = Location(url="s3://b", endpoint=httpserver.url_for("").rstrip("/"))
    pair = {"access_key_id": "ID", "secret_access_key": "hush"}
    for credentials in (pair, None, {**pair, "session_token": "own"}):
        with pytest.raises(ObjectMissing):
            open_location(at, credentials=credentials).read("timestamp.json")
    assert [request.headers.get("X-Amz-Security-Token") for request in asked] == [None, None, "own"]
    assert ["Credential=ID/" in request.headers.get("Authorization", "") for request in asked] == [True, False, True]


def test_a_remote_has_a_proxy_and_certificates_of_its_own(tmp_path: Path) -> None:
    policy = RemotePolicy(url="s3://b", proxy="http://p", no_proxy="", ca_file="ca.pem")
    base = network_of({"HTTPS_PROXY": "http://q", "NO_PROXY": "*", "TUFKEEP_HEADERS": "X: y"})
    own = policy.network(base, beside=tmp_path)
    assert own.proxy_for("https://b/") == own.proxy_for("http://b/") == "http://p"
    assert own.ca_file == tmp_path / "ca.pem"
    assert own.headers == {"X": "y"}
    assert RemotePolicy(url="s3://b").network(base) == base
    assert [reach.split()[0] for reach in policy.reaches] == ["proxy", "ca_file"]


def test_a_password_of_a_proxy_has_no_place_in_the_file() -> None:
    with pytest.raises(MalformedPolicy, match="belong into HTTPS_PROXY") as caught:
        parse_policy(b'[remotes.a]\nurl = "s3://b"\nproxy = "http://u:hush@p"\n')
    assert "hush" not in str(caught.value)
