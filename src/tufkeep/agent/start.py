"""Running a component's own command, to see whether it starts."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Thread
from typing import IO

_TOLD_BYTES = 300  # of what the command printed last
_LATE_SECONDS = 1.0  # for its last words, where something that it started keeps the pipe open


def run(
    command: Sequence[str], *, folder: Path, seconds: float, environment: Mapping[str, str], stays: bool = False
) -> str | None:
    """Run a command; return None when it ends well in time, else what was wrong in a few words.

    It gets no standard input. When its time is over it is killed, with every process it started that stayed in its
    group. Of its output only the end is kept, in memory: nothing that it prints can fill a disk.

    Args:
        environment: all that it sees; nothing of ours is inherited.
        stays: it may leave a service running, which prints for as long as it lives: to nowhere.
    """
    try:
        process = subprocess.Popen(
            list(command),
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if stays else subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=os.name != "nt",
        )
    except OSError as error:
        return f"{command[0]}: {error.strerror or type(error).__name__}"
    except ValueError as error:  # a NUL in an argument
        return f"{ascii(command[0])[1:-1]}: {error}"
    tail = _Tail(process.stdout)
    try:
        code = process.wait(seconds)
    except subprocess.TimeoutExpired:
        _kill(process)
        return f"was not done after {seconds:g} seconds"
    finally:
        if process.poll() is None:
            _kill(process)
    return None if code == 0 else _failure(code, tail.end())


class _Tail:
    """The end of what comes out of a pipe, read by a thread for as long as somebody may write to it."""

    def __init__(self, pipe: IO[bytes] | None):
        self._kept = b""
        self._thread = Thread(target=self._read, args=(pipe,), daemon=True) if pipe is not None else None
        if self._thread is not None:
            self._thread.start()

    def end(self) -> bytes:
        if self._thread is not None:
            self._thread.join(_LATE_SECONDS)
        return self._kept

    def _read(self, pipe: IO[bytes]) -> None:
        with pipe:
            while data := os.read(pipe.fileno(), 1 << 16):
                self._kept = (self._kept + data)[-_TOLD_BYTES:]


def _kill(process: subprocess.Popen[bytes]) -> None:
    if os.name == "nt":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _failure(code: int, output: bytes) -> str:
    said = " ".join(output.decode("utf-8", "replace").split())
    ended = f"ended with {code}" if code > 0 else f"was ended by signal {-code}"
    return f"{ended}: {ascii(said)[1:-1]}" if said else ended
