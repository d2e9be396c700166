"""What a person reads who revokes a stolen key."""

from __future__ import annotations

import io
import json
from pathlib import Path

from tufkeep.cli.base.process import Process
from tufkeep.cli.main import run
from tufkeep.testing.clock import FakeClock


def _typed(*words: str | Path) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    code = run([str(word) for word in words], Process(stdout=out, stderr=err, environment={}, clock=FakeClock()))
    return code, out.getvalue(), err.getvalue()


def test_the_thief_is_described_then_locked_out(tmp_path: Path) -> None:
    _typed("init", "--root-keys", "2", "--insecure-plaintext", "--dir", tmp_path)
    keys = json.loads(_typed("key", "list", "--json", "--dir", tmp_path)[1])["keys"]
    (stolen,) = [key["keyid"] for key in keys if key["role"] == "timestamp"]
    revoke = ("key", "revoke", "timestamp", stolen[:8], "--compromised", "--insecure-plaintext", "--dir", tmp_path)

    code, shown, _ = _typed(*revoke, "--dry-run")
    assert code == 0
    assert "timestamp: since root v1 it can, alone, keep agents on an old snapshot" in shown
    assert "its signature is under timestamp v1" in shown
    assert len(list((tmp_path / "keys").glob("timestamp*.json"))) == 1

    code, _, said = _typed(*revoke)
    assert (code, "--yes" in said) == (40, True)

    code, shown, _ = _typed(*revoke, "--yes")
    assert code == 0
    assert f"timestamp: {stolen[:8]} is out" in shown
    assert "agents forget the versions they had of timestamp" in shown
    assert _typed("verify", "--dir", tmp_path)[0] == 0

    code, again, _ = _typed(*revoke, "--yes")
    assert code == 0
    assert shown.endswith(again)
    assert len(list((tmp_path / "keys").glob("timestamp*.json"))) == 2
