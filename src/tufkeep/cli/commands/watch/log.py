"""Show the record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import click
import msgspec

from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.show import Line, Lines
from tufkeep.workspace.record import RecordLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """The last lines of the record, the oldest first."""

    lines: tuple[RecordLine, ...]
    left_out: int


@command("log", example="tufkeep log\ntufkeep log --last 3 --json\ntufkeep log verify")
@click.option("--last", type=click.IntRange(1), metavar="N", help="Show only the last N entries.")
def log(app: App, *, last: int | None) -> None:
    """Show the record: who did what here, when, with which keys.

    The names are those that were given with TUFKEEP_PERSON or --person; what proves a person is a signature.
    """
    lines = app.workspace.record.read()
    shown = lines[-last:] if last else lines
    app.show(Log(lines=shown, left_out=len(lines) - len(shown)))


@show.text.register
def _(shown: Log) -> Lines:
    if not shown.lines:
        yield "nothing was recorded here yet"
    for line in shown.lines:
        entry = line.entry
        who = f" by {entry.name}" if entry.name else ""
        yield Line(f"{line.number}. {entry.when} {entry.act}{who} on {entry.host or 'an unknown machine'}", "title")
        yield from (Line(f"   warning: {text}", "warning") for text in entry.warnings)
        yield from (f"   {text}" for text in (*entry.sentences, *entry.remarks))
        if places := entry.places:
            yield Line(f"   {len(places):,} place{'' if len(places) == 1 else 's'} in all", "quiet", places)
        if entry.facts_left_out:
            yield f"   and {entry.facts_left_out:,} more facts, which are in the metadata alone"
        for role, seen in entry.after.items():
            yield Line(f"   {role} v{seen.version} {entry.signers(role)}", "quiet")
        yield from (Line(f"   {remark}", "quiet") for remark in entry.approval_remarks)
        yield Line(f"   sha256 {line.sha256}", "quiet")


@show.document.register
def _(shown: Log) -> dict[str, Any]:
    return {
        "entries": [
            {"number": line.number, "sha256": line.sha256, **msgspec.to_builtins(line.entry)} for line in shown.lines
        ],
        "left_out": shown.left_out,
    }
