"""Find out whether a remote can be written safely."""

from __future__ import annotations

from dataclasses import dataclass

from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.publishing import open_publisher, remote_argument
from tufkeep.cli.base.show import Line, Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFound:
    """Where a remote is, and where its credentials are; shown first, for the test may be refused because of them."""

    remote: str
    url: str
    credentials: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteTest:
    """What a test of a remote found."""

    create: bool
    unchanged: bool


@command("remote test", example="tufkeep remote test staging")
@remote_argument
def remote_test(app: App, *, remote: str) -> None:
    """Find out whether a remote can be written safely, by writing and removing one small object.

    Some servers accept conditional writes and ignore the condition: two releasers could then roll each other back.
    Credentials are named by where they were found, never shown.
    """
    publisher = open_publisher(app, remote)
    found = publisher.remote
    credentials = found.credentials.source if found.credentials else "none needed"
    app.show(RemoteFound(remote=found.name, url=found.policy.url, credentials=credentials))
    conditions = publisher.conditions()
    app.show(RemoteTest(create=conditions.create, unchanged=conditions.unchanged))


@show.text.register
def _(found: RemoteFound) -> Lines:
    yield f"{found.remote} is {found.url}; credentials: {found.credentials}"


@show.text.register
def _(test: RemoteTest) -> Lines:
    if test.create and test.unchanged:
        yield Line("it can be written, and keeps conditions: two pushes can't roll each other back", "good")
    else:
        yield Line(
            "it can be written, but ignores conditions: pushes take a lease, which only tufkeep sees",
            "warning",
        )
