"""No circle of imports inside a room: each module can be read, and imported, after those that it stands on.

An import inside a function or for type checkers alone counts too: it hides a circle from Python, not from a reader.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.house.source import Module, modules

ROOMS = tuple(sorted({module.room for module in modules()}))


def graph(room: Collection[Module]) -> Mapping[str, set[str]]:
    """Return what each module of a room imports from the same room: modules, and packages for names of their own."""
    names = {module.name for module in room}
    return {module.name: {_origin(name, names) for name in module.imports} & (names - {module.name}) for module in room}


def _origin(name: str, modules: Collection[str]) -> str:
    """Return the module that an imported name is, or comes from."""
    return name if name in modules else name.rpartition(".")[0]


def circle(imports: Mapping[str, set[str]]) -> list[str]:
    """Return the modules of one circle, the first one again at its end; nothing where there is none."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found[::-1]
    return []


def circle_of(room: str) -> list[str]:
    return circle(graph([module for module in modules() if module.room == room]))


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_imports_in_circles(room: str) -> None:
    assert circle_of(room) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from tufkeep.stores.folder import FolderStore", True),
        ("from tufkeep.stores import folder", True),
        ("import tufkeep.stores.folder", True),
        ("def late():\n    from tufkeep.stores.folder import FolderStore", True),
        ("if TYPE_CHECKING:\n    from tufkeep.stores.folder import FolderStore", True),
        ("from tufkeep.stores import FolderStore", True),
        ("from tufkeep.keys.folder import KeyFolder", False),
        ("from tufkeep import __version__", False),
    ],
)
def test_a_circle_is_seen(text: str, found: bool) -> None:
    door = Module(name="tufkeep.stores", text="from tufkeep.stores.folder import FolderStore")
    folder = Module(name="tufkeep.stores.folder", text="from tufkeep.stores.tree import Tree")
    tree = Module(name="tufkeep.stores.tree", text=text)
    assert bool(circle(graph([door, folder, tree]))) == found
