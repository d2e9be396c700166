"""Commands that use root keys stop on a machine that is unfit for them, unless somebody says what is risked."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tufkeep.cli.base.process import Process
from tufkeep.cli.main import run
from tufkeep.keys.machine import Interface, Machine, Place
from tufkeep.testing.clock import FakeClock

STICK = Place(file_system="vfat", removable=True, free_bytes=8 << 30)
FIT = Machine(interfaces=(), default_routes=(), swap=(), place=STICK)
CONNECTED = Machine(interfaces=(Interface(name="eth0", state="up"),), default_routes=("eth0",), swap=(), place=STICK)

Type = Callable[..., tuple[int, str, str]]


@pytest.fixture
def tufkeep(tmp_path: Path) -> Type:
    clock = FakeClock()

    def typed(*words: str, machine: Machine = FIT) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        process = Process(
            stdin=io.StringIO(), stdout=out, stderr=err, environment={}, clock=clock, machine=lambda folder: machine
        )
        code = run(["--dir", str(tmp_path), *words], process)
        return code, out.getvalue(), err.getvalue()

    return typed


COMMANDS = [("rotate", "root", "--insecure-plaintext"), ("key", "new", "root", "--insecure-plaintext"), ("sign",)]


def test_init_stops_before_the_first_key(tufkeep: Type, tmp_path: Path) -> None:
    code, out, err = tufkeep("init", "--offline", "--insecure-plaintext", machine=CONNECTED)
    assert code == 46
    assert "stop     network  a network is connected through eth0" in out
    assert "not fit for root keys" in err
    assert list(tmp_path.iterdir()) == []
    assert tufkeep("init", "--offline", "--insecure-plaintext")[0] == 0


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words))
def test_a_command_with_root_keys_stops_on_a_connected_machine(tufkeep: Type, words: tuple[str, ...]) -> None:
    tufkeep("init", "--insecure-plaintext")
    assert tufkeep(*words, "--offline", machine=CONNECTED)[0] == 46
    assert tufkeep(*words, "--offline")[0] == 0


def test_a_risk_that_is_taken_is_told_at_once_and_kept_in_the_record(tufkeep: Type) -> None:
    tufkeep("init", "--insecure-plaintext")
    risk = ("--offline", "--accept-risk", "the root key may be copied by whoever is on this network")
    code, _, err = tufkeep("sign", *risk, machine=CONNECTED)
    assert code == 0
    assert "warning: going on although a network is connected through eth0" in err
    last = json.loads(tufkeep("log", "--json")[1])["entries"][-1]
    assert f"the risk named: {risk[2]}" in last["remarks"]


def test_a_dry_run_takes_no_risk_worth_a_line(tufkeep: Type) -> None:
    tufkeep("init", "--insecure-plaintext")
    before = tufkeep("log")[1]
    assert tufkeep("sign", "--dry-run", "--offline", "--accept-risk", "none", machine=CONNECTED)[0] == 0
    assert tufkeep("log")[1] == before


def test_a_risk_without_words_is_none(tufkeep: Type) -> None:
    assert tufkeep("init", "--offline", "--accept-risk", " ", "--insecure-plaintext", machine=CONNECTED)[0] == 46
    assert tufkeep("init", "--accept-risk", "some", "--insecure-plaintext", machine=CONNECTED)[0] == 2


def test_a_look_alone_changes_nothing(tufkeep: Type, tmp_path: Path) -> None:
    assert tufkeep("ceremony", "check")[0] == 0
    code, _, err = tufkeep("ceremony", "check", machine=CONNECTED)
    assert code == 46
    assert "--accept-risk" not in err
    assert list(tmp_path.iterdir()) == []
