"""The generated pages, the exported names and the error classes agree with each other."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

import click
import pytest

import tufkeep
from tests.peers import CHECKOUT
from tufkeep.cli import table
from tufkeep.cli.main import program
from tufkeep.errors import TufkeepError


def _generator() -> ModuleType:
    spec = spec_from_file_location("generate", CHECKOUT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate = _generator()
ERRORS: list[type[TufkeepError]] = generate.errors()
LIBRARY = [each for each in ERRORS if not each.__module__.startswith("tufkeep.cli.")]


@pytest.mark.parametrize("name", generate.PAGES)
def test_a_generated_file_is_as_the_program_says(name: str) -> None:
    assert (CHECKOUT / name).read_text() == generate.PAGES[name](), "run: make reference"


def test_a_stale_page_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(generate.PAGES, "docs/exit-codes.md", lambda: "another text")
    assert "docs/exit-codes.md" in generate.stale()
    assert generate.main(["--check"]) == 1


def test_every_command_is_in_the_reference() -> None:
    page = (CHECKOUT / "docs" / "reference" / "commands.md").read_text()
    assert [name for name in table.listed() if f"### tufkeep {name}\n" not in page] == []


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_an_error_class_says_what_it_means(error: type[TufkeepError]) -> None:
    assert "__doc__" in vars(error), "no docstring"
    assert error.__doc__, "no docstring"
    assert error.exit_code in error.codes, f"{error.exit_code} is no code of its family"


@pytest.mark.parametrize("what", ["__name__", "__doc__"])
def test_no_two_error_classes_mean_the_same(what: str) -> None:
    said = Counter(str(getattr(error, what)).split("\n", maxsplit=1)[0] for error in ERRORS)
    assert [text for text, times in said.items() if times > 1] == []


@pytest.mark.parametrize("error", LIBRARY, ids=lambda error: error.__name__)
def test_an_error_can_be_caught_by_its_name_in_tufkeep(error: type[TufkeepError]) -> None:
    assert getattr(tufkeep, error.__name__) is error


def test_what_is_not_there_cannot_be_imported() -> None:
    with pytest.raises(AttributeError, match="Nothing"):
        tufkeep.Nothing  # noqa: B018


def test_importing_tufkeep_imports_nothing_heavy() -> None:
    script = "import sys, tufkeep; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert {name for name in loaded if name.startswith("tufkeep")} == {"tufkeep"}
    assert not {"tuf", "cryptography", "click", "rich"}.intersection(loaded)


def test_no_option_takes_a_passphrase_itself() -> None:
    """The words of a command are seen by every process of the machine, and kept by the shell."""
    commands = program()
    context = click.Context(commands)
    named = set[str]()
    for name in table.listed():
        found: click.Command | None = commands
        for word in name.split():
            assert isinstance(found, click.Group)
            found = found.get_command(context, word)
        assert found is not None
        named |= {option for each in found.params for option in each.opts if "pass" in option or "secret" in option}
    assert named == {"--passphrase-file", "--passphrase-fd", "--passphrase-command", "--generate-passphrases"}
