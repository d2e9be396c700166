"""The handbook, typed: create with three root keys, add a releaser, rotate the root keys. The real client follows.

Two readings of its `mv` steps: the safe one moves every file to a name of its own; the literal one moves key 2 over the
only copy of key 1.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.compat.folders import ROLES
from tests.servers import serve_folder

pytestmark = pytest.mark.peer("tuf-client")

Typed = Callable[..., "subprocess.CompletedProcess[str]"]
FLEET = {f"FLEET_{role.upper()}_PASSPHRASE": role for role in ROLES}
RELEASER = {f"TUF_{role.upper()}_PASSPHRASE": f"releaser {role}" for role in ("targets", "snapshot", "timestamp")}


class Drive:
    """A folder that stands for a drive, with our programs copied onto it."""

    def __init__(self, folder: Path, shims: Path, typed: Typed):
        self.folder = folder
        self._shims = shims
        self._typed = typed
        folder.mkdir(exist_ok=True)
        for program in ("tuf", "fleetctl"):
            shutil.copy(shims / program, folder / program)

    def type(self, line: str, *, root: str | None = None, **environment: str) -> str:
        """Type a line as it stands in the handbook; `root` is what is typed for the root passphrase."""
        given = {**environment, **({"TUF_ROOT_PASSPHRASE": root} if root else {})}
        done = self._typed(line, self.folder, **given)
        assert done.returncode == 0, (line, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def copy(self, name: str, to: Drive) -> None:
        """Copy a file or folder to another drive, under the same name."""
        (to.folder / name).parent.mkdir(parents=True, exist_ok=True)
        if (self.folder / name).is_dir():
            shutil.copytree(self.folder / name, to.folder / name, dirs_exist_ok=True)
        else:
            shutil.copy(self.folder / name, to.folder / name)

    def signed(self, name: str) -> Any:
        return json.loads((self.folder / name).read_bytes())["signed"]

    def signers(self, name: str) -> set[str]:
        return {one["keyid"] for one in json.loads((self.folder / name).read_bytes())["signatures"]}


class Agents:
    """The real client, on a web server that serves what was uploaded."""

    def __init__(self, client: Path, *, store: Path, served: Path, url: str):
        self._client = client
        self._store = store
        self.served = served
        self._url = url

    def upload(self, drive: Drive) -> None:
        shutil.copytree(drive.folder / "repository", self.served, dirs_exist_ok=True)

    def init(self) -> None:
        self._run("init", self.served / "1.root.json")

    def targets(self) -> str:
        return self._run("list")

    def get(self, path: str) -> str:
        return self._run("get", path)

    def _run(self, command: str, *arguments: str | Path) -> str:
        done = subprocess.run(
            [self._client, command, "-s", self._store, self._url, *arguments],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def drive(tmp_path: Path, shims: Path, typed: Typed) -> Callable[[str], Drive]:
    return lambda name: Drive(tmp_path / name, shims, typed)


@pytest.fixture
def agents(tmp_path: Path, peer_tuf_client: Path) -> Iterator[Agents]:
    served = tmp_path / "served"
    served.mkdir()
    with serve_folder(served) as url:
        yield Agents(peer_tuf_client, store=tmp_path / "agent.db", served=served, url=url)


def create(signing: Drive, mv: Callable[[Drive, str], None]) -> None:
    """Follow the handbook's first procedure, as far as the keys."""
    signing.type("./fleetctl updates init", **FLEET)
    signing.type("mv keys/root.json keys/root1.json")
    signing.type("./tuf gen-key root", root="root2")
    signing.type("mv keys/root.json keys/root2.json")
    signing.type("./tuf gen-key root", root="root3")
    mv(signing, "root")


def safe_mv(signing: Drive, first: str) -> None:
    """Move every file to a name of its own: what the handbook means."""
    signing.type("mv keys/root.json keys/root3.json")
    for number, passphrase in ((1, first), (2, "root2")):
        signing.type(f"mv keys/root{number}.json keys/root.json")
        signing.type("./tuf sign root.json", root=passphrase)
        signing.type(f"mv keys/root.json keys/root{number}.json")


def literal_mv(signing: Drive, first: str) -> None:
    """Do what the handbook says: key 2 is moved over the only copy of key 1."""
    signing.type("mv keys/root.json keys/root3.json")
    signing.type("mv keys/root1.json keys/root.json")
    signing.type("./tuf sign root.json", root=first)
    signing.type("mv keys/root2.json keys/root.json")
    warned = signing.type("./tuf sign root.json", root="root2")
    assert "warning: root key" in warned
    assert "restore it from a backup; signing needs no file to be moved" in warned


