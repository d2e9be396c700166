"""The question whether a tufkeep.toml may do what it says: run programs, take credentials along."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tufkeep.cli.base.app import App, Declined
from tufkeep.workspace import Workspace
from tufkeep.workspace.trust import ConfigNotTrusted, TrustedConfigs

T = TypeVar("T")
_QUESTION = "trust this tufkeep.toml as it is now?"


def with_trust(app: App, workspace: Workspace, reach: Callable[[bool], T]) -> T:
    """Return what `reach` makes, after a person on a terminal was asked once about a file that nobody has trusted yet.

    Args:
        reach: called with whether the file is trusted for this run.

    Raises:
        ConfigNotTrusted: there is no terminal to ask on. --yes is no answer, for it is given to other questions.
        Declined: the answer was no.
    """
    try:
        return reach(app.choices.trust_config)
    except ConfigNotTrusted as error:
        if not app.terminal.here:
            raise
        ask(app, workspace, error)
    return reach(True)


def ask(app: App, workspace: Workspace, error: ConfigNotTrusted) -> None:
    """Show what the file would do, then remember that a person trusts it.

    Raises:
        Declined: they do not.
    """
    app.tell("tufkeep.toml has changed since you trusted it:" if error.changed else "tufkeep.toml is new here:")
    for sentence in error.reaches:
        app.tell(f"  {sentence}")
    if app.terminal.ask(f"{_QUESTION} [y/N] ").strip().lower() not in {"y", "yes"}:
        raise Declined(_QUESTION)
    if not TrustedConfigs.of(app.process.environment).add(workspace):
        app.warn("the answer can't be remembered on this machine, so it is asked again next time")
