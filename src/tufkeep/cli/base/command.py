"""The decorator that makes a function a command: click parses, the function calls, the app shows."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Concatenate, ParamSpec

import click

from tufkeep.cli import table
from tufkeep.cli.base import options
from tufkeep.cli.base.app import App

P = ParamSpec("P")


class Context(click.Context):
    """A run of a command, called as it is typed: `tufkeep log` is a group, and a command in it of the same name."""

    @property
    def command_path(self) -> str:
        own_group = self.parent is not None and self.parent.info_name == self.info_name
        return self.parent.command_path if self.parent is not None and own_group else super().command_path


class Command(click.Command):
    """A command with an example, whose help keeps apart what every command takes."""

    context_class = Context

    def __init__(self, *args: Any, example: str, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.example = example
        self.everywhere = options.everywhere()
        self.params += self.everywhere

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        everywhere = [*self.everywhere, self.get_help_option(ctx)]
        own = [parameter for parameter in self.params if parameter not in self.everywhere]
        for title, parameters in (("Options", own), ("As everywhere", everywhere)):
            records = [record for each in parameters if each and (record := each.get_help_record(ctx)) and record[1]]
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Example"):
            for line in self.example.splitlines():
                formatter.write(" " * formatter.current_indent + line + "\n")


def command(name: str, *, example: str) -> Callable[[Callable[Concatenate[App, P], None]], Command]:
    """Make a function the command `name` of the table.

    Options are declared with click's decorators, or those of `options`, below this one. The function's docstring is the
    help; the line of help in the list comes from the table.

    Args:
        name: with its group: "key new".
        example: what to type, one command a line.
    """

    def decorate(function: Callable[Concatenate[App, P], None]) -> Command:
        def run(*args: P.args, **kwargs: P.kwargs) -> None:
            app = click.get_current_context().find_object(App)
            if app is None:
                raise RuntimeError("a command runs inside tufkeep.cli.main.run")
            function(app, *args, **kwargs)

        return click.command(
            name.rpartition(" ")[2],
            cls=Command,
            example=example,
            short_help=table.listed()[name],
            help=function.__doc__,
        )(update_wrapper(run, function))

    return decorate
