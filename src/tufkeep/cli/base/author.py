"""Whose name the record gives to what a command does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tufkeep.cli.base.process import Process
    from tufkeep.workspace import Author

PERSON = "TUFKEEP_PERSON"  # the variable that gives the name


def author(process: Process, *, name: str = "", command: str = "") -> Author:
    """Return who is at work, by the name that was given to this command or is in the environment."""
    from tufkeep.workspace.author import author_here

    context = click.get_current_context(silent=True)
    return author_here(
        person=name or process.environment.get(PERSON, ""),
        command=command or (context.command_path if context is not None else ""),
    )
