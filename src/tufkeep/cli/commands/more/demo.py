"""Play the whole life of an update server."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import click

from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command


@command("demo", example="tufkeep demo\ntufkeep demo --keep tour")
@click.option(
    "--keep", type=click.Path(path_type=Path), metavar="FOLDER", help="Play it in this new folder, and keep it."
)
def demo(app: App, *, keep: Path | None) -> None:
    """Create, release, serve, update an agent, rotate every root key, update the agent again: in seconds, checked.

    Everything happens in a temporary folder and on this machine's loopback address. The exit code is not 0 if any step
    is not what it claims to be.
    """
    from tufkeep.cli.commands.more.story import Story

    began = time.monotonic()
    if keep is not None:
        if keep.exists():
            raise click.BadParameter(f"{keep} exists already", param_hint="--keep")
        keep.mkdir(parents=True)
        Story(app, keep.absolute()).tell()
        app.say("", f"All of it is in {keep}: server/ is the working directory, agent/ the other end.")
    else:
        with tempfile.TemporaryDirectory(prefix="tufkeep-demo-") as folder:
            Story(app, Path(folder)).tell()
    app.say("", f"Every step was checked. It took {time.monotonic() - began:.0f} seconds.")
