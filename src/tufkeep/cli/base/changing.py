"""How every command that changes the staged metadata goes: one change, shown, committed if that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.show import Line, Lines, signatures

if TYPE_CHECKING:
    from tufkeep.metadata.document import Document
    from tufkeep.workspace import CommitPlan, Edit, Workspace

F = TypeVar("F", bound=Callable[..., object])


def commits(function: F) -> F:
    """Give the command `commit`: make the staged change the repository at once."""
    return click.option("--commit", is_flag=True, help="Commit the change at once, if nothing is missing.")(function)


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedRole:
    """One role that is staged, and what it still lacks."""

    role: str
    version: int
    signed: int
    threshold: int
    also_needed: str  # what the root before it still asks for, empty where nothing
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """What a change led to."""

    staged: tuple[StagedRole, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What became the repository, and who was proved to follow."""

    committed: Mapping[str, int]  # role -> version
    from_roots: tuple[int, ...]  # a client on each of these root versions follows
    expired: tuple[str, ...]  # committed roles that nobody renewed yet
    dry_run: bool


@contextmanager
def change(app: App, note: str, *, commit: bool = False, dry_run: bool = False) -> Iterator[Edit]:
    """Make one change in a block, then show it, then commit it if asked.

    A dry run does all of it over a copy of the directory that is thrown away.
    """
    with ExitStack() as stack:
        workspace = stack.enter_context(app.trial_workspace()) if dry_run else app.workspace
        stack.enter_context(workspace.exclusive(note))
        with workspace.edit(note) as edit:
            yield edit
        app.show(staged(workspace, edit.staged))
        tell_closed(app, workspace)
        if commit:
            commit_now(app, workspace, dry_run=dry_run)


def commit_now(app: App, workspace: Workspace, *, dry_run: bool) -> CommitPlan:
    """Prove the staged change and make it the repository."""
    plan = workspace.plan_commit()
    workspace.commit(plan)
    if plan.proof is None:
        app.say("nothing is staged, so there is nothing to commit")
        return plan
    show_committed(app, workspace, plan, dry_run=dry_run)
    return plan


def show_committed(app: App, workspace: Workspace, plan: CommitPlan, *, dry_run: bool) -> None:
    """Show what became the repository, with what will soon need somebody."""
    if plan.proof is None:
        return
    versions = {role: plan.after[role].version for role in plan.roles}
    app.show(
        Committed(committed=versions, from_roots=plan.proof.from_roots, expired=plan.proof.expired, dry_run=dry_run)
    )
    for role in plan.proof.expired:
        app.warn(f"{role} v{plan.after[role].version} is expired: agents refuse it until you type tufkeep renew {role}")
    if not plan.proof.expired and (sentence := _ends_soon(workspace, plan)):
        app.warn(f"{sentence}: tufkeep renew --commit")


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
        app.warn(f"keys/{note.name} stayed closed: {note.reason}")


def staged(workspace: Workspace, documents: Mapping[str, Document[Any]]) -> Staged:
    """Return what a change led to, role by role."""
    return Staged(staged=tuple(_staged_role(workspace, role, document) for role, document in documents.items()))


def _staged_role(workspace: Workspace, role: str, document: Document[Any]) -> StagedRole:
    from tufkeep.metadata.quorum import quorum, root_quorums

    if role == "root":
        committed = workspace.state.committed("root")
        *older, own = root_quorums(document, committed.signed if committed is not None else None)
    else:
        older, own = [], quorum(document, role, workspace.state.root.signed)
    lacking = [f"{found.missing} of the keys of {found.delegator}" for found in older if not found.reached]
    return StagedRole(
        role=role,
        version=document.version,
        signed=len(own.signed),
        threshold=own.threshold,
        also_needed=", ".join(lacking),
        expires=document.expires,
    )


@show.text.register
def _(shown: Staged) -> Lines:
    if not shown.staged:
        yield "nothing changed"
    for role in shown.staged:
        also = f", and still needs {role.also_needed}" if role.also_needed else ""
        reached = role.signed >= role.threshold and not role.also_needed
        line = (
            f"staged {role.role} v{role.version}: {signatures(role.signed, role.threshold)}{also}, "
            f"expires {role.expires:%Y-%m-%d}"
        )
        yield Line(line, "plain" if reached else "warning")


@show.text.register
def _(shown: Committed) -> Lines:
    versions = ", ".join(f"{role} v{version}" for role, version in shown.committed.items())
    roots = len(shown.from_roots)
    who = "a client on the first root follows" if roots == 1 else f"clients on each of {roots} root versions follow"
    yield Line(f"{'would commit' if shown.dry_run else 'committed'} {versions}: {who}", "good")
