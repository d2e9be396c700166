"""How the findings of verify are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.hints import finding_hint
from tufkeep.cli.base.show import Line, Lines, Tone
from tufkeep.watch.finding import Finding
from tufkeep.watch.verify import Report

_TONES: Mapping[str, Tone] = {"error": "bad", "warning": "warning", "note": "quiet"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """A report as it was asked for."""

    report: Report
    whole: bool  # every single thing, where a finding stands for several


def show_report(app: App, report: Report) -> None:
    """Show what was found; with -v each thing that a finding stands for."""
    app.show(_Shown(report=report, whole=app.choices.verbose))


def tell(report: Report, *, whole: bool = False) -> Lines:
    """Return each finding with what to type, errors first, then what was looked at."""
    hinted = ""
    for finding in report.findings:
        yield Line(f"{finding.severity}: {finding.sentence}", _TONES[finding.severity])
        for each in finding.each if whole else ():
            yield Line(f"  {each}", "quiet")
        hint = f"  hint: {finding_hint(finding)}  ({finding.docs})"
        if finding.severity != "note" and hint != hinted:  # several files of one fault, one hint
            yield Line(hint, "quiet")
        hinted = hint
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


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


show.text.register(Report)(tell)


@show.text.register
def _(shown: _Shown) -> Lines:
    return tell(shown.report, whole=shown.whole)


@show.document.register
def _(shown: _Shown) -> Any:
    return show.document(shown.report)


@show.document.register
def _(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "severity": finding.severity,
        "subject": finding.subject,
        "sentence": finding.sentence,
        "each": list(finding.each),
        "hint": finding_hint(finding),
        "docs": finding.docs,
    }
