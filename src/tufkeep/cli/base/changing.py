"""How every command that changes the staged metadata goes: one change, shown, committed if that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.show import Line, Lines, signatures
from tufkeep.workspace.outcome import Committed, Staged

if TYPE_CHECKING:
    from pathlib import Path

    from tufkeep.metadata.lint_change import ClientWarning
    from tufkeep.workspace import CommitPlan, Workspace

F = TypeVar("F", bound=Callable[..., object])


def commits(function: F) -> F:
    """Give the command `commit`: make the staged change the repository at once."""
    return click.option("--commit", is_flag=True, help="Commit the change at once, if nothing is missing.")(function)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A commit as it is shown."""

    made: Committed
    dry_run: bool


@contextmanager
def change(
    app: App, note: str, *, commit: bool = False, dry_run: bool = False, keys: Path | None = None
) -> Iterator[Workspace]:
    """Give the working directory to a block that makes one change and shows it, then commit it if asked.

    A dry run does all of it over a copy of the directory that is thrown away.

    Args:
        keys: a folder of key files in place of its keys/.
    """
    with ExitStack() as stack:
        real = app.workspace if keys is None else app.open_workspace(keys=keys)
        workspace = stack.enter_context(app.trial_workspace(keys=keys)) if dry_run else real
        stack.enter_context(workspace.exclusive(note))
        yield workspace
        tell_closed(app, workspace)
        if commit:
            commit_now(app, workspace, dry_run=dry_run)
        elif workspace.state.staged_roles:
            warn_unread(app, workspace.unread())


def commit_now(app: App, workspace: Workspace, *, dry_run: bool) -> CommitPlan:
    """Prove the staged change and make it the repository."""
    plan = workspace.plan_commit()
    workspace.commit(plan)
    if plan.empty:
        app.say("nothing is staged, so there is nothing to commit")
        return plan
    show_committed(app, workspace, plan, dry_run=dry_run)
    return plan


def show_committed(app: App, workspace: Workspace, plan: CommitPlan, *, dry_run: bool) -> None:
    """Show what became the repository, with what will soon need somebody."""
    made = plan.committed
    if not made.versions:
        return
    app.show(Commit(made=made, dry_run=dry_run))
    for one in plan.unlooked:
        app.warn(one.sentence)
    warn_unread(app, plan.unread)
    for role in made.expired:
        app.warn(f"{role} v{plan.after[role].version} is expired: agents refuse it until you type tufkeep renew {role}")
    if not made.expired and (sentence := _ends_soon(workspace, plan)):
        app.warn(f"{sentence}: tufkeep renew --commit")


def warn_unread(app: App, unread: Sequence[ClientWarning]) -> None:
    """Warn of what a change brings that some client does not read; with -v list each thing."""
    for warning in unread:
        app.warn(warning.sentence)
        for line in warning.each if app.choices.verbose else ():
            app.tell(f"  {line}")


def _ends_soon(workspace: Workspace, plan: CommitPlan) -> str:
    from tufkeep.ceremony.prove import ends_soon
    from tufkeep.workspace import MalformedPolicy, Policy, layout

    try:
        policy = workspace.policy
    except MalformedPolicy:
        policy = Policy()  # the commit is made; a warning too early is better than an error now
    documents = {role: plan.after[role] for role in layout.ROLES if role in plan.after}
    return ends_soon(plan.after["root"], documents, policy=policy.validity, now=workspace.clock())


def tell_closed(app: App, workspace: Workspace) -> None:
    """Warn of key files that may hold a key that was wanted, and did not open."""
    for note in workspace.keyring.notes:
        app.warn(f"keys/{note.name} could not be opened: {note.reason}")


@show.text.register
def _(shown: Staged) -> Lines:
    if not shown.roles:
        yield "nothing changed"
    for role in shown.roles:
        also = f", and still needs {role.also_needed}" if role.also_needed else ""
        line = (
            f"staged {role.role} v{role.version}: {signatures(role.signed, role.threshold)}{also}, "
            f"expires {role.expires:%Y-%m-%d}"
        )
        yield Line(line, "plain" if role.complete else "warning")
    yield from (Line(one.sentence, "warning") for one in shown.unlooked)


@show.document.register
def _(shown: Staged) -> dict[str, Any]:
    return {"staged": show.document(shown.roles)}


@show.text.register
def _(shown: Commit) -> Lines:
    versions = ", ".join(f"{role} v{version}" for role, version in shown.made.versions.items())
    roots = len(shown.made.from_roots)
    who = "a client on the first root follows" if roots == 1 else f"clients on each of {roots} root versions follow"
    yield Line(f"{'would commit' if shown.dry_run else 'committed'} {versions}: {who}", "good")


@show.document.register
def _(shown: Commit) -> dict[str, Any]:
    made = shown.made
    return {
        "committed": dict(made.versions),
        "from_roots": list(made.from_roots),
        "expired": list(made.expired),
        "unread": show.document(made.unread),
        "dry_run": shown.dry_run,
    }
