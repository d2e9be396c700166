"""A click group that knows its commands from the table, so that it imports only the one that is run."""

from __future__ import annotations

from importlib import import_module

import click
from click.shell_completion import CompletionItem

from tufkeep.cli import table
from tufkeep.cli.base import options
from tufkeep.cli.base.failures import UnknownCommand


class CommandGroup(click.Group):
    """The commands whose names start with `path`: all of them for "", `key new` and its sisters for "key"."""

    def __init__(self, path: str = "", *, help: str, params: list[click.Parameter] | None = None):
        super().__init__(name=path or None, help=help, params=params)
        self.path = path

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.lines())

    def lines(self) -> dict[str, str]:
        """Return the next word of each command, with its line of help."""
        words: dict[str, str] = {}
        for name, line in table.listed().items():
            if name.startswith(self._prefix):
                word, _, rest = name.removeprefix(self._prefix).partition(" ")
                words.setdefault(word, table.GROUPS[word] if rest else line)
        return words

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name == self.path and cmd_name in table.listed():
            return load(cmd_name)
        if cmd_name not in self.lines():
            return None
        if cmd_name in table.GROUPS and not self.path:
            return CommandGroup(cmd_name, help=table.GROUPS[cmd_name], params=options.everywhere())
        return load(self._prefix + cmd_name)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = self.path in table.listed() and args != ["--help"]
        if own and not any(word in self.lines() for word in args):
            args = [self.path, *args]  # `tufkeep log` is a command, beside `tufkeep log verify`
        return super().parse_args(ctx, args or ["--help"])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in (*self.lines(), self.path) and not args[0].startswith("-"):
            raise UnknownCommand(self._prefix + args[0], nearest=self._nearest(args[0]), ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        lines = self.lines()
        if self.path:  # its commands may be of several sections, and are one list
            with formatter.section("Commands"):
                formatter.write_dl(list(lines.items()))
            return
        for section in table.SECTIONS.values():
            words = {name.partition(" ")[0]: None for name in section.lines}
            here = [(word, lines.pop(word)) for word in words if word in lines]
            if here:
                with formatter.section(section.title):
                    formatter.write_dl(here)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        words = self.lines() if not incomplete.startswith("-") else {}
        found = [CompletionItem(word, help=line) for word, line in words.items() if word.startswith(incomplete)]
        return found or click.Command.shell_complete(self, ctx, incomplete)

    @property
    def _prefix(self) -> str:
        return f"{self.path} " if self.path else ""

    def _nearest(self, word: str) -> str | None:
        from difflib import get_close_matches

        return next((self._prefix + near for near in get_close_matches(word, self.lines(), n=1)), None)


def load(name: str) -> click.Command:
    """Import a command of the table."""
    module = import_module(table.module_of(name))
    return next(value for value in vars(module).values() if isinstance(value, click.Command))
