"""Take in what is published."""

from __future__ import annotations

from typing import Any, BinaryIO

import click

from tufkeep.cli.base import options, show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.options import passphrases
from tufkeep.cli.base.publishing import open_publisher, remote_argument, warn_of_unfinished_push
from tufkeep.cli.base.show import Line, Lines
from tufkeep.metadata.review import sentences
from tufkeep.publish.pull import Pulled


@command(
    "pull",
    example="tufkeep pull staging\ntufkeep pull https://updates.example.com/ --root root.json --targets",
)
@remote_argument
@click.option("--targets", is_flag=True, help="Fetch the artifacts, too.")
@click.option("--ours", "prefer", flag_value="ours", help="Where both changed the same thing, keep ours.")
@click.option("--theirs", "prefer", flag_value="theirs", help="Where both changed the same thing, take theirs.")
@click.option(
    "--root",
    type=click.File("rb"),
    metavar="FILE",
    help="For an empty directory: the root to trust.",
)
@click.option("--trust", metavar="FINGERPRINT", help="For an empty directory: the first root's fingerprint.")
@passphrases
@options.dry_run
def pull(
    app: App,
    *,
    remote: str,
    targets: bool,
    prefer: Any,
    root: BinaryIO | None,
    trust: str | None,
    dry_run: bool,
) -> None:
    """Take in what is published, and keep the work done here.

    Everything is verified as an agent would before a file is replaced. Every root version comes, with the newest
    metadata; artifacts come with --targets only. Changes that are staged or committed here and not yet published are
    made again on top; signatures over unchanged bytes stay, and what needs signing again is named.
    """
    given = root.read() if root is not None else None
    if dry_run:
        with app.trial_workspace() as workspace:
            app.show(open_publisher(app, remote, workspace=workspace).pull(prefer=prefer, root=given, trust=trust))
        return
    with app.progress("fetching") as progress:
        publisher = open_publisher(app, remote)
        pulled = publisher.pull(prefer=prefer, targets=targets, root=given, trust=trust, progress=progress)
    app.show(pulled)
    warn_of_unfinished_push(app, remote, pulled.roots_ahead)
    for role in pulled.expired:
        app.warn(f"{role} v{pulled.versions[role]} is expired: agents refuse it until it is renewed and pushed")


@show.text.register
def _(pulled: Pulled) -> Lines:
    yield from show.reviewed(sentences(pulled.facts))
    versions = ", ".join(f"{role} v{version}" for role, version in pulled.versions.items())
    yield Line(f"in step with {pulled.remote}: {versions}", "good")
    work = pulled.redone
    if not work.empty:
        changes = [f"{len(work.added):,} targets added or changed"] if work.added else []
        changes += [f"{len(work.removed):,} removed"] if work.removed else []
        changes += ["the delegations"] if work.delegations is not None else []
        changes += [f"role {role}" for role in work.delegated]
        changes += ["a new root"] if work.root is not None else []
        changes += [f"{role} renewed" for role in work.renewed]
        yield f"your work was made again on top: {', '.join(changes)}"
    for role in pulled.waiting:
        yield Line(f"{role} needs signing again: tufkeep sign {role}", "warning")
    if pulled.artifacts:
        yield f"fetched {pulled.artifacts:,} artifact{'' if pulled.artifacts == 1 else 's'}"


@show.document.register
def _(pulled: Pulled) -> dict[str, Any]:
    return {
        "remote": pulled.remote,
        "published": dict(pulled.versions),
        "changed": pulled.changed,
        "facts": [fact.as_json() for fact in pulled.facts],
        "redone": {
            "added": sorted(pulled.redone.added),
            "removed": sorted(pulled.redone.removed),
            "delegations": pulled.redone.delegations is not None,
            "roles": sorted(pulled.redone.delegated),
            "root": pulled.redone.root is not None,
            "renewed": list(pulled.redone.renewed),
        },
        "waiting": list(pulled.waiting),
        "expired": list(pulled.expired),
        "artifacts": pulled.artifacts,
    }
