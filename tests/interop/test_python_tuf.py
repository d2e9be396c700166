"""python-tuf's own client reads what the forge makes while it is honest, so its lies are nothing but lies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tuf.ngclient import Updater

from tests.client.web import Web, web_server
from tufkeep.testing.forge import Forge


@pytest.fixture
def web() -> Iterator[Web]:
    with web_server() as web:
        yield web


@pytest.mark.parametrize("consistent_snapshot", [True, False])
def test_python_tuf_accepts_an_honest_forge(web: Web, tmp_path: Path, consistent_snapshot: bool) -> None:
    forge = Forge(now=datetime.now(UTC).replace(microsecond=0), consistent_snapshot=consistent_snapshot)
    forge.add("app", b"1.0", version="1.0")
    forge.publish()
    forge.delegate("role", paths=["dir/*"], keys=3, threshold=2)
    forge.add("dir/file", b"data", role="role")
    forge.publish("role")
    forge.rotate("root", keys=3, threshold=2)
    forge.rotate("timestamp")
    forge.publish_root()
    forge.publish()
    for entry in forge.store.list():
        web.file(f"/{entry.name}", forge.store.read(entry.name))

    state = tmp_path / "metadata"
    state.mkdir()
    updater = Updater(str(state), web.url, str(tmp_path), f"{web.url}/targets/", bootstrap=forge.root())
    updater.refresh()
    for path, data in (("app", b"1.0"), ("dir/file", b"data")):
        target = updater.get_targetinfo(path)
        assert target is not None
        assert Path(updater.download_target(target)).read_bytes() == data
