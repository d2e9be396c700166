"""What a bucket's server, or its absence, is said to have done."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import trustme

from tufkeep.stores import CREATE, MemoryStore, Unchanged, location
from tufkeep.stores.bucket import Bucket, Clients
from tufkeep.stores.errors import BucketBroken, BucketDenied, ClockOff, ObjectExists, StoreFault, WrongRegion
from tufkeep.stores.location import Location, _client
from tufkeep.stores.network import Network
from tufkeep.testing.hostile import ANSWERS, HostileServer, Peer, head

KEYS = {"access_key_id": "key", "secret_access_key": "secret"}


def bucket(endpoint: str, network: Network | None = None) -> Bucket:
    """Return a bucket that asks once."""
    place = Location(url="s3://b", endpoint=endpoint)
    network = network or Network(connect_seconds=5)
    return Bucket(Clients(lambda retries: _client(place, KEYS, 0, network)), "s3://b", sleep=lambda seconds: None)


def fault(bucket: Bucket) -> StoreFault:
    with pytest.raises(StoreFault) as caught, bucket.telling("x"):
        bucket.get("x")
    return caught.value


def says(status: str, code: str, more: str = "") -> Any:
    body = f"<Error><Code>{code}</Code>{more}</Error>".encode()
    return lambda peer, data: peer.send(head(status, Content_Length=len(body), Connection="close"), body)


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with HostileServer(MemoryStore()) as server:
        yield server


@contextmanager
def tls_server() -> Iterator[tuple[str, trustme.CA]]:
    """Run what makes TLS connections, and hangs up."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):
            while True:
                sock, _ = listener.accept()
                with suppress(OSError), sock, context.wrap_socket(sock, server_side=True) as wrapped:
                    wrapped.recv(1000)
                    wrapped.sendall(head("204 No Content", Connection="close"))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}", authority
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def test_nobody_there_is_said() -> None:
    assert "connection refused" in str(fault(bucket("http://127.0.0.1:1")))


def test_a_name_without_address_is_said() -> None:
    assert "no address (DNS)" in str(fault(bucket("http://nowhere.invalid")))


def test_an_untrusted_certificate_is_said_and_a_ca_file_is_trusted(tmp_path: Any) -> None:
    with tls_server() as (place, authority):
        assert "its certificate is not trusted: nobody" in str(fault(bucket(f"https://{place}")))
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        trusting = bucket(f"https://{place}", Network(ca_file=tmp_path / "ca.pem"))
        assert "certificate" not in str(fault(trusting))


def test_https_on_a_plain_port_is_said(server: HostileServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            sock, _ = listener.accept()
            with sock:
                sock.recv(10_000)
                sock.sendall(head("400 Bad Request", Content_Length=0))

        threading.Thread(target=answer, daemon=True).start()
        said = str(fault(bucket(f"https://127.0.0.1:{listener.getsockname()[1]}")))
    assert "does not answer in https" in said


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (says("301 Moved Permanently", "PermanentRedirect"), WrongRegion, "in another region"),
        (
            says("400 Bad Request", "AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>"),
            WrongRegion,
            "in region eu-west-1",
        ),
        (
            says(
                "403 Forbidden",
                "RequestTimeTooSkewed",
                "<RequestTime>20260101T003000Z</RequestTime><ServerTime>2026-01-01T00:00:00Z</ServerTime>",
            ),
            ClockOff,
            "clock is 30 minutes ahead",
        ),
        (says("403 Forbidden", "RequestTimeTooSkewed"), ClockOff, "clock differs"),
        (says("403 Forbidden", "AccessDenied"), BucketDenied, "may not be read"),
    ],
)
def test_what_a_server_refuses_is_named(
    server: HostileServer, answer: Any, error: type[StoreFault], words: str
) -> None:
    server.answers["/b/x"] = answer
    found = fault(bucket(server.url))
    assert type(found) is error
    assert words in str(found)


@pytest.mark.parametrize("condition", [CREATE, Unchanged('"1"')], ids=["create", "replace"])
def test_a_conflict_that_may_pass_is_no_conflict(server: HostileServer, condition: Any) -> None:
    met = says("409 Conflict", "ConditionalRequestConflict")
    answers = [met, met]

    def answer(peer: Peer, data: bytes) -> None:
        if answers:
            answers.pop()(peer, data)
        else:
            peer.send(head(Content_Length=0, ETag='"2"', Connection="close"))

    server.answers["/b/x"] = answer
    assert bucket(server.url).put_if("x", b"1", condition, name="x", attributes={}) == '"2"'
    server.answers["/b/x"] = met
    with pytest.raises(BucketBroken, match="another write to it was under way"):
        bucket(server.url).put_if("x", b"1", condition, name="x", attributes={})


def test_a_name_that_is_taken_is_still_a_conflict(server: HostileServer) -> None:
    server.answers["/b/x"] = says("412 Precondition Failed", "PreconditionFailed")
    with pytest.raises(ObjectExists):
        bucket(server.url).put_if("x", b"1", CREATE, name="x", attributes={})


def test_pauses_between_attempts_grow_and_are_no_two_alike(server: HostileServer) -> None:
    server.answers["/b/x"] = says("503 Slow Down", "SlowDown")
    pauses: list[float] = []
    patient = replace(bucket(server.url), sleep=pauses.append, jitter=lambda least, most: most)
    with pytest.raises(BucketBroken):
        patient.put_if("x", b"1", CREATE, name="x", attributes={})
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2]


@pytest.mark.slow
def test_every_answer_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an artifact's bytes are worth is for the hashes to say; that reading them ends is for the store."""
    for name, seconds in (("_REQUEST", 1), ("_SILENCE", 0.5), ("_RETRYING", 1)):
        monkeypatch.setattr(location, name, timedelta(seconds=seconds))

    def end(kind: str) -> Exception | None:
        with HostileServer(MemoryStore()) as server:
            server.answers["/b/x"] = ANSWERS[kind]
            place = Location(url="s3://b", endpoint=server.url)
            try:
                location.open_location(place, credentials=KEYS).read("x", limit=100_000)
            except Exception as error:
                return error
        return None

    with ThreadPoolExecutor(24) as pool:
        ends = {kind: pool.submit(end, kind) for kind in ANSWERS}
        errors = {kind: future.result(timeout=60) for kind, future in ends.items()}
    assert {kind: error for kind, error in errors.items() if not isinstance(error, StoreFault | None)} == {}
