"""Show who published what, when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.publishing import open_publisher, remote_argument
from tufkeep.cli.base.show import Line, Lines
from tufkeep.publish.journal import Logged


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteLog:
    """A remote's journal."""

    entries: Sequence[Logged]


@command("remote log", example="tufkeep remote log production")
@remote_argument
def remote_log(app: App, *, remote: str) -> None:
    """Show who published what and when, from the journal in the remote.

    An entry is written before its push is published; an entry that never was is marked.
    """
    app.show(RemoteLog(entries=open_publisher(app, remote).log()))


@show.text.register
def _(log: RemoteLog) -> Lines:
    if not log.entries:
        yield "nothing was pushed with tufkeep yet"
    for each in log.entries:
        entry = each.entry
        versions = " ".join(f"{role} v{version}" for role, version in entry.versions.items())
        said = [f"from {entry.source}"] if entry.source else []
        said += [f"approved by {entry.approved_by}"] if entry.approved_by else []
        said += [f"tested by {entry.tested_by}"] if entry.tested_by else []
        said += [entry.note] if entry.note else []
        also = f" ({', '.join(said)})" if said else ""
        line = f"{entry.when:%Y-%m-%dT%H:%M:%SZ}  {entry.who}  {versions}{also}"
        yield Line(line if each.published else f"{line}  never published", "plain" if each.published else "quiet")


@show.document.register
def _(log: RemoteLog) -> dict[str, Any]:
    return {
        "pushes": [
            {
                "when": show.document(each.entry.when),
                "who": each.entry.who,
                "program": each.entry.program,
                "versions": each.entry.versions,
                "timestamp_sha256": each.entry.timestamp,
                "published": each.published,
                "note": each.entry.note,
                "approved_by": each.entry.approved_by,
                "tested_by": each.entry.tested_by,
                "source": each.entry.source,
            }
            for each in log.entries
        ]
    }
