"""Each program in examples/ runs as it stands, in an empty folder."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from tests.cli.pseudo_terminal import PseudoTerminal
from tests.peers import CHECKOUT
from tufkeep import FolderStore, Publisher, Workspace
from tufkeep.keys.passphrase import PassphraseRequest
from tufkeep.watch.serve import RepositoryServer

EXAMPLES = CHECKOUT / "examples"
ROLES = ("targets", "snapshot", "timestamp")


def play(name: str, *arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run an example in a folder; what it asks on a terminal is not asked here."""
    return subprocess.run(
        [sys.executable, str(EXAMPLES / name), *arguments],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )


@pytest.fixture
def released(tmp_path: Path) -> Workspace:
    """Return a repository as a release job finds it: without root keys."""

    def ask(request: PassphraseRequest) -> str:
        return f"{request.role}'s own"

    workspace = Workspace.create(tmp_path / "updates", passphrases=ask)
    for platform in ("linux", "macos", "windows"):
        (tmp_path / "build" / platform).mkdir(parents=True)
        (tmp_path / "build" / platform / "agent").write_text(f"agent for {platform}")
    (tmp_path / "updates" / "keys" / "root.json").unlink()
    (tmp_path / "updates" / "tufkeep.toml").write_text('[remotes.staging]\nurl = "../www"\n')
    return workspace


@pytest.fixture
def served(released: Workspace, tmp_path: Path) -> Iterator[str]:
    """Return the URL of what is published."""
    Publisher.open(released, tmp_path / "www").push()
    with RepositoryServer(FolderStore(tmp_path / "www")) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.url
        server.shutdown()


def test_create_and_release(tmp_path: Path) -> None:
    with PseudoTerminal([sys.executable, EXAMPLES / "create_and_release.py"], folder=tmp_path) as terminal:
        for file in ("root1", "root2", "root3", "targets", "snapshot", "timestamp"):
            terminal.expect(f"passphrase of {file}.json: ")
            terminal.write(f"my own for {file}\n")
        terminal.expect("committed: targets v2, snapshot v2, timestamp v2")
        assert terminal.end() == 0
    assert (tmp_path / "bin" / "agent/linux/stable/agent").read_text().startswith("#!/bin/sh")


def test_own_signer(tmp_path: Path) -> None:
    done = play("own_signer.py", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "key files: root.json, targets.json" in done.stdout
    assert "committed: {'timestamp': 2}" in done.stdout


def test_own_store(tmp_path: Path) -> None:
    done = play("own_store.py", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [done.stdout.splitlines()[0], "verified: bin/agent"]
    assert (tmp_path / "bin" / "agent").read_text() == "agent 1.0"


def test_publish_from_ci(released: Workspace, tmp_path: Path) -> None:
    secrets = {f"{role.upper()}_PASSPHRASE": f"{role}'s own" for role in ROLES}
    done = play("publish_from_ci.py", "1.0", "staging", folder=tmp_path, **secrets)
    assert done.returncode == 0, done.stderr
    assert "agent 1.0 is published on staging: timestamp v2" in done.stdout
    wrong = play("publish_from_ci.py", "1.1", "staging", folder=tmp_path, **{**secrets, "TARGETS_PASSPHRASE": "x"})
    assert wrong.returncode == 1
    assert wrong.stderr.startswith("somebody has to look: ")


def test_client_in_an_app(released: Workspace, served: str, tmp_path: Path) -> None:
    (tmp_path / "first-root.json").write_bytes((tmp_path / "www" / "1.root.json").read_bytes())
    nothing = play("client_in_an_app.py", served, folder=tmp_path)
    assert nothing.stdout == "the channel offers nothing\n", nothing.stderr
    workspace = Workspace.open(tmp_path / "updates", passphrases={role: f"{role}'s own" for role in ROLES})
    workspace.add(tmp_path / "build/linux/agent", as_="agent/linux/stable/agent", custom={"version": "1.0"})
    workspace.commit()
    Publisher.open(workspace, tmp_path / "www").push()
    done = play("client_in_an_app.py", served, folder=tmp_path)
    assert done.stdout == "new: 1.0 in bin/agent/linux/stable/agent\n", done.stderr
    assert "tufkeep.client:refreshed" in done.stderr
    for name in (tmp_path / "www" / "targets" / "agent" / "linux" / "stable").iterdir():
        name.write_text("another program")
    (tmp_path / "bin" / "agent/linux/stable/agent").unlink()
    refused = play("client_in_an_app.py", served, folder=tmp_path)
    assert refused.stdout.startswith("refused: "), refused.stderr


def test_every_example_is_run() -> None:
    run = {f"{name.removeprefix('test_')}.py" for name in globals() if name.startswith("test_")}
    assert {path.name for path in EXAMPLES.glob("*.py")} <= run