def no_mv(signing: Drive, first: str) -> None:
    """Type what our page says instead: no file is moved, each passphrase finds its key."""
    for passphrase in (first, "root2"):
        signing.type("./tuf sign root.json", root=passphrase)


@pytest.mark.parametrize("mv", [safe_mv, literal_mv, no_mv], ids=lambda mv: mv.__name__)
def test_the_three_procedures_as_they_are_typed(
    mv: Callable[[Drive, str], None], drive: Callable[[str], Drive], agents: Agents
) -> None:
    signing = drive("offline")
    create(signing, mv)
    root = signing.signed("staged/root.json")
    assert (root["version"], len(root["roles"]["root"]["keyids"])) == (2, 3)
    assert signing.signers("staged/root.json") == set(root["roles"]["root"]["keyids"])

    # Backups of keys/ alone; a repository drive without keys; a day-to-day drive without root keys.
    backup, day = drive("backup"), drive("day-to-day")
    signing.copy("keys", backup)
    for name in ("repository", "staged", *(f"keys/{role}.json" for role in ("targets", "snapshot", "timestamp"))):
        signing.copy(name, day)
    agents.upload(signing)
    agents.init()
    agents.targets()

    # The staged root travels to the day-to-day drive, and goes public with its first commit.
    (day.folder / "osqueryd").write_text("binary")
    day.type(
        "./fleetctl updates add --target osqueryd --name osqueryd --platform linux --version 5.1 -t stable", **FLEET
    )
    agents.upload(day)
    assert agents.get("osqueryd/linux/stable/osqueryd") == "binary"
    assert (agents.served / "2.root.json").exists()

    add_a_releaser(day, backup, drive, agents)
    rotate(day, backup, agents)


def add_a_releaser(day: Drive, root_drive: Drive, drive: Callable[[str], Drive], agents: Agents) -> None:
    """Follow the handbook's second procedure."""
    releaser = drive("releaser")
    shutil.copytree(agents.served, releaser.folder / "repository")
    for role in ("targets", "snapshot", "timestamp"):
        releaser.type(f"./tuf gen-key --expires=365 {role}", **RELEASER)
    usb = drive("usb")
    releaser.copy("keys", usb)
    shutil.rmtree(releaser.folder / "keys")
    releaser.copy("staged/root.json", root_drive)
    root_drive.type("./tuf sign root.json", root="root2")
    root_drive.copy("staged/root.json", day)
    day.type("./tuf commit")
    agents.upload(day)
    agents.targets()
    shutil.rmtree(releaser.folder / "staged")
    shutil.copytree(agents.served, releaser.folder / "repository", dirs_exist_ok=True)
    usb.copy("keys", releaser)
    (releaser.folder / "orbit").write_text("orbit")
    releasing = {name.replace("TUF_", "FLEET_"): value for name, value in RELEASER.items()}
    releaser.type(
        "./fleetctl updates add --target orbit --name orbit --platform linux --version 1 -t edge", **releasing
    )
    agents.upload(releaser)
    assert agents.get("orbit/linux/edge/orbit") == "orbit"
    releaser.copy("repository", day)


def rotate(day: Drive, root_drive: Drive, agents: Agents) -> None:
    """Follow the handbook's third procedure."""
    shutil.rmtree(root_drive.folder / "staged")
    day.copy("repository", root_drive)
    old = root_drive.signed("repository/root.json")["roles"]["root"]["keyids"]
    if (root_drive.folder / "keys/root.json").exists():
        root_drive.type("mv keys/root.json keys/root-old.json")
    for number in (4, 5, 6):
        root_drive.type("./tuf gen-key root", root=f"root{number}")
        root_drive.type(f"mv keys/root.json keys/root{number}.json")
    root_drive.type("./tuf sign root.json", root="root2")
    root_drive.type("./tuf commit")
    for keyid in old:
        root_drive.type(f"./tuf revoke-key root {keyid}", root="root4")
    for number in (4, 5, 6):
        root_drive.type("./tuf sign root.json", root=f"root{number}")
    root_drive.type("./tuf commit")

    root = root_drive.signed("repository/root.json")
    new = set(root["roles"]["root"]["keyids"])
    assert len(new) == 3
    assert not new & set(old)
    assert new <= root_drive.signers("repository/root.json")
    agents.upload(root_drive)
    assert agents.get("orbit/linux/edge/orbit") == "orbit"
    assert (agents.served / f"{root['version']}.root.json").exists()
