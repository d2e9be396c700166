"""Say what is wrong in the working directory, with what repairs it."""

from __future__ import annotations

from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.commands.watch.findings import show_report


@command("doctor", example="tufkeep doctor")
def doctor(app: App) -> None:
    """Say what is wrong in the working directory, with what repairs it.

    All that `verify` looks at, and the rest of the working directory: an unfinished operation, a staged change that was
    made from an older repository or waits for signatures, files that were not added, key files whose keys no root
    lists. Nothing is changed. Exit code 19 when something must be repaired, 0 when there are warnings at most.
    """
    from tufkeep.watch.verify import RepairNeeded, diagnose

    with app.progress("reading artifacts") as progress:
        report = diagnose(app.workspace, progress=progress)
    show_report(app, report)
    if report.errors:
        raise RepairNeeded(report)
