"""Transcripts: what is typed, what comes back, held as text that can be read and written anew.

    # A comment.
    $ tufkeep key list --json
    {"keys": []}
    ! a line on standard error
    ? 10

A line that starts with `$` is typed. Standard output follows as it is, standard error behind `! `, then the exit code
behind `? ` unless it is 0. `tufkeep` runs inside this process on a clock that stands still, with `> /dev/null` at most;
anything else is a line for the shell. `< text` lines right below a command are its standard input. An answer that looks
like one of these marks stands behind a backslash. What differs from run to run is written as <hex 1>, <hex 2>, ... in
the order of its first appearance, a line of a fingerprint as <words>, the folder of the test as <here>.

TUFKEEP_UPDATE_GOLDEN=1 writes what came back into the file instead of comparing; the diff is then for people to read.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from pathlib import Path

from tufkeep.cli.base.process import Process
from tufkeep.cli.main import run
from tufkeep.metadata.pgp_words import EVEN_WORDS, ODD_WORDS

UPDATE = os.environ.get("TUFKEEP_UPDATE_GOLDEN") == "1"
SHELL_SECONDS = 60
NOT_SHOWN = " > /dev/null"

_HEX = re.compile(r"\b[0-9a-f]{8,128}\b")
_WORD = f"(?:{'|'.join((*EVEN_WORDS, *ODD_WORDS))})"
_WORDS = re.compile(rf"\b{_WORD}(?: {_WORD}){{7}}\b")  # a line of a fingerprint
_LIST = re.compile(r"<hex \d+>(?:(?:, | or )<hex \d+>)+")  # in the order of keyids, which chance has made
_SHORT = 8  # keyids and hashes are shown whole, or cut to no less than this


@dataclass(frozen=True, kw_only=True)
class Typed:
    """One line that was typed, with the input it was given."""

    line: str
    stdin: str = ""


@dataclass(kw_only=True)
class Player:
    """Somebody at a keyboard, in one folder, at one time."""

    folder: Path
    clock: Callable[[], datetime]
    environment: dict[str, str] = field(default_factory=lambda: dict[str, str]())
    _numbers: dict[str, int] = field(default_factory=lambda: dict[str, int]())

    def play(self, transcript: str) -> str:
        """Return the transcript with what really came back."""
        return "".join(self._lines(transcript))

    def _lines(self, transcript: str) -> Iterator[str]:
        for part in _parts(transcript):
            if isinstance(part, str):
                yield part + "\n"
                continue
            yield f"$ {part.line}\n"
            yield from (f"< {line}\n" for line in part.stdin.splitlines())
            yield from self._answer(part)

    def _answer(self, typed: Typed) -> Iterator[str]:
        out, err, code = self._tufkeep(typed) if typed.line.startswith("tufkeep") else self._shell(typed)
        yield from (f"{_escaped(line)}\n" for line in self._same_every_time(out).rstrip().splitlines())
        yield from (f"! {line}".rstrip() + "\n" for line in self._same_every_time(err).splitlines())
        if code:
            yield f"? {code}\n"

    def _tufkeep(self, typed: Typed) -> tuple[str, str, int]:
        out, err = io.StringIO(), io.StringIO()
        process = Process(
            stdin=io.StringIO(typed.stdin), stdout=out, stderr=err, environment=self.environment, clock=self.clock
        )
        with redirect_stdout(out), redirect_stderr(err):  # click writes its help there
            code = run(shlex.split(typed.line.removesuffix(NOT_SHOWN))[1:], process)
        return "" if typed.line.endswith(NOT_SHOWN) else out.getvalue(), err.getvalue(), code

    def _shell(self, typed: Typed) -> tuple[str, str, int]:
        done = subprocess.run(
            ["sh", "-c", typed.line],
            input=typed.stdin,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=SHELL_SECONDS,
        )
        return done.stdout, done.stderr, done.returncode

    def _same_every_time(self, text: str) -> str:
        numbered = _HEX.sub(self._number, text.replace(str(self.folder), "<here>"))
        return _WORDS.sub("<words>", _LIST.sub(_sorted, numbered))

    def _number(self, found: re.Match[str]) -> str:
        return f"<hex {self._numbers.setdefault(found.group()[:_SHORT], len(self._numbers) + 1)}>"


def _sorted(found: re.Match[str]) -> str:
    numbers = iter(sorted(re.findall(r"\d+", found.group()), key=int))
    return re.sub(r"\d+", lambda _: next(numbers), found.group())


def _parts(transcript: str) -> Iterator[Typed | str]:
    """Yield what is typed, comments, and the empty lines above them; what came back last time falls out."""
    lines = transcript.splitlines()
    for number, line in enumerate(lines):
        if line.startswith("$ "):
            given = takewhile(lambda after: after.startswith("< "), lines[number + 1 :])
            yield Typed(line=line.removeprefix("$ "), stdin="".join(f"{after[2:]}\n" for after in given))
        elif line.startswith("#") or (not line and lines[number + 1 : number + 2] and lines[number + 1][:1] in "$#"):
            yield line


def _escaped(line: str) -> str:
    return "\\" + line if line.startswith(("$ ", "#", "! ", "? ", "< ", "\\")) else line


def check(path: Path, player: Player) -> None:
    """Play a transcript and compare; an assertion shows both."""
    expected = path.read_text()
    found = player.play(expected)
    if UPDATE:
        path.write_text(found)
    else:
        assert found == expected, f"{path.name} tells another story (TUFKEEP_UPDATE_GOLDEN=1 writes the new one)"
