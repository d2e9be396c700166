"""Say what is wrong in the working directory, with what mends it."""

from __future__ import annotations

from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.commands.watch import findings as _findings  # noqa: F401  registers how a report is told


@command("doctor", example="tufkeep doctor")
def doctor(app: App) -> None:
    """Say what is wrong in the working directory, with what mends it.

    All that `verify` looks at, and the desk beside it: an interrupted commit, a staged change that stands on an older
    repository or waits for signatures, files that nobody added, key files that sign for nobody. Nothing is changed.
    Exit code 19 when something must be mended, 0 when there are warnings at most.
    """
    from tufkeep.watch.verify import RepairNeeded, diagnose

    with app.progress("reading artifacts") as progress:
        report = diagnose(app.workspace, progress=progress)
    app.show(report)
    if report.errors:
        raise RepairNeeded(report)
