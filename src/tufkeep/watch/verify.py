"""Is every byte of a repository right, as far as all checks together can tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import get_args

from tufkeep.arguments import typed
from tufkeep.errors import TrustRefused, TufkeepError, WorkspaceError
from tufkeep.watch.checks import DESK_CHECKS, REPOSITORY_CHECKS, unfinished
from tufkeep.watch.examined import Examined
from tufkeep.watch.finding import Check, Finding, Severity
from tufkeep.watch.keys_in_sight import keys_in_sight
from tufkeep.workspace import MalformedPolicy, NotARepository, Policy, Workspace, layout

_SEVERITIES = get_args(Severity)


class RepositoryFaulty(TrustRefused):
    """At least one check of the repository found an error."""

    exit_code = 28

    def __init__(self, report: Report):
        super().__init__(f"the repository is not right: {report.counted}")
        self.report = report


class RepairNeeded(WorkspaceError):
    """Doctor found something that should be repaired before the next change."""

    exit_code = 19

    def __init__(self, report: Report):
        super().__init__(f"something must be repaired: {report.counted}")
        self.report = report


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What all checks found, with what they looked at."""

    findings: tuple[Finding, ...]
    checks: tuple[str, ...]  # the ids of those that were asked
    root_versions: tuple[int, ...]
    roles: int  # metadata roles in force
    targets: int
    artifact_bytes: int  # read and hashed

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "warning")

    @property
    def counted(self) -> str:
        """How many errors and warnings there are, in words."""
        return f"{_number(len(self.errors), 'error')}, {_number(len(self.warnings), 'warning')}"


@typed
def verify(workspace: Workspace, *, progress: Callable[[int], None] | None = None) -> Report:
    """Ask every check about the committed repository; nothing is changed, no lock is taken.

    Args:
        progress: called with each number of artifact bytes that were hashed, from any thread.

    Raises:
        NotARepository: there is none.
        MalformedPolicy: tufkeep.toml can't be read.
    """
    return _report(workspace, REPOSITORY_CHECKS, workspace.policy, (), progress)


@typed
def diagnose(workspace: Workspace, *, progress: Callable[[int], None] | None = None) -> Report:
    """Ask every check about the repository, the staged change, the keys and the policy.

    Where nothing was committed yet, what was begun is all that is asked for.

    Raises:
        NotARepository: there is none, and none was begun.
    """
    checks = (*DESK_CHECKS, *REPOSITORY_CHECKS)
    try:
        return _report(workspace, checks, workspace.policy, (), progress)
    except MalformedPolicy as error:
        return _report(workspace, checks, Policy(), (_policy_finding(error),), progress)


def _report(
    workspace: Workspace,
    checks: tuple[Check, ...],
    policy: Policy,
    found: tuple[Finding, ...],
    progress: Callable[[int], None] | None,
) -> Report:
    read: list[int] = []

    def count(length_bytes: int) -> None:
        read.append(length_bytes)
        if progress is not None:
            progress(length_bytes)

    examined = Examined(
        workspace.store, now=workspace.clock(), policy=policy, keyring=keys_in_sight(workspace), progress=count
    )
    nothing = not examined.entries and not examined.odd
    if nothing and unfinished.CHECK in checks and any(unfinished.look(examined)):
        checks = (unfinished.CHECK,)
    elif nothing and workspace.store.stat(layout.staged("root")) is None:
        raise NotARepository
    findings = (*found, *_ask(examined, checks))
    return Report(
        findings=tuple(sorted(findings, key=lambda finding: _SEVERITIES.index(finding.severity))),
        checks=tuple(check.id for check in checks),
        root_versions=tuple(examined.roots),
        roles=sum(each is not None for each in (examined.root, examined.timestamp, examined.snapshot))
        + sum(each.document is not None for each in examined.targets_roles),
        targets=sum(len(each.document.signed.targets) for each in examined.targets_roles if each.document),
        artifact_bytes=sum(read),
    )


def _ask(examined: Examined, checks: Iterable[Check]) -> Iterator[Finding]:
    wrong = False
    for check in checks:
        if check.last and wrong:
            continue
        try:
            for finding in check.findings(examined):
                wrong = wrong or finding.severity == "error"
                yield finding
        except TufkeepError as error:  # none hides what the others find
            wrong = True
            yield check.stopped(error)


def _policy_finding(error: MalformedPolicy) -> Finding:
    return Finding(
        check="policy",
        severity="error",
        subject=layout.POLICY,
        sentence=str(error),
        docs="docs/policy.md",
        error=error,
    )


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
