"""How the findings of verify are told."""

from __future__ import annotations

from typing import Any

from tufkeep.cli.base import show
from tufkeep.cli.base.hints import finding_hint
from tufkeep.cli.base.show import Line, Lines
from tufkeep.watch.finding import Finding
from tufkeep.watch.verify import Report


def tell(report: Report) -> Lines:
    """Return each finding with what to type, errors first, then what was looked at."""
    for finding in report.findings:
        yield from _told(finding)
    roots = len(report.root_versions)
    looked = (
        f"{_count(report.roles, 'role')}, {_count(roots, 'root version')}, {_count(report.targets, 'target')}, "
        f"{report.artifact_bytes:,} bytes of artifacts"
    )
    if report.errors:
        yield Line(f"looked at {looked}: {report.counted}", "bad")
    elif report.warnings:
        yield Line(f"every byte is right, with {report.counted.partition(', ')[2]}: {looked}", "warning")
    else:
        yield Line(f"every byte is right: {looked}", "good")


def _told(finding: Finding) -> Lines:
    yield Line(f"{finding.severity}: {finding.sentence}", "bad" if finding.severity == "error" else "warning")
    yield Line(f"  hint: {finding_hint(finding)}  ({finding.docs})", "quiet")


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


show.text.register(Report)(tell)


@show.document.register
def _(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "severity": finding.severity,
        "subject": finding.subject,
        "sentence": finding.sentence,
        "hint": finding_hint(finding),
        "docs": finding.docs,
    }
