"""Print a script that teaches the shell our commands."""

from __future__ import annotations

from dataclasses import dataclass

import click
from click.shell_completion import get_completion_class

from tufkeep.cli.base import show
from tufkeep.cli.base.app import App
from tufkeep.cli.base.command import command
from tufkeep.cli.base.show import Lines
from tufkeep.cli.main import COMPLETE_VARIABLE, program


@command("completion", example="tufkeep completion bash > ~/.local/share/bash-completion/completions/tufkeep")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]), metavar="bash|zsh|fish")
def completion(app: App, *, shell: str) -> None:
    """Print the shell's completion script.

    Load it when the shell starts, or put it where the shell looks for such scripts.
    """
    scripts = get_completion_class(shell)
    if scripts is None:
        raise click.UsageError(f"{shell} is not a shell we know")
    shell_script = scripts(program(), {}, "tufkeep", COMPLETE_VARIABLE)
    app.show(Script(shell=shell, script=shell_script.source_template % shell_script.source_vars()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What a shell reads to complete our commands."""

    shell: str
    script: str


@show.text.register
def _(shown: Script) -> Lines:
    return shown.script.splitlines()
