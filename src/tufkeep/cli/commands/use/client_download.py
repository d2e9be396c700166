"""Download targets, verified."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

from tufkeep.cli.base import options, show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.show import Line, Lines
from tufkeep.cli.commands.use.client import open_client


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One artifact, verified and in its place."""

    path: str
    file: str
    fetched: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What was downloaded."""

    files: tuple[File, ...]


@command("client download", example="tufkeep client download --dir state app/agent --to bin --executable")
@click.argument("paths", nargs=-1, required=True, metavar="TARGET...")
@click.option("--to", type=click.Path(path_type=Path), metavar="FOLDER", help="Where to put them [DIR/targets].")
@click.option("--executable", is_flag=True, help="Make them executable.")
@options.network
def client_download(app: App, *, paths: tuple[str, ...], to: Path | None, executable: bool) -> None:
    """Refresh, then download targets by their paths, each checked against its signed length and hashes.

    A file appears under its name only when it is verified. What is there already is not fetched again; what was cut off
    goes on where it was.
    """
    folder = to or app.choices.directory / "targets"
    opened = open_client(app)
    files: list[File] = []
    try:
        for path in paths:
            done = opened.download(path, folder, executable=executable)
            files.append(File(path=path, file=str(done.file), fetched=done.fetched))
    finally:
        app.show(Files(files=tuple(files)))  # those that came before one that did not


@show.text.register
def _(shown: Files) -> Lines:
    for each in shown.files:
        yield Line(f"{each.path}: {'downloaded to' if each.fetched else 'is already in'} {each.file}", "good")
