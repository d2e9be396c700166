"""No way into a network is reachable from the commands of a ceremony."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# Every command runs inside one process whose sockets refuse to be made; at the end it says what it has loaded.
STAGE = """
import io, socket, sys

class NoSocket(socket.socket):
    def __init__(self, *args, **kwargs):
        raise AssertionError("a ceremony command asked for a socket")

def no_name(*args, **kwargs):
    raise AssertionError("a ceremony command asked for the address of a name")

socket.socket = NoSocket
socket.create_connection = socket.getaddrinfo = socket.gethostbyname = no_name

from tufkeep.cli.base.process import Process
from tufkeep.cli.main import run

for line in sys.stdin.read().splitlines():
    words = line.split()
    code = run(["--dir", "work", *words], Process(stdin=io.StringIO(), stdout=sys.stderr, environment={}))
    print(code, line)
print("loaded:", *sys.modules)
"""
PLAIN = "--insecure-plaintext"
DAY = f"""
ceremony check
init --root-keys 3 --offline --accept-risk test {PLAIN}
key list
key new targets {PLAIN}
review
sign root --offline --accept-risk test
commit
status
verify
doctor
drive write backup --as root-backup
drive check backup
drive write stick --as repository
drive check stick
key check backup/keys
rotate root {PLAIN} --offline --accept-risk test
rotate timestamp {PLAIN}
log
log verify
""".strip()
NETWORK = {"urllib3", "obstore", "http.client", "http.server", "ssl", "requests", "tufkeep.client.http"}


def play(folder: Path, *before: str) -> list[str]:
    done = subprocess.run(
        [*before, sys.executable, "-c", STAGE], input=DAY, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_sockets_are_refused_and_nothing_of_a_network_is_loaded(tmp_path: Path) -> None:
    *played, loaded = play(tmp_path)
    assert [line for line in played if not line.startswith(("0 ", "46 ceremony check"))] == []
    assert NETWORK.isdisjoint(loaded.split())


def test_a_socket_would_have_been_noticed(tmp_path: Path) -> None:
    refused = STAGE + "\nsocket.socket()"
    done = subprocess.run([sys.executable, "-c", refused], input="", cwd=tmp_path, capture_output=True, check=False)
    assert b"asked for a socket" in done.stderr


def test_it_all_works_where_there_is_no_network(tmp_path: Path) -> None:
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rn", "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine gives nobody a network namespace of their own")
    *played, _ = play(tmp_path, unshare, "-rn")
    assert [line for line in played if not line.startswith("0 ")] == []
