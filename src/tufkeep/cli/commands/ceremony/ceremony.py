"""Go through a procedure, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

import tufkeep
from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.show import Line, Lines, columns
from tufkeep.cli.commands.ceremony.procedures import PROCEDURES, Procedure, Step
from tufkeep.cli.commands.ceremony.progress import ELSEWHERE, Progress

_WHERE = {"offline": "on the machine without a network", "online": "on a machine with a network"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """One procedure, and how far it came in this folder."""

    name: str
    title: str
    steps: int
    taken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """The procedures there are."""

    procedures: tuple[Offered, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One step, as a program reads it."""

    number: int
    title: str
    who: str
    where: str
    do: tuple[str, ...]
    commands: tuple[str, ...]
    expect: str
    check: str
    taken: str | None  # when; None where it was not, "elsewhere" where somebody said so


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """A procedure, and how far it came in this folder."""

    procedure: str
    title: str
    steps: tuple[Told, ...]
    next: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A script that was written."""

    steps: int
    page: Path


@command(
    "ceremony",
    example="tufkeep ceremony\ntufkeep ceremony create --print create.html\n"
    "tufkeep ceremony create\ntufkeep ceremony rotate --step 4",
)
@click.argument("procedure", required=False, type=click.Choice(list(PROCEDURES)), metavar="[PROCEDURE]")
@click.option("--step", type=click.IntRange(1), metavar="N", help="Go on at step N, such as on another machine.")
@click.option(
    "--print",
    "page",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the script as one HTML page to print.",
)
def ceremony(app: App, *, procedure: str | None, step: int | None, page: Path | None) -> None:
    """Go through a procedure step by step: create, releaser or rotate. Without one, list them.

    Each step says who does it and where, what to type in a second window, and what is seen when it went well; it ends
    with a question. Anything but yes leaves the procedure there, and the same command goes on another day. Without a
    terminal the steps are listed.
    """
    if procedure is None:
        if step is not None or page is not None:
            raise click.UsageError(f"say which procedure: {', '.join(PROCEDURES)}")
        app.show(Offers(procedures=tuple(_offered(app, each) for each in PROCEDURES.values())))
        return
    chosen = PROCEDURES[procedure]
    if page is not None:
        _print(app, chosen, page)
        return
    progress = _progress(app, chosen)
    if step is not None:
        if step > len(chosen.steps):
            raise click.BadParameter(f"there are {len(chosen.steps)} steps", param_hint="--step")
        progress.start_at(step)
    if app.choices.json or not app.terminal.here:
        app.show(_steps(chosen, progress))
    else:
        _walk(app, chosen, progress)


def _print(app: App, procedure: Procedure, page: Path) -> None:
    from tufkeep.cli.commands.ceremony.script_page import script_page
    from tufkeep.stores import FolderStore

    text = script_page(procedure, program=f"tufkeep {tufkeep.__version__}", now=app.clock())
    FolderStore(page.parent, clock=app.clock).write(page.name, text.encode())
    app.show(Printed(steps=len(procedure.steps), page=page))


def _walk(app: App, procedure: Procedure, progress: Progress) -> None:
    """Ask for one step after the other; each one is noted as soon as it is taken."""
    app.say(procedure.purpose)
    while (step := progress.next) is not None:
        app.say(*_lines(procedure, step))
        if app.terminal.ask(f"{step.check} [y/N] ").strip().lower() not in {"y", "yes"}:
            number = procedure.number(step)
            app.say(
                f"stopped at step {number}; to go on: tufkeep ceremony {procedure.name}",
                f"on another machine: tufkeep ceremony {procedure.name} --step {number}",
            )
            return
        progress.take(step)
    app.say("", f"{procedure.title}: all {len(procedure.steps)} steps are taken")


def _lines(procedure: Procedure, step: Step) -> Iterator[str]:
    yield ""
    yield f"{procedure.title}, step {procedure.number(step)} of {len(procedure.steps)}: {step.title}"
    yield f"  {step.who}, {_WHERE[step.where]}"
    yield from (f"  {line}" for line in step.do)
    yield from (f"    $ {line}" for line in step.commands)
    yield f"  you see: {step.expect}"


def _progress(app: App, procedure: Procedure) -> Progress:
    from tufkeep.stores import FolderStore

    return Progress(FolderStore(app.choices.directory, clock=app.clock), procedure, clock=app.clock)


def _offered(app: App, procedure: Procedure) -> Offered:
    taken = len(_progress(app, procedure).taken)
    return Offered(name=procedure.name, title=procedure.title, steps=len(procedure.steps), taken=taken)


def _steps(procedure: Procedure, progress: Progress) -> Steps:
    taken, ahead = progress.taken, progress.next
    return Steps(
        procedure=procedure.name,
        title=procedure.title,
        steps=tuple(
            Told(
                number=number,
                title=step.title,
                who=step.who,
                where=step.where,
                do=step.do,
                commands=step.commands,
                expect=step.expect,
                check=step.check,
                taken=("elsewhere" if taken[step.id] == ELSEWHERE else taken[step.id]) if step.id in taken else None,
            )
            for number, step in enumerate(procedure.steps, 1)
        ),
        next=procedure.number(ahead) if ahead is not None else None,
    )


@show.text.register
def _(shown: Offers) -> Lines:
    yield from columns(
        (each.name, each.title, f"{each.taken} of {each.steps} steps taken" if each.taken else f"{each.steps} steps")
        for each in shown.procedures
    )


@show.text.register
def _(shown: Steps) -> Lines:
    yield Line(shown.title, "title")
    for step in shown.steps:
        mark = f", taken {step.taken}" if step.taken is not None else ", next" if step.number == shown.next else ""
        yield Line(f"{step.number:>2}. {step.title} ({step.who}, {step.where}){mark}")
        yield from (Line(f"      $ {line}", "quiet") for line in step.commands)


@show.text.register
def _(shown: Printed) -> Lines:
    yield Line(f"wrote {shown.steps} steps to {shown.page}", "good")
