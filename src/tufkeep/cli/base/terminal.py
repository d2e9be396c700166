"""Questions on a terminal, with the echo put back however the answer ends.

A passphrase is typed with the echo off. Ctrl-C, Ctrl-\\, a hang-up, `kill` and Ctrl-Z each put it back first: a shell
whose echo is gone makes people type their next passphrase into a place that shows it.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TextIO

from tufkeep.errors import PersonNeeded

LINE_LIMIT_BYTES = 4096  # what a terminal's line discipline holds

_LOOK_UP_SECONDS = 0.1
_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


class AnswerNeeded(PersonNeeded):
    """A question has no answer, with nobody at a terminal to ask."""

    exit_code = 40

    def __init__(self, question: str, *, flag: str):
        super().__init__(f"{question} (no terminal to ask on)")
        self.flag = flag


class NoAnswer(PersonNeeded):
    """A person ended the input instead of answering."""

    exit_code = 40

    def __init__(self) -> None:
        super().__init__("no answer was typed")


class Terminal:
    """The terminal behind standard input; what it asks is written beside the program's output."""

    def __init__(self, stdin: TextIO, stderr: TextIO):
        self._stdin = stdin
        self._stderr = stderr

    @property
    def here(self) -> bool:
        """Whether a person can be asked."""
        return not self._stdin.closed and self._stdin.isatty()

    def ask(self, prompt: str) -> str:
        """Return the line typed, without its end.

        Raises:
            NoAnswer: Ctrl-D came first.
        """
        self._say(prompt)
        return self._read()

    def ask_secret(self, prompt: str) -> str:
        """Return the line typed with the echo off.

        Raises:
            NoAnswer: Ctrl-D came first.
        """
        with _echo_off(self._stdin.fileno(), again=lambda: self._say(prompt)):
            self._say(prompt)
            try:
                return self._read()
            finally:
                self._say("\n")

    def tell(self, line: str) -> None:
        """Show a line beside the questions."""
        self._say(f"{line}\n")

    def _say(self, text: str) -> None:
        self._stderr.write(text)
        self._stderr.flush()

    def _read(self) -> str:
        # Not through the buffered stream: a signal handler that runs while that waits may not touch it again.
        data = b""
        while not data.endswith(b"\n"):
            # A signal that arrives just before the read does not interrupt it: look up now and then.
            while not select.select([self._stdin], [], [], _LOOK_UP_SECONDS)[0]:
                pass
            more = os.read(self._stdin.fileno(), LINE_LIMIT_BYTES)
            if not more and not data:
                raise NoAnswer
            if not more or len(data) > LINE_LIMIT_BYTES:
                break
            data += more
        return data.decode(sys.getfilesystemencoding(), "surrogateescape").rstrip("\r\n")


@contextmanager
def _echo_off(descriptor: int, *, again: Callable[[], None]) -> Iterator[None]:
    before = termios.tcgetattr(descriptor)
    silent = termios.tcgetattr(descriptor)
    silent[3] = (silent[3] & ~termios.ECHO) | termios.ICANON | termios.ISIG

    def hide() -> None:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, silent)

    def reveal() -> None:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)

    def end(number: int, frame: FrameType | None) -> None:
        reveal()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def pause(number: int, frame: FrameType | None) -> None:
        reveal()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)  # sleeps here until `fg`
        signal.signal(number, pause)
        hide()
        again()

    with _handlers({**dict.fromkeys(_ENDING, end), signal.SIGTSTP: pause}):
        try:
            hide()
            yield
        finally:
            reveal()


@contextmanager
def _handlers(wanted: dict[signal.Signals, Callable[[int, FrameType | None], None]]) -> Iterator[None]:
    # What is ignored stays ignored: that is how nohup works.
    heard = {number: handler for number, handler in wanted.items() if signal.getsignal(number) is not signal.SIG_IGN}
    before = {number: signal.signal(number, handler) for number, handler in heard.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
