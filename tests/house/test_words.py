"""How modules are worded and how long they are."""

from __future__ import annotations

import ast
import re
from collections import defaultdict

import pytest

from tests.house.source import Module, modules, project_files
from tests.peers import CHECKOUT

LINE_LIMIT = 300
FOLDERS_OF_ONE_MACHINE = ["/" + name for name in ("work/", "tmp/brief")]
SERVERS_OF_PACKAGES = ["registry.npm" + "js", "proxy.go" + "lang", "files.python" + "hosted", "pypi." + "org/simple"]
BANNED_MODULES = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_a_module_has_a_docstring(module: Module) -> None:
    assert module.docstring.split("\n")[0]


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_a_module_is_named_for_its_idea(module: Module) -> None:
    assert not BANNED_MODULES.intersection(module.name.split("."))


def test_a_class_name_has_one_meaning() -> None:
    """A reader who greps for a class finds one."""
    homes: dict[str, list[str]] = defaultdict(list)
    for module in modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(module.name)
    assert {name: places for name, places in homes.items() if len(places) > 1} == {}


def test_a_long_module_has_a_decision_behind_it() -> None:
    decisions = "".join(path.read_text() for path in (CHECKOUT / "docs" / "adr").glob("*.md"))
    long = {module.name: lines for module in modules() if (lines := module.text.count("\n")) > LINE_LIMIT}
    assert {name: lines for name, lines in long.items() if name not in decisions} == {}


def test_no_file_speaks_of_one_machine() -> None:
    folders, servers = ("|".join(map(re.escape, names)) for names in (FOLDERS_OF_ONE_MACHINE, SERVERS_OF_PACKAGES))
    banned = re.compile(rf"(?<![\w.:}}/-])(?:{folders})|{servers}")
    found: dict[str, str] = {}
    for path in project_files():
        data = path.read_bytes()
        if b"\0" not in data and (match := banned.search(data.decode(errors="replace"))):
            found[str(path.relative_to(CHECKOUT))] = match.group()
    assert found == {}


def test_a_decision_is_a_numbered_sentence_under_sixty_lines() -> None:
    paths = sorted((CHECKOUT / "docs" / "adr").glob("*.md"))
    assert [path.name[:4] for path in paths] == [f"{number:04}" for number in range(1, len(paths) + 1)]
    assert {path.name: lines for path in paths if (lines := path.read_text().count("\n")) >= 60} == {}
