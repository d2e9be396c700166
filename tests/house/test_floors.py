"""Who may import whom: a lower floor knows nothing of an upper one, rooms of one floor nothing of each other."""

from __future__ import annotations

import pytest

from tests.house.source import Module, modules

FLOORS: tuple[tuple[str, ...], ...] = (
    ("errors", "clock", "environment", "logs", "arguments", "decoding"),
    ("metadata", "stores"),
    ("keys", "client", "archives"),
    ("workspace",),
    ("ceremony", "release", "publish", "agent", "watch"),
    ("operate",),
    ("cli",),
)
FLOOR = {room: number for number, floor in enumerate(FLOORS) for room in floor}

# Rooms of one floor that know each other; each line was a decision.
NEIGHBOURS: frozenset[tuple[str, str]] = frozenset()

# The front door names everything in the house, the garden looks into every room, only the roof looks into the garden.
EVERYWHERE = {"", "__main__", "testing"}
GARDENERS = {"cli", "testing"}


def trespasses(module: Module) -> set[str]:
    """Return the rooms that a module imports from, and may not."""
    rooms = {name.split(".")[1] for name in module.imports if name.startswith("tufkeep.")} - {"__version__"}
    return {room for room in rooms - {module.room} if not _may(module.room, room)}


def _may(room: str, other: str) -> bool:
    if room in EVERYWHERE:
        return True
    if other == "testing":
        return room in GARDENERS
    return other in FLOOR and (FLOOR[other] < FLOOR[room] or (room, other) in NEIGHBOURS)


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.name)
def test_a_lower_floor_knows_nothing_of_an_upper_one(module: Module) -> None:
    assert module.room in FLOOR or module.room in EVERYWHERE, f"{module.room} is no room of the house"
    assert trespasses(module) == set()


def test_every_exception_is_needed() -> None:
    known = {(module.room, name.split(".")[1]) for module in modules() for name in module.imports if "tufkeep." in name}
    assert known >= NEIGHBOURS


@pytest.mark.parametrize(
    ("name", "line", "seen"),
    [
        ("tufkeep.metadata.plan", "from tufkeep.stores import Store", {"stores"}),
        ("tufkeep.stores.folder", "from tufkeep.keys.keyid import public_forms", {"keys"}),
        ("tufkeep.workspace.commit", "def f():\n    import tufkeep.cli.base.app", {"cli"}),
        ("tufkeep.workspace.commit", "from tufkeep.testing import FakeClock", {"testing"}),
        ("tufkeep.cli.base.app", "from tufkeep.workspace import Workspace", set()),
    ],
)
def test_a_trespass_is_seen(name: str, line: str, seen: set[str]) -> None:
    assert trespasses(Module(name=name, text=line)) == seen
