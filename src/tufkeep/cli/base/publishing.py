"""How the commands that publish get at a remote, then tell what they did."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tufkeep.cli.base import options, show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.changing import warn_unread
from tufkeep.cli.base.show import Line, Lines
from tufkeep.metadata.review import sentences
from tufkeep.publish.plan import PushPlan
from tufkeep.publish.publication import Pushed

if TYPE_CHECKING:
    from tufkeep.publish.difference import Difference
    from tufkeep.publish.publisher import Publisher
    from tufkeep.workspace import Workspace

F = TypeVar("F", bound=Callable[..., object])


def remote_argument(function: F) -> F:
    """Give the command `remote`: a name out of tufkeep.toml, or a URL or folder."""
    return options.trust_config(click.argument("remote", metavar="REMOTE")(function))


def open_publisher(app: App, remote: str, *, workspace: Workspace | None = None) -> Publisher:
    """Return the working directory with one of its remotes."""
    from tufkeep.cli.base.trusting import with_trust
    from tufkeep.publish.publisher import Publisher

    here, environment = workspace or app.workspace, app.process.environment
    return with_trust(
        app, here, lambda trusted: Publisher.open(here, remote, environment=environment, trust_config=trusted)
    )


def warn_of_unfinished_push(app: App, remote: str, roots_ahead: tuple[int, ...]) -> None:
    """Warn where a push was cut off after its root: agents that have the root wait for the timestamp."""
    if roots_ahead:
        app.warn(
            f"{remote} has root v{roots_ahead[-1]}, and no timestamp that its keys have signed: agents are refused "
            "until the push that brought the root is finished by pushing again"
        )


def tell(app: App, pushed: Pushed) -> None:
    """Show what was published, then what somebody should know of it."""
    app.show(pushed)
    warn(app, pushed)


def warn(app: App, done: PushPlan | Pushed) -> None:
    """Warn of what somebody should know; with -v list each thing that one sentence stands for."""
    known = {each.sentence for each in done.unread}
    for warning in done.warnings:
        if warning not in known:
            app.warn(warning)
    warn_unread(app, done.unread)


def relation(difference: Difference) -> Line:
    """Return how a directory and a remote differ, with the command that brings them together."""
    command = {"ahead": "push", "unpublished": "push", "behind": "pull", "apart": "pull"}.get(difference.relation)
    follow = f": tufkeep {command} {shlex.quote(difference.remote)}" if command else ""
    return Line(f"{difference.sentence()}{follow}", "title")


@show.text.register
def _(plan: PushPlan) -> Lines:
    yield from show.reviewed(sentences(plan.facts))
    yield Line(plan.totals(), "title")


@show.document.register
def _(plan: PushPlan) -> dict[str, Any]:
    return {
        "remote": plan.remote,
        "before": plan.before.versions if plan.before is not None else None,
        "after": plan.after.versions,
        "nothing_to_do": plan.empty and not plan.complete,
        "facts": [fact.as_json() for fact in plan.facts],
        "artifacts": [artifact.target.path for artifact in (*plan.artifacts, *plan.replaced)],
        "metadata": [file.name for file in plan.metadata],
        "bytes": plan.length_bytes,
        "retired": list(plan.retired),
        "plan_warnings": list(plan.warnings),
    }


@show.text.register
def _(pushed: Pushed) -> Lines:
    versions = ", ".join(f"{role} v{version}" for role, version in pushed.versions.items())
    yield Line(f"published on {pushed.remote}: {versions}", "good")
    if pushed.read_back.timestamp is not None:
        yield f"an agent that looks now gets timestamp v{pushed.read_back.timestamp}"
    if pushed.deleted:
        yield f"deleted {len(pushed.deleted):,} objects that no agent needs any more"


@show.document.register
def _(pushed: Pushed) -> dict[str, Any]:
    return {
        "published": dict(pushed.versions),
        "read_back_timestamp": pushed.read_back.timestamp,
        "warnings": list(pushed.warnings),
        "deleted": list(pushed.deleted),
    }
