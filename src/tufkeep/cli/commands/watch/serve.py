"""Serve a repository over HTTP on this machine."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.show import Line, Lines

if TYPE_CHECKING:
    from tufkeep.watch.serve import Answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """Where a repository is served until somebody stops it."""

    url: str
    folder: str


@command("serve", example="tufkeep serve\ntufkeep serve mirror/ --port 0 --log")
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(0, 65535), default=8000, help="The port; 0 takes a free one [8000].")
@click.option("--address", default="127.0.0.1", help="The address; 0.0.0.0 lets other machines in [127.0.0.1].")
@click.option("--log", is_flag=True, help="Print a line for each request.")
def serve(app: App, *, folder: Path | None, port: int, address: str, log: bool) -> None:
    """Serve FOLDER, or repository/ of the working directory, until Ctrl-C.

    For trying things out: what is served is exactly what any web server would serve from that folder. Keys and staged
    changes are never in it.
    """
    from tufkeep.stores import FolderStore
    from tufkeep.watch.serve import RepositoryServer

    served = folder or app.choices.directory / "repository"
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # `kill` stops it as Ctrl-C does
    with RepositoryServer(FolderStore(served), address=address, port=port, log=_teller(app) if log else None) as server:
        try:
            app.show(Serving(url=server.url, folder=str(served)))
            app.finish()
            server.serve_forever()
        except KeyboardInterrupt:
            app.say("stopped")


def _teller(app: App) -> Callable[[Answered], None]:
    return lambda request: app.tell(f"{request.method} {request.target} {request.status} {request.length_bytes} bytes")


@show.text.register
def _(shown: Serving) -> Lines:
    yield Line(f"serving {shown.folder} at {shown.url}", "good")
    yield "stop with Ctrl-C"
