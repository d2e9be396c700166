"""The commands, as they are typed."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.publish.conftest import Releaser, memory_remote, new_releaser
from tests.servers import OTHER, PUBLIC, S3Server
from tufkeep.cli.base.process import Process
from tufkeep.cli.main import run
from tufkeep.stores import FolderStore
from tufkeep.testing.clock import FakeClock
from tufkeep.workspace import Workspace
from tufkeep.workspace.trust import TrustedConfigs


@dataclass
class Shell:
    """Somebody at a keyboard in one working directory."""

    folder: Path
    clock: FakeClock
    environment: Mapping[str, str] = field(default_factory=dict)

    def type(self, *words: str, code: int = 0) -> str:
        """Return what came to standard output, then to standard error."""
        out, err = io.StringIO(), io.StringIO()
        process = Process(stdin=io.StringIO(), stdout=out, stderr=err, environment=self.environment, clock=self.clock)
        found = run([*words, "--dir", str(self.folder)], process)
        assert found == code, f"{out.getvalue()}{err.getvalue()}"
        return out.getvalue() + err.getvalue()

    def json(self, *words: str, code: int = 0) -> Any:
        return json.loads(self.type(*words, "--json", code=code).partition("\nwarning:")[0])


@pytest.fixture
def shell(tmp_path: Path, clock: FakeClock, seaweed: S3Server) -> Shell:
    releaser = new_releaser(memory_remote(), clock)
    releaser.release("agent/linux/app", b"one" * 100)
    folder = FolderStore(tmp_path / "work", clock=clock)
    for entry in releaser.store.list():
        folder.write(entry.name, releaser.store.read(entry.name))
    name = tmp_path.name
    (tmp_path / "work/tufkeep.toml").write_text(
        f"""
[remotes.staging]
url = "s3://{PUBLIC}/{name}"
endpoint = "{seaweed.endpoint}"
public_url = "{seaweed.endpoint}/{PUBLIC}/{name}"
[remotes.production]
url = "s3://{OTHER}/{name}"
endpoint = "{seaweed.endpoint}"
"""
    )
    return trusting(Shell(tmp_path / "work", clock, {**seaweed.environment, "XDG_STATE_HOME": str(tmp_path / "state")}))


def trusting(shell: Shell) -> Shell:
    """Return a shell whose owner was asked about tufkeep.toml and said yes."""
    TrustedConfigs.of(shell.environment).add(Workspace.open(shell.folder, missing_ok=True))
    return shell


def test_a_day_of_a_releaser(shell: Shell, tmp_path: Path) -> None:
    assert "keeps conditions" in shell.type("remote", "test", "staging")
    assert "nothing is published on staging yet" in shell.type("diff", "staging")
    planned = shell.type("push", "staging", "--dry-run")
    assert "1 artifact and 7 metadata files to staging" in planned
    assert "nothing is published on staging yet" in shell.type("diff", "staging")
    pushed = shell.type("push", "staging", "--note", "first")
    assert "published on staging: root v1, timestamp v2, snapshot v2, targets v2" in pushed
    assert "an agent that looks now gets timestamp v2" in pushed
    assert "in step with staging: timestamp v2" in shell.type("diff", "staging")
    assert "every byte is right: 9 objects" in shell.type("remote", "verify", "staging")
    assert "every byte is right: 9 objects" in shell.type("verify", "staging")
    assert "in step with staging: timestamp v2" in shell.type("status", "staging")
    assert "(first)" in shell.type("remote", "log", "staging")
    status = shell.json("remote", "status", "staging")
    assert status["versions"] == {"root": 1, "timestamp": 2, "snapshot": 2, "targets": 2}
    deployed = shell.json("deploy", "staging", "production", "--timestamp", "2", "--approved-by", "lucas")
    assert deployed["published"] == status["versions"]
    shell.type("mirror", "production", str(tmp_path / "mirror"))
    assert (tmp_path / "mirror/timestamp.json").exists()
    rolled = shell.json("rollforward", "staging", "--above", "400")
    assert rolled["published"]["timestamp"] == 401
    assert rolled["published"]["targets"] == 3


def test_a_new_colleague_begins_with_a_pull(shell: Shell, tmp_path: Path) -> None:
    shell.type("push", "staging")
    new = Shell(tmp_path / "new", shell.clock, shell.environment)
    new.folder.mkdir()
    (new.folder / "tufkeep.toml").write_text((shell.folder / "tufkeep.toml").read_text())
    trusting(new)
    told = new.type("pull", "staging", code=40)
    assert "nobody has confirmed it" in told
    fingerprint = told.split("fingerprint ")[1].split(",")[0]  # the hint offers none to paste
    assert "fetched 1 artifact" in new.type("pull", "staging", "--trust", fingerprint, "--targets")
    assert "in step with staging" in new.type("diff", "staging")


def test_whoever_was_slower_is_told_what_to_type(shell: Shell, clock: FakeClock) -> None:
    shell.type("push", "staging")
    other = Releaser(FolderStore(shell.folder, clock=clock), memory_remote(), clock).copy("other")
    remote = Releaser(other.store, _staging(shell), clock)
    remote.release("theirs", b"1")
    remote.push()
    mine = shell.folder / "mine.bin"
    mine.write_bytes(b"2")
    shell.type("add", str(mine), "--commit")
    told = shell.type("push", "staging", code=33)
    assert "error: remote staging moved on: timestamp v3 was published while you were signing v3" in told
    assert "hint: tufkeep pull staging, then push again" in told
    pulled = shell.type("pull", "staging")
    assert "your work was made again on top: 1 targets added or changed" in pulled
    assert shell.json("push", "staging")["published"]["timestamp"] == 4


def test_without_credentials_a_push_says_where_it_looked(shell: Shell) -> None:
    nobody = Shell(shell.folder, shell.clock, {"HOME": "/nonexistent"})
    assert "no credentials found in the environment" in nobody.type("push", "staging", "--trust-config", code=40)


def _staging(shell: Shell) -> Any:
    from tufkeep.publish.remote import open_remote
    from tufkeep.stores.credentials import Places
    from tufkeep.workspace.policy import parse_policy

    remotes = parse_policy((shell.folder / "tufkeep.toml").read_bytes()).remotes
    places = Places(environment=shell.environment, home=Path("/nonexistent"), run=lambda command: "")
    return open_remote("staging", remotes, places)
