"""Several processes on one state folder and one folder of artifacts."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.client.web import web_server
from tufkeep.client.pieces import PIECE_BYTES
from tufkeep.stores import FolderStore
from tufkeep.testing.forge import Forge

BIG = b"0123456789abcdef" * (PIECE_BYTES // 16 + 1000)


def test_processes_on_one_folder_do_not_hurt_each_other(tmp_path: Path) -> None:
    forge = Forge(now=datetime.now(UTC).replace(microsecond=0))
    forge.add("big", BIG)
    forge.add("app", b"1.0")
    forge.rotate("root")
    forge.publish_root()
    forge.rotate("timestamp")
    forge.publish_root()
    forge.publish()
    root = tmp_path / "root.json"
    root.write_bytes(forge.root())
    state, folder = tmp_path / "state", tmp_path / "files"
    command = [sys.executable, "-m", "tufkeep.testing.conformance", "--metadata-dir", str(state)]
    subprocess.run([*command, "init", str(root)], check=True)
    with web_server() as web:
        for entry in forge.store.list():
            web.file(f"/{entry.name}", forge.store.read(entry.name))
        command += ["--metadata-url", web.url, "--target-base-url", f"{web.url}/targets", "--target-dir", str(folder)]
        command += ["--target-name", "big", "--target-name", "app", "download"]
        running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]
        ends = [(process.communicate()[1], process.returncode) for process in running]
    assert ends == [("", 0)] * 4
    assert FolderStore(folder).read("big") == BIG
    assert [entry.name for entry in FolderStore(folder).list()] == ["app", "big"]
    assert (state / "root.json").read_bytes() == forge.root(3)
    assert list(FolderStore(state).list(".tufkeep/partial/")) == []
