"""The page that leads a stranger through the house names modules, classes and functions that are there."""

from __future__ import annotations

import ast
import re

import pytest

from tests.house.source import SOURCE, modules
from tests.peers import CHECKOUT

PAGE = (CHECKOUT / "docs" / "architecture.md").read_text()
NAMES = sorted(set(re.findall(r"`([a-z_]+(?:/[a-z_]+)+(?:\.\w+)*)`", PAGE)))  # room/module, room/module.function
MEMBERS = sorted(set(re.findall(r"`([A-Z]\w+\.\w+)`", PAGE)))
TO_COME = {"operate"}


def defined(tree: ast.Module) -> set[str]:
    """Return the dotted names of functions and classes, as far as methods: "plan", "Client", "Client.refresh"."""
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)}
            fields = (inner.target for inner in node.body if isinstance(inner, ast.AnnAssign))
            found |= {f"{node.name}.{field.id}" for field in fields if isinstance(field, ast.Name)}
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_place_on_the_page_is_there(name: str) -> None:
    path, _, inside = name.partition(".")
    if (CHECKOUT / path).exists() or (SOURCE / path).is_dir():
        return
    module = {module.name: module for module in modules()}.get("tufkeep." + path.replace("/", "."))
    assert module is not None, f"no module {path}"
    assert not inside or inside in defined(module.tree), f"no {inside} in {path}"


@pytest.mark.parametrize("name", MEMBERS)
def test_a_member_on_the_page_is_there(name: str) -> None:
    everything = {each for module in modules() for each in defined(module.tree)}
    assert name in everything


def test_the_page_shows_every_room_and_is_short() -> None:
    rooms = {module.room for module in modules()} - {"", "__main__"}
    shown = set(re.findall(r"\b([a-z]+)(?:/|\.py)\s", PAGE.split("```")[1]))
    assert rooms | TO_COME == shown & (rooms | TO_COME)
    assert PAGE.count("\n") < 150
