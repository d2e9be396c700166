"""Which rooms may touch the world outside: environment, terminal, clock, disk, network, chance, other programs."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.house.source import Module, modules


@dataclass(frozen=True, kw_only=True)
class Door:
    """One way out of the house, with the rooms that have its key."""

    to: str
    rooms: frozenset[str]
    names: frozenset[str]  # modules, or things in them, that lead outside
    methods: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()  # single modules of other rooms; each was a decision

    def opened_by(self, module: Module) -> set[str]:
        """Return what the module uses of this door without its key."""
        if module.room in self.rooms or module.room == "testing" or module.name in self.modules:
            return set()
        return {used for used in module.uses if self._leads_out(used)} | (module.methods & self.methods)

    def _leads_out(self, used: str) -> bool:
        return any(used == name or used.startswith(f"{name}.") for name in self.names)


def names(*words: str) -> frozenset[str]:
    """Return the words of some lines of text."""
    return frozenset(word for line in words for word in line.split())


DOORS = (
    Door(
        to="the environment",
        rooms=names("cli"),
        names=names("os.environ os.environb os.getenv sys.argv os.path.expanduser os.path.expandvars"),
        methods=names("expanduser"),
        modules=names("tufkeep.environment"),
    ),
    Door(
        to="the process's environment, where no other was handed in",
        rooms=names(),
        names=names("tufkeep.environment.system_environment"),
        modules=names("tufkeep.publish.publisher tufkeep.publish.deploy"),  # credentials of a bucket
    ),
    Door(
        to="the terminal",
        rooms=names("cli"),
        names=names("click rich termios tty pty readline getpass", "sys.stdin sys.stdout sys.stderr print input"),
    ),
    Door(
        to="the clock",
        rooms=names(),
        names=names("datetime.datetime.now datetime.datetime.utcnow datetime.datetime.today datetime.date.today"),
        modules=names("tufkeep.clock"),
    ),
    Door(
        to="the system's clock, where no other was handed in",
        rooms=names("stores cli"),  # a lock says since when it is held
        names=names("tufkeep.clock.system_clock"),
        modules=names("tufkeep.workspace.workspace tufkeep.client.client tufkeep.agent.agent"),
    ),
    Door(to="the clock in seconds", rooms=names(), names=names("time.time time.time_ns time.gmtime time.localtime")),
    Door(
        to="the disk",
        rooms=names("stores keys client agent"),
        names=names(
            "open shutil tempfile mmap fcntl glob fileinput",
            "os.open os.rename os.replace os.link os.symlink os.unlink os.remove os.rmdir os.mkdir os.makedirs",
            "os.scandir os.listdir os.walk os.stat os.lstat os.chmod os.fsync os.truncate os.utime os.access",
            "os.path.exists os.path.isfile os.path.isdir os.path.getsize os.path.realpath",
        ),
        methods=names(
            "read_text read_bytes write_text write_bytes iterdir rglob symlink_to hardlink_to is_file is_dir",
            "is_symlink mkdir rmdir unlink touch chmod lstat",
        ),
        modules=names(
            "tufkeep.cli.base.streams",  # the null device, where a standard stream is closed
            "tufkeep.cli.base.failures",  # the null device, when standard output is gone
            "tufkeep.cli.base.opening",  # the changes of a dry run
            "tufkeep.cli.commands.more.demo tufkeep.cli.commands.more.story",  # the demo plays in a folder of its own
        ),
    ),
    Door(
        to="the network",
        rooms=names("stores client"),
        names=names("socket ssl http socketserver urllib.request urllib3 requests httpx aiohttp obstore"),
        modules=names("tufkeep.watch.serve"),  # a server for trying things out
    ),
    Door(
        to="chance",
        rooms=names("keys stores client agent"),  # keys; names of temporary files; pauses that keep a fleet apart
        names=names("random secrets os.urandom os.getrandom uuid.uuid4 uuid.uuid1 nacl.utils.random"),
    ),
    Door(
        to="other programs",
        rooms=names("keys agent"),
        names=names("subprocess os.system os.execv os.execvp os.fork"),
        modules=names(
            "tufkeep.publish.programs",  # what prints a bucket's secret, what empties a cache
            "tufkeep.cli.commands.more.story",  # the demo types its commands as a person would
        ),
    ),
    Door(
        to="what only POSIX has",
        rooms=names(),
        names=names("fcntl termios tty pty pwd grp resource"),
        modules=names(
            "tufkeep.stores.exclusion tufkeep.stores.directory",  # with another way for Windows beside it
            "tufkeep.cli.base.terminal",
        ),
    ),
    Door(to="logging", rooms=names("cli"), names=names("logging"), modules=names("tufkeep.logs")),
    Door(
        to="a log",
        rooms=names("stores keys client workspace ceremony publish agent watch"),
        names=names("tufkeep.logs.logger"),
    ),
)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.to)
def test_only_rooms_with_the_key_go_out(door: Door) -> None:
    opened = {module.name: used for module in modules() if (used := door.opened_by(module))}
    assert opened == {}


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.to)
def test_every_single_module_with_a_key_uses_it(door: Door) -> None:
    bare = Door(to=door.to, rooms=door.rooms, names=door.names, methods=door.methods)
    assert {
        module.name for module in modules() if module.name in door.modules and bare.opened_by(module)
    } == door.modules


PLANTED = [
    ("the environment", "import os\ndef f(): return os.environ['HOME']"),
    ("the environment", "from os import getenv"),
    ("the process's environment, where no other was handed in", "from tufkeep.environment import system_environment"),
    ("the environment", "from pathlib import Path\nhome = Path('~').expanduser()"),
    ("the terminal", "def f(): print('hello')"),
    ("the terminal", "def f():\n    from rich.console import Console"),
    ("the clock", "from datetime import UTC, datetime\nnow = datetime.now(UTC)"),
    ("the clock", "import datetime as dt\nnow = dt.datetime.now(dt.UTC)"),
    ("the system's clock, where no other was handed in", "from tufkeep.clock import system_clock"),
    ("the clock in seconds", "import time\nnow = time.time()"),
    ("the disk", "def f(name): return open(name)"),
    ("the disk", "from pathlib import Path\ndata = Path('x').read_bytes()"),
    ("the network", "import urllib3"),
    ("the network", "from http.server import HTTPServer"),
    ("chance", "from secrets import token_hex"),
    ("other programs", "import subprocess"),
    ("what only POSIX has", "import termios"),
    ("logging", "import logging"),
    ("a log", "from tufkeep.logs import logger"),
]


@pytest.mark.parametrize(("to", "text"), PLANTED)
def test_a_way_out_is_seen(to: str, text: str) -> None:
    door = next(door for door in DOORS if door.to == to)
    assert door.opened_by(Module(name="tufkeep.metadata.planted", text=text))


def test_a_method_called_open_is_not_the_disk() -> None:
    harmless = Module(name="tufkeep.workspace.planted", text="def f(store, name): return store.open(name)")
    assert not any(door.opened_by(harmless) for door in DOORS)
