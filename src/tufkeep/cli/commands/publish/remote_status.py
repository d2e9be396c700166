"""Show what a remote has published, with when it ends."""

from __future__ import annotations

from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.publishing import open_publisher, relation, remote_argument, warn_of_unfinished_push
from tufkeep.cli.base.show import Line, Lines, columns
from tufkeep.metadata.expiry import distance
from tufkeep.publish.difference import RemoteStatus
from tufkeep.publish.publisher import Publisher


@command("remote status", example="tufkeep remote status production\ntufkeep remote status production --json")
@remote_argument
def remote_status(app: App, *, remote: str) -> None:
    """Show what a remote has published, verified, and when it expires.

    Exit code 0 when agents can use it, expired or not; --json says which roles are expired.
    """
    tell(app, open_publisher(app, remote))


def tell(app: App, publisher: Publisher) -> None:
    """Show what the publisher's remote has."""
    status = publisher.status()
    app.show(status)
    warn_of_unfinished_push(app, publisher.remote.name, status.difference.roots_ahead)


@show.text.register
def _(status: RemoteStatus) -> Lines:
    rows = [
        (role, f"v{version}", distance(status.expires[role], now=status.now))
        for role, version in status.versions.items()
    ]
    for row, line in zip(rows, columns(rows), strict=True):
        yield Line(line, "bad" if row[0] in status.expired else "plain")
    names = "consistent snapshots" if status.consistent_snapshot else "plain file names"
    yield f"{status.targets:,} target{'' if status.targets == 1 else 's'}, {names}"
    yield relation(status.difference)
    if status.last is not None:
        yield f"last pushed by {status.last.who} at {status.last.when:%Y-%m-%dT%H:%M:%SZ}"


@show.document.register
def _(status: RemoteStatus) -> dict[str, object]:
    return {
        "remote": status.difference.remote,
        "relation": status.difference.relation,
        "versions": dict(status.versions),
        "expires": {role: show.document(expires) for role, expires in status.expires.items()},
        "expired": list(status.expired),
        "targets": status.targets,
        "consistent_snapshot": status.consistent_snapshot,
        "last_push": {"who": status.last.who, "when": show.document(status.last.when)} if status.last else None,
    }
