"""The library says to a log what its user wants to find there, and the command line shows it with -v alone."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from tufkeep import Client, Publisher, Workspace
from tufkeep.cli.base.process import Process
from tufkeep.cli.main import run
from tufkeep.keys.passphrase import PassphraseRequest
from tufkeep.testing.clock import FakeClock


def ask(request: PassphraseRequest) -> str:
    return f"very secret {request.stem}"


def test_a_release_is_in_the_log_without_secrets_and_folders(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "tufkeep")
    clock = FakeClock()
    Workspace.create(tmp_path / "updates", passphrases=ask, clock=clock)
    (tmp_path / "agent").write_bytes(b"agent 1.0")
    workspace = Workspace.open(tmp_path / "updates", passphrases=ask, clock=clock)
    workspace.add(tmp_path / "agent")
    workspace.commit()
    Publisher.open(workspace, tmp_path / "www").push()
    root = tmp_path / "www" / "1.root.json"
    Client.open(tmp_path / "state", tmp_path / "www", root=root, clock=clock).download("agent", to=tmp_path / "bin")
    said = [f"{record.name}: {record.getMessage()}" for record in caplog.records]
    for line in (
        "tufkeep.workspace: made a repository: 1 of 1 root keys must sign",
        "tufkeep.workspace: opened a repository with root v1",
        "tufkeep.workspace: staged targets v2, signatures: 1",
        "tufkeep.workspace: committed timestamp v2",
        "tufkeep.publish: published on www: root v1, timestamp v2, snapshot v2, targets v2",
        "tufkeep.client: began to trust a root of www",
        "tufkeep.client: refreshed: root v1, timestamp v2, snapshot v2, targets v2",
        "tufkeep.client: downloaded agent, 9 bytes",
    ):
        assert line in said
    assert not [line for line in said if "very secret" in line or str(tmp_path) in line]


def test_a_program_without_a_log_hears_nothing(tmp_path: Path) -> None:
    script = f"""
from tufkeep import Workspace
workspace = Workspace.create({str(tmp_path / "updates")!r}, passphrases=lambda request: "x")
closed = Workspace.open({str(tmp_path / "updates")!r}, passphrases={{"timestamp": "y"}})
try:
    closed.renew("timestamp")
except Exception as error:
    print(type(error).__name__)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("WrongPassphrase\n", "")


@pytest.mark.parametrize("arguments", [["-v", "init"], ["init", "--verbose"]])
def test_the_command_line_shows_the_log_with_v_alone(tmp_path: Path, arguments: list[str]) -> None:
    said: list[str] = []
    for words in (arguments, ["status"]):
        stderr = io.StringIO()
        process = Process(stdin=io.StringIO(), stdout=io.StringIO(), stderr=stderr, environment={}, clock=FakeClock())
        options = ["--dir", str(tmp_path), *(["--insecure-plaintext"] if "init" in words else [])]
        assert run([*words, *options], process) == 0
        said.append(stderr.getvalue())
    assert "workspace: committed root v1\n" in said[0]
    assert said[1] == ""
    assert logging.getLogger("tufkeep").level == logging.NOTSET
