"""Put programs under the originals' names into a folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tufkeep.cli.base import options
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.errors import StoreError

if TYPE_CHECKING:
    from tufkeep.stores import Store

NAMES = ("tuf", "fleetctl")
_OURS = b"# made by tufkeep shims\n"


class ProgramInTheWay(StoreError):
    """The folder has a program of that name, which we did not put there."""

    exit_code = 32

    def __init__(self, path: Path):
        super().__init__(f"{path} is there already, and is not ours")
        self.path = path


@dataclass(frozen=True, slots=True, kw_only=True)
class Shims:
    """The programs that were put into a folder."""

    programs: tuple[str, ...]


@command("shims", example="tufkeep shims /media/stick\n/media/stick/tuf help")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@options.dry_run
def shims(app: App, *, folder: Path, dry_run: bool) -> None:
    """Put `tuf` and `fleetctl` into a folder: this program, called by those names.

    They take the command lines of go-tuf v0.5.2 and of `fleetctl updates`. Nothing else is installed: type their path,
    or put the folder on the PATH.
    """
    from tufkeep.stores import FolderStore

    store = FolderStore(folder, clock=app.clock)
    program = _program()
    for name in NAMES:
        if store.stat(name) is not None and not _is_ours(store, name, program):
            raise ProgramInTheWay(folder / name)
    if not dry_run:
        for name in NAMES:
            store.write_stream(name, [program], executable=True)
    app.show(Shims(programs=tuple(str(folder / name) for name in NAMES)))


def _program() -> bytes:
    """Return what a program of ours is made of: itself where it is one file, else a line that starts it."""
    import zipfile

    if zipfile.is_zipfile(sys.argv[0]):
        with click.open_file(sys.argv[0], "rb") as stream:
            return bytes(stream.read())
    return "".join(_script()).encode()


def _script() -> Iterator[str]:
    yield f"#!{sys.executable}\n"
    yield _OURS.decode()
    yield "import sys\n\nfrom tufkeep.cli.main import main\n\nsys.exit(main())\n"


def _is_ours(store: Store, name: str, program: bytes) -> bool:
    found = store.read(name)
    return found == program or _OURS in found[:4096]
