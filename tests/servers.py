"""Real servers on this machine's loopback, each for as long as a block."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import random
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from email.utils import formatdate
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

ACCESS_KEY, SECRET_KEY = "AKTUFKEEP", "secret-of-the-test-server"
ACCOUNT, ACCOUNT_KEY = "tufkeep", base64.b64encode(SECRET_KEY.encode()).decode()  # an account of the emulator alone
PUBLIC, PRIVATE, OTHER = "pub", "priv", "other"
_STARTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Server:
    """A server that speaks S3."""

    endpoint: str
    buckets: tuple[str, ...]

    @property
    def credentials(self) -> dict[str, str]:
        return {"access_key_id": ACCESS_KEY, "secret_access_key": SECRET_KEY}

    @property
    def environment(self) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY}


@contextmanager
def serve_folder(folder: Path) -> Iterator[str]:
    """Serve the files of a folder; give the URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def seaweedfs(weed: Path, folder: Path) -> Iterator[S3Server]:
    """Run SeaweedFS: one bucket that everybody may read, two that only we may.

    Another process may take one of its ports between our look and its start; then it starts again with others.
    """
    identities = [
        {
            "name": "admin",
            "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        },
        {"name": "anonymous", "actions": [f"Read:{PUBLIC}"]},
    ]
    (folder / "s3.json").write_text(json.dumps({"identities": identities}))
    for attempt in range(_STARTS):
        with _seaweedfs(weed, folder, folder / f"data-{attempt}") as server:
            if server is not None:
                yield server
                return
    raise AssertionError((folder / "log").read_text())


@contextmanager
def _seaweedfs(weed: Path, folder: Path, data: Path) -> Iterator[S3Server | None]:
    data.mkdir()
    s3, *others = _free_ports(5)
    buckets = (PUBLIC, PRIVATE, OTHER)
    arguments = [
        "mini", f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-s3.port={s3}",
        f"-s3.config={folder / 's3.json'}", f"-master.port={others[0]}", f"-filer.port={others[1]}",
        f"-volume.port={others[2]}", f"-admin.port={others[3]}", "-webdav=false", "-admin.ui=false",
        "-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.autoCreateBucket=false", f"-bucket={','.join(buckets)}",
        "-master.telemetry=false",
    ]  # fmt: skip
    server = S3Server(endpoint=f"http://127.0.0.1:{s3}", buckets=buckets)
    with program([str(weed), *arguments], log=folder / "log") as process:
        try:
            for bucket in buckets:
                _wait_for_bucket(server, bucket, process)
        except ChildProcessError:
            yield None
            return
        yield server


@contextmanager
def rclone_s3(rclone: Path, folder: Path) -> Iterator[S3Server]:
    """Run rclone's S3 server, which accepts conditions and writes all the same."""
    (port,) = _free_ports(1)
    for bucket in (PUBLIC, PRIVATE):
        (folder / "data" / bucket).mkdir(parents=True)
    arguments = [
        "serve",
        "s3",
        f"--addr=127.0.0.1:{port}",
        f"--auth-key={ACCESS_KEY},{SECRET_KEY}",
        str(folder / "data"),
    ]
    server = S3Server(endpoint=f"http://127.0.0.1:{port}", buckets=(PUBLIC, PRIVATE))
    with program([str(rclone), *arguments], log=folder / "log", environment={"RCLONE_CONFIG": "/dev/null"}):
        wait_for(server.endpoint)
        yield server


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureServer:
    """A server that speaks as Azure Blob Storage does."""

    endpoint: str
    account: str = ACCOUNT

    @property
    def credentials(self) -> dict[str, str]:
        return {"account_key": ACCOUNT_KEY}

    @property
    def environment(self) -> dict[str, str]:
        return {"AZURE_STORAGE_ACCOUNT_KEY": ACCOUNT_KEY}


@contextmanager
def azurite(node: Path, script: Path, folder: Path) -> Iterator[AzureServer]:
    """Run Azure's emulator: one container that everybody may read, one that only we may."""
    (port,) = _free_ports(1)
    arguments = [
        "--blobHost", "127.0.0.1", "--blobPort", str(port), "--location", str(folder / "data"), "--silent",
        "--skipApiVersionCheck", "--disableTelemetry",
    ]  # fmt: skip
    server = AzureServer(endpoint=f"http://127.0.0.1:{port}/{ACCOUNT}")
    accounts = {"AZURITE_ACCOUNTS": f"{ACCOUNT}:{ACCOUNT_KEY}"}
    with program([str(node), str(script), *arguments], log=folder / "log", environment=accounts):
        wait_for(server.endpoint)
        _make_container(server, PRIVATE)
        _make_container(server, PUBLIC, readers={"x-ms-blob-public-access": "blob"})
        yield server


def _make_container(server: AzureServer, name: str, *, readers: Mapping[str, str] | None = None) -> None:
    """Make a container, which obstore can't, signed as Azure's "Authorize with Shared Key" says."""
    headers = {**(readers or {}), "x-ms-date": formatdate(usegmt=True), "x-ms-version": "2021-12-02"}
    canonical = "".join(f"{header}:{headers[header]}\n" for header in sorted(headers))
    # The emulator has the account in the path, so it comes twice here.
    signed = "PUT" + "\n" * 12 + canonical + f"/{ACCOUNT}/{ACCOUNT}/{name}\nrestype:container"
    digest = hmac.digest(base64.b64decode(ACCOUNT_KEY), signed.encode(), hashlib.sha256)
    headers["Authorization"] = f"SharedKey {ACCOUNT}:{base64.b64encode(digest).decode()}"
    asked = urllib.request.Request(f"{server.endpoint}/{name}?restype=container", method="PUT", headers=headers)
    urllib.request.urlopen(asked, timeout=30).close()


@contextmanager
def program(
    command: Sequence[str], *, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program for the block, with all that it starts."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(url: str, *, seconds: float = 30) -> int:
    """Return the status of the first answer."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _wait_for_bucket(server: S3Server, bucket: str, process: subprocess.Popen[bytes], *, seconds: float = 60) -> None:
    import obstore
    from obstore.store import S3Store

    store = S3Store(
        bucket,
        endpoint=server.endpoint,
        region="us-east-1",
        access_key_id=ACCESS_KEY,
        secret_access_key=SECRET_KEY,
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
    )
    deadline = time.monotonic() + seconds
    while True:
        if process.poll() is not None:
            raise ChildProcessError("the server ended at once")
        try:
            obstore.put(store, "ready", b"", use_multipart=False)
            obstore.delete(store, "ready")
            return
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _free_ports(count: int) -> list[int]:
    """Return ports that are free, as are those 10,000 above, which SeaweedFS takes too.

    Below the ports that the system gives out by itself, so that no passing connection takes one of them.
    """
    found: list[int] = []
    with ExitStack() as held:
        while len(found) < count:
            port = random.randrange(15000, 22000)
            with suppress(OSError):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
                held.enter_context(socket.create_server(("127.0.0.1", port + 10000)))
                found.append(port)
    return found
