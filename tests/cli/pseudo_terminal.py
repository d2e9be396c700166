"""A person at a real terminal: a program on a pseudo-terminal of its own, typed to and read from."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

CTRL_C, CTRL_D, CTRL_Z, CTRL_BACKSLASH = "\x03", "\x04", "\x1a", "\x1c"
PATIENCE_SECONDS = 60  # a busy machine starts Python in seconds


def default_signals() -> None:
    """Let signals do what they do in a shell: whoever runs the tests may ignore some, and children inherit that."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def _at_a_terminal() -> None:
    default_signals()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # so that Ctrl-C reaches it


class PseudoTerminal:
    """A program that believes a person is there."""

    def __init__(
        self, command: Sequence[str | Path], *, environment: Mapping[str, str] | None = None, folder: Path | None = None
    ) -> None:
        self._master, self._slave = os.openpty()
        self.process = subprocess.Popen(
            command,
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            env={**os.environ, "TERM": "xterm", "COLUMNS": "100", **(environment or {})},
            cwd=folder,
            start_new_session=True,
            preexec_fn=_at_a_terminal,
        )
        self.seen = ""

    @property
    def echo(self) -> bool:
        """Whether what is typed is shown; a terminal remembers this after the program has ended."""
        return bool(termios.tcgetattr(self._slave)[3] & termios.ECHO)

    def write(self, text: str) -> None:
        os.write(self._master, text.encode())

    def expect(self, text: str) -> str:
        """Wait for a text; return everything up to its end, and forget it."""
        self._wait(lambda: text in self.seen, repr(text))
        before, found, self.seen = self.seen.partition(text)
        return before + found

    def end(self) -> int:
        """Wait for the end; return the exit code, negative for a signal."""
        self._wait(lambda: self.process.poll() is not None, "the end")
        self._read()
        return self.process.returncode

    def signal(self, number: signal.Signals) -> None:
        os.killpg(self.process.pid, number)

    def _wait(self, claim: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not claim():
            self._read()
            if time.monotonic() > deadline:
                raise AssertionError(f"waited for {what}, saw {self.seen!r}")

    def _read(self) -> None:
        while select.select([self._master], [], [], 0.01)[0]:
            self.seen += os.read(self._master, 65536).decode().replace("\r\n", "\n")

    def __enter__(self) -> PseudoTerminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.signal(signal.SIGKILL)
        self.process.wait()
        os.close(self._master)
        os.close(self._slave)
