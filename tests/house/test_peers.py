"""A test whose peer is missing says so; where every peer is required it fails."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.peers import CHECKOUT, find_peer

TEST = """
import pytest

@pytest.mark.peer("no-such-program")
def test_marked(): ...

def test_asking(peer): peer("no-such-program")

@pytest.mark.peer("sh")
def test_there(peer): assert peer("sh").name == "sh"

@pytest.mark.slow
def test_slow(): ...
"""


@pytest.mark.parametrize(
    ("required", "soak", "outcome"),
    [
        ("", "", "1 passed, 3 skipped"),
        ("1", "", "1 failed, 1 passed, 1 skipped, 1 error"),
        ("", "1", "2 passed, 2 skipped"),
    ],
)
def test_a_missing_peer_is_named(tmp_path: Path, required: str, soak: str, outcome: str) -> None:
    (tmp_path / "test_probe.py").write_text(TEST)
    options = ["-c", str(CHECKOUT / "pyproject.toml"), "--rootdir", str(CHECKOUT), "-p", "tests.conftest", "-rsfE"]
    environment = {**os.environ, "TUFKEEP_REQUIRE_PEERS": required, "TUFKEEP_SOAK": soak}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(tmp_path / "test_probe.py")],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1].startswith(outcome + " in ")
    assert "no no-such-program on this machine (make peers)" in done.stdout


def test_the_systems_tuf_is_not_taken_for_go_tufs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "tuf").write_text("#!/bin/sh\n")
    (tmp_path / "tuf").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert find_peer("tuf") in {None, CHECKOUT / ".peers" / "bin" / "tuf"}
