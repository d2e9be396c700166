"""The same command line on the real `tuf` in one folder, on ours in its twin; what came of it, made comparable."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cli.compat.folders import HEX, current, meaning, signed
from tufkeep.cli.base.process import Process
from tufkeep.cli.compat import main
from tufkeep.clock import Clock, system_clock

SECONDS = 60

_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? \+0000 UTC|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a program said."""

    code: int
    out: str
    err: str

    def same_every_time(self, folder: Path) -> Answer:
        """Return the answer with what differs from run to run, and from twin to twin, made the same."""
        return Answer(code=self.code, out=_even(self.out, folder), err=_even(self.err, folder))


def _even(text: str, folder: Path) -> str:
    text = text.replace(str(folder), "<here>")
    return HEX.sub("<hex>", _TIME.sub("<time>", text))


@dataclass(frozen=True, kw_only=True)
class Ours:
    """Our program in this very process."""

    name: str = "tuf"
    clock: Clock = system_clock

    def __call__(self, folder: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> Answer:
        out, err = io.StringIO(), io.StringIO()
        process = Process(stdin=io.StringIO(), stdout=out, stderr=err, environment=dict(environment), clock=self.clock)
        with contextlib.chdir(folder):
            code = main(self.name, arguments, process)
        return Answer(code=code, out=out.getvalue(), err=err.getvalue())


@dataclass(frozen=True, kw_only=True)
class Real:
    """The real program."""

    program: Path

    def __call__(self, folder: Path, arguments: Sequence[str], environment: Mapping[str, str]) -> Answer:
        done = subprocess.run(
            [self.program, *arguments],
            cwd=folder,
            env={"PATH": os.environ["PATH"], **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
        return Answer(code=done.returncode, out=done.stdout, err=done.stderr)


Program = Callable[[Path, Sequence[str], Mapping[str, str]], Answer]


@dataclass(kw_only=True)
class Twins:
    """Two working directories in which the same is typed."""

    real: Path
    ours: Path
    program: Real
    environment: dict[str, str] = field(default_factory=dict[str, str])
    own: Program = field(default_factory=Ours)

    def run(self, *arguments: str, **environment: str) -> tuple[Answer, Answer]:
        """Type the same on both; return the answer of the real one, then ours, each made comparable.

        A keyid in the arguments is written as <role NUMBER>, for the twins have other keys.
        """
        both = {**self.environment, **environment}
        real = self.program(self.real, [_with_keyid(word, self.real) for word in arguments], both)
        ours = self.own(self.ours, [_with_keyid(word, self.ours) for word in arguments], both)
        return real.same_every_time(self.real), ours.same_every_time(self.ours)

    def place(self, path: str, text: str) -> None:
        """Put a file into both."""
        for folder in (self.real, self.ours):
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)

    def meanings(self) -> tuple[Any, Any]:
        return meaning(self.real), meaning(self.ours)


_KEY = re.compile(r"<(root|targets|snapshot|timestamp) (\d)>")


def _with_keyid(word: str, folder: Path) -> str:
    match = _KEY.fullmatch(word)
    if match is None:
        return word
    root = current(folder, "root")
    keyids = root["signed"]["roles"].get(match[1], {"keyids": []})["keyids"] if root else []
    return keyids[int(match[2])] if int(match[2]) < len(keyids) else "0" * 64


class Here:
    """A copy of a fixture, and our `tuf` in it."""

    def __init__(self, folder: Path, environment: dict[str, str]):
        self.folder = folder
        self.environment = environment

    def __call__(self, *arguments: str, **environment: str) -> Answer:
        plain = [] if self.environment else ["--insecure-plaintext"]
        return Ours()(self.folder, [*plain, *arguments], {**self.environment, **environment})

    def fine(self, *arguments: str) -> Answer:
        answer = self(*arguments)
        assert answer.code == 0, answer.err
        return answer

    def role(self, role: str) -> Any:
        return signed(self.folder, role)

    def place(self, path: str, text: str = "text") -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def publish(self) -> None:
        for command in ("add", "snapshot", "timestamp", "commit"):
            self.fine(command)
