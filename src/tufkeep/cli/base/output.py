"""Lines on a stream: in colour on a terminal, plain everywhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TextIO

from tufkeep.cli.base.show import Line, Lines, Tone, printable

_STYLES: Mapping[Tone, str] = {
    "title": "bold",
    "good": "green",
    "warning": "yellow",
    "bad": "bold red",
    "quiet": "dim",
}


def write_lines(lines: Lines, stream: TextIO, *, colours: bool) -> None:
    """Write the lines; a character that is not printable is escaped, so one line stays one line."""
    for line in lines:
        toned = line if isinstance(line, Line) else Line(line)
        if colours and toned.tone in _STYLES:
            _write_styled(toned, stream)
        else:
            stream.write(printable(toned.text) + "\n")


def _write_styled(line: Line, stream: TextIO) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, force_terminal=True, highlight=False, soft_wrap=True)
    console.print(Text(printable(line.text), style=_STYLES[line.tone]), soft_wrap=True)


def wants_colours(stream: TextIO, environment: Mapping[str, str]) -> bool:
    """Tell whether the stream is a terminal whose owner has not declined colours (https://no-color.org)."""
    return stream.isatty() and not environment.get("NO_COLOR") and environment.get("TERM", "dumb") != "dumb"
