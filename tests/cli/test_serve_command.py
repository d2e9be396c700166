"""`tufkeep serve` tells where it is, serves until it is told to stop, and stops without a word too many."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tuf.api.metadata import Metadata, Root

from tests.cli.pseudo_terminal import default_signals

FILES = {
    "repository/root.json": Metadata(Root()).to_bytes(),
    "repository/timestamp.json": b"a timestamp",
    "keys/root.json": b'{"encrypted": true, "data": {}}',
    "both/1.root.json": Metadata(Root()).to_bytes(),
    "both/keys/root.json": b"{}",
}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for name, data in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    return tmp_path


@pytest.fixture
def server(directory: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tufkeep", "serve", "--dir", str(directory), "--port", "0", "--json", "--log"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, preexec_fn=default_signals) as process:
        yield process
        process.kill()


def test_it_serves_until_it_is_told_to_stop(server: subprocess.Popen[str]) -> None:
    assert server.stdout is not None
    told = json.loads("".join(iter(server.stdout.readline, "}\n")) + "}")
    with urllib.request.urlopen(told["url"] + "timestamp.json") as reply:
        assert reply.read() == b"a timestamp"
    server.send_signal(signal.SIGINT)
    out, err = server.communicate(timeout=60)
    assert (out, err, server.returncode) == ("", "GET /timestamp.json 200 11 bytes\n", 0)


def test_kill_stops_it_as_well(server: subprocess.Popen[str]) -> None:
    assert server.stdout is not None
    server.stdout.readline()
    server.terminate()
    assert server.communicate(timeout=60)[1] == ""
    assert server.returncode == 0


@pytest.mark.parametrize(
    ("folder", "fact"),
    [("keys", "root.json is no root metadata"), ("both", "keys/ is in it"), ("no", "there is no root.json")],
)
def test_nothing_but_a_repository_is_served(directory: Path, folder: str, fact: str) -> None:
    command = [sys.executable, "-m", "tufkeep", "serve", str(directory / folder), "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr.startswith("error: no repository to serve: ")
    assert fact in done.stderr
    assert done.returncode == 10
