"""Passphrases come from where this run says, and from a person last."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.pseudo_terminal import PseudoTerminal
from tufkeep.cli.base.app import App
from tufkeep.cli.base.hints import hint
from tufkeep.cli.base.process import Process
from tufkeep.cli.base.secrets import Named, read_option
from tufkeep.cli.main import run
from tufkeep.keys.passphrase import NoPassphrase, PassphraseRequest, Purpose
from tufkeep.testing.clock import FakeClock


def ask(named: Sequence[Named], environment: dict[str, str], *, file: str = "root1.json", role: str = "root") -> str:
    app = App(Process(stdin=io.StringIO(), environment={**os.environ, **environment}))
    app.choices.secrets.named += named
    return app.passphrases(PassphraseRequest(role=role, file=file, purpose=Purpose.OPEN)).reveal()


@pytest.fixture
def written(tmp_path: Path) -> Path:
    (tmp_path / "first").write_text("first passphrase\nsecond line\n")
    (tmp_path / "other").write_text("other passphrase")
    return tmp_path


@pytest.mark.parametrize(
    ("value", "key", "where"),
    [
        ("root1=/media/x/p", "root1", "/media/x/p"),
        ("root1.json=p", "root1", "p"),
        ("/a=b/p", None, "/a=b/p"),
        ("p", None, "p"),
        ("./a=b", None, "./a=b"),
        ("a=", None, "a="),
    ],
)
def test_an_option_may_name_its_key(value: str, key: str | None, where: str) -> None:
    assert read_option("file", value) == Named(kind="file", key=key, where=where)


def test_what_is_named_for_the_key_comes_first(written: Path) -> None:
    named = [read_option("file", str(written / "other")), read_option("file", f"root1={written / 'first'}")]
    assert ask(named, {"TUF_ROOT_PASSPHRASE": "left over"}) == "first passphrase"
    assert ask(named, {}, file="root2.json") == "other passphrase"


def test_a_role_names_all_its_keys(written: Path) -> None:
    assert ask([read_option("file", f"root={written / 'first'}")], {}, file="root2.json") == "first passphrase"


def test_the_environment_of_the_originals_is_asked_after_the_options(written: Path) -> None:
    named = [read_option("file", f"targets={written / 'first'}")]
    assert ask(named, {"TUF_ROOT_PASSPHRASE": "tuf's"}) == "tuf's"
    assert ask([], {"FLEET_ROOT_PASSPHRASE": "fleetctl's"}) == "fleetctl's"


def test_a_descriptor_is_read(written: Path) -> None:
    with (written / "first").open() as file:
        assert ask([read_option("fd", str(file.fileno()))], {}) == "first passphrase"


def test_a_command_is_told_which_key() -> None:
    assert ask([read_option("command", "echo 'for {role} in {key}'")], {}) == "for root in root1"


def test_nobody_to_ask_is_an_error_that_names_the_flags() -> None:
    with pytest.raises(NoPassphrase) as caught:
        ask([], {})
    assert "--passphrase-file" in (hint(caught.value) or "")


PERSON = """
import sys
from tufkeep.cli.base.app import App
from tufkeep.cli.base.process import Process
from tufkeep.keys.passphrase import PassphraseRequest, Purpose

source = App(Process(environment={})).passphrases
print("got", source(PassphraseRequest(role="root", file="root1.json", purpose=Purpose.NEW)).reveal())
"""


def test_a_person_types_a_new_passphrase_until_it_is_the_same_twice() -> None:
    with PseudoTerminal([sys.executable, "-c", PERSON]) as terminal:
        terminal.expect("New passphrase for root1.json: ")
        terminal.write("one\n")
        terminal.expect("The same again: ")
        terminal.write("two\n")
        terminal.expect("Try again.\nNew passphrase for root1.json: ")
        terminal.write("three\n")
        terminal.expect("The same again: ")
        terminal.write("three\n")
        assert terminal.expect("three") == "\ngot three"
        assert terminal.end() == 0
        assert terminal.echo


@pytest.mark.parametrize("more", [(), ("--debug", "-v"), ("--json", "--debug")])
def test_a_passphrase_is_in_nothing_that_is_printed(tmp_path: Path, more: tuple[str, ...]) -> None:
    right, wrong, out = "hush hush hush", "hush was wrong", io.StringIO()
    (tmp_path / "right").write_text(right)
    (tmp_path / "wrong").write_text(wrong)

    def typed(*words: str) -> int:
        process = Process(
            stdin=io.StringIO(),
            stdout=out,
            stderr=out,
            environment={"TUF_TARGETS_PASSPHRASE": right},
            clock=FakeClock(),
        )
        return run([*words, "--dir", str(tmp_path / "work"), *more], process)

    assert typed("init", "--passphrase-file", str(tmp_path / "right")) == 0
    assert typed("renew", "timestamp", "--passphrase-file", str(tmp_path / "wrong")) == 41
    assert typed("renew", "timestamp", "--passphrase-command", "sh -c 'echo hush; exit 3'") == 42
    assert typed("renew", "targets") == 42  # the snapshot needs another one
    assert typed("key", "change-passphrase", "root", "--passphrase-file", str(tmp_path / "wrong")) == 41
    assert "hush" not in out.getvalue()
