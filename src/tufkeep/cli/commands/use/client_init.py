"""Start to trust a repository."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

import click

from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.show import Line, Lines
from tufkeep.cli.commands.use.client import open_client


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """What a client begins from."""

    root: int
    metadata: str
    new: bool


@command("client init", example="tufkeep client init https://updates.example.com/ --root root.json --dir state")
@click.argument("where", metavar="URL")
@click.option(
    "--root", "root_file", required=True, type=click.File("rb"), metavar="FILE", help="The root metadata to trust."
)
@click.option("--artifacts", metavar="URL", help="Where the artifacts are [URL/targets].")
def client_init(app: App, *, where: str, root_file: BinaryIO, artifacts: str | None) -> None:
    """Begin to trust the repository at URL (or in a folder) by its root metadata; ask it for nothing yet.

    All that follows rests on this file: take it from somebody you trust, not from the server itself. Which version it
    is does not matter. DIR keeps what is trusted.
    """
    from tufkeep.client import Limits
    from tufkeep.metadata.document import Document

    data = root_file.read(Limits().root_bytes + 1)
    opened = open_client(app, where, artifacts=artifacts)
    new = opened.init(data)
    app.show(Trusted(root=Document.parse(data).version, metadata=opened.where, new=new))


@show.text.register
def _(shown: Trusted) -> Lines:
    yield Line(f"{'trusts' if shown.new else 'trusted already:'} root v{shown.root} of {shown.metadata}", "good")
