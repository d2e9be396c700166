"""How to get to a server is said by options, else by the environment, for clients and agents alike."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import pytest

from tufkeep.cli.base.process import Process
from tufkeep.cli.main import run
from tufkeep.stores import MemoryStore
from tufkeep.testing.clock import FakeClock
from tufkeep.testing.forge import Forge
from tufkeep.testing.hostile import HostileServer

REPOSITORY = "http://repository.invalid/"


def typed(environment: Mapping[str, str], *words: str) -> tuple[int, str]:
    out, err = io.StringIO(), io.StringIO()
    process = Process(stdin=io.StringIO(), stdout=out, stderr=err, environment=environment, clock=FakeClock())
    return run(list(words), process), out.getvalue() + err.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A client's folder, and an agent's in it, that trust a repository nobody can reach directly."""
    (tmp_path / "root.json").write_bytes(Forge(now=FakeClock()()).root())
    words = ("client", "init", REPOSITORY, "--root", str(tmp_path / "root.json"), "--dir")
    assert typed({}, *words, str(tmp_path / "client"))[0] == 0
    assert typed({}, *words, str(tmp_path / "agent" / "trust"))[0] == 0
    return tmp_path


COMMANDS = [("client", "refresh"), ("client", "list"), ("client", "download", "x"), ("agent", "once", "x")]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("said_by", ["option", "environment", "option over environment"])
def test_a_proxy_and_headers_are_used(folder: Path, words: tuple[str, ...], said_by: str) -> None:
    heads: list[bytes] = []
    with HostileServer(MemoryStore()) as proxy:
        proxy.answers[f"{REPOSITORY}2.root.json"] = lambda peer, data: heads.append(peer.head)
        (folder / "headers").write_text("X-Token: secret\n")
        options: tuple[str, ...] = ("--proxy", proxy.url, "--headers", str(folder / "headers"))
        environment = {"HTTP_PROXY": proxy.url, "TUFKEEP_HEADERS": "X-Token: secret"}
        if said_by == "option":
            environment = {}
        elif said_by == "environment":
            options = ()
        else:
            environment = {"HTTP_PROXY": "http://127.0.0.1:1", "TUFKEEP_HEADERS": "X-Token: other"}
        code, said = typed(environment, *words, *options, "--dir", str(folder / words[0]))
    assert code == 38
    assert "connection reset" in said
    assert b"X-Token: secret" in heads[0]
    assert "secret" not in said


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(
    ("option", "variable"), [("--ca-file", "TUFKEEP_CA_FILE"), ("--client-cert", "TUFKEEP_CLIENT_CERT")]
)
def test_a_file_that_is_not_there_is_named(folder: Path, words: tuple[str, ...], option: str, variable: str) -> None:
    for environment, options in (({}, (option, "nowhere.pem")), ({variable: "nowhere.pem"}, ())):
        code, said = typed(environment, *words, *options, "--dir", str(folder / words[0]))
        assert code == 2
        assert "nowhere.pem: there is no such file" in said
