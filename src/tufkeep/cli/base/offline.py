"""The look at the machine before root keys are used on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from pathlib import Path
from typing import Concatenate, ParamSpec

import click

from tufkeep.ceremony.surroundings import Surroundings, SurroundingsUnfit, last_signed, look_around
from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.show import Line, Lines, Tone

P = ParamSpec("P")


def offline(function: Callable[Concatenate[App, P], None]) -> Callable[Concatenate[App, P], None]:
    """Let the command look at the machine first, if that is asked for, and stop on one that is unfit for root keys."""

    def guarded(app: App, /, *args: P.args, **kwargs: P.kwargs) -> None:
        wanted, risk = bool(kwargs.pop("offline")), kwargs.pop("accept_risk")
        ceremony = bool(kwargs.get("ceremony"))  # a command played as a ceremony always looks
        if risk is not None and not (wanted or ceremony):
            raise click.UsageError("--accept-risk goes with --offline")
        if wanted or ceremony:
            require_fit(app, risk=str(risk) if risk else "", note=not kwargs.get("dry_run"))
        function(app, *args, **kwargs)

    flag = click.option(
        "--offline", is_flag=True, help="Look at this machine first; stop if it is unfit for root keys."
    )
    risk = click.option("--accept-risk", metavar="TEXT", help="Go on in spite of that; TEXT says what is risked.")
    update_wrapper(guarded, function)
    return flag(risk(guarded))


def require_fit(app: App, *, risk: str | None, note: bool = True) -> None:
    """Show what the machine looks like.

    Args:
        risk: what is risked by going on in spite of a stop; empty to stop, None where nothing would go on.
        note: let the record keep it.

    Raises:
        SurroundingsUnfit: something says stop, and nobody took the risk.
    """
    found = surroundings(app)
    app.show(found)
    if not found.stops:
        return
    if risk is None or not risk.strip():
        raise SurroundingsUnfit(found.stops, look_only=risk is None)
    app.warn(f"going on although {'; '.join(found.stops)}; the risk named: {risk}")
    if note:
        workspace = app.workspace
        remarks = (*(f"went on although {stop}" for stop in found.stops), f"the risk named: {risk}")
        with workspace.exclusive("offline"):
            workspace.record.append("take a risk", {}, {}, remarks=remarks)


def surroundings(app: App) -> Surroundings:
    """Return what this machine looks like."""
    folder, home = app.choices.directory.absolute(), app.process.environment.get("HOME")
    return look_around(
        app.process.machine(folder),
        now=app.clock(),
        signed=last_signed(app.workspace),
        in_home=bool(home) and folder.is_relative_to(Path(home or "/")),
        terminal=app.terminal.here,
    )


_TONES: dict[str, Tone] = {"ok": "plain", "warning": "warning", "stop": "bad"}


@show.text.register
def _(shown: Surroundings) -> Lines:
    for remark in shown.remarks:
        yield Line(f"{remark.verdict:<7}  {remark.about:<7}  {remark.fact}", _TONES[remark.verdict])
