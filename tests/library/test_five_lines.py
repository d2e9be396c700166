"""The program on the first page of the API runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.peers import CHECKOUT
from tufkeep.stores import FolderStore
from tufkeep.watch.serve import RepositoryServer

PAGE = CHECKOUT / "docs" / "api" / "README.md"


def test_the_program_on_the_first_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("getpass.getpass", lambda prompt: f"typed at {prompt}")
    (found,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    release, client, fetch = found.partition("client = Client.open(")
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "agent").write_bytes(b"agent 1.0")
    (tmp_path / "updates").mkdir()
    (tmp_path / "updates" / "tufkeep.toml").write_text('[remotes.staging]\nurl = "../www"\n')

    names: dict[str, Any] = {}
    exec(release, names)
    (tmp_path / "first-root.json").write_bytes((tmp_path / "www" / "1.root.json").read_bytes())
    with RepositoryServer(FolderStore(tmp_path / "www")) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        exec((client + fetch).replace("https://updates.example.com/", server.url), names)
        server.shutdown()
    assert (tmp_path / "bin" / "agent/linux/stable/agent").read_bytes() == b"agent 1.0"
