"""Prove that every byte of a remote is right."""

from __future__ import annotations

from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.publishing import open_publisher, remote_argument
from tufkeep.cli.base.show import Line, Lines
from tufkeep.publish.publisher import Publisher
from tufkeep.publish.verify import RemoteFaulty, Verification


@command("remote verify", example="tufkeep remote verify production")
@remote_argument
def remote_verify(app: App, *, remote: str) -> None:
    """Prove that every byte of a remote is right: read every object that its metadata needs, several at once.

    Objects that the repository does not own are listed, and left alone.
    """
    check(app, open_publisher(app, remote))


def check(app: App, publisher: Publisher) -> None:
    """Show what is wrong with the publisher's remote.

    Raises:
        RemoteFaulty: something is.
    """
    with app.progress("reading") as progress:
        found = publisher.verify(progress=progress)
    app.show(found)
    if not found.right:
        raise RemoteFaulty(found)


@show.text.register
def _(found: Verification) -> Lines:
    yield from (Line(f"missing: {name}", "bad") for name in found.missing)
    yield from (Line(f"damaged: {name}", "bad") for name in found.damaged)
    yield from (Line(f"not the repository's: {name}", "quiet") for name in found.foreign)
    yield from (
        Line(f"warning: {role} is expired: agents refuse it until it is renewed", "warning") for role in found.expired
    )
    if found.right:
        yield Line(f"every byte is right: {found.objects:,} objects, {found.length_bytes:,} bytes", "good")
