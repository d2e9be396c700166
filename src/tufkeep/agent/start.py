"""Running a component's own command, to see whether it starts."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

_TOLD_BYTES = 300  # of what the command printed last


def run(command: Sequence[str], *, folder: Path, seconds: float, environment: Mapping[str, str]) -> str | None:
    """Run a command; return None when it ends well in time, else what was wrong in a few words.

    It gets no standard input. When its time is over it is killed, with every process it started
    that stayed in its group.

    Args:
        environment: all that it sees; nothing of ours is inherited.
    """
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                list(command),
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=os.name != "nt",
            )
        except OSError as error:
            return f"{command[0]}: {error.strerror or type(error).__name__}"
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            _kill(process)
            return f"was not done after {seconds:g} seconds"
        finally:
            if process.poll() is None:
                _kill(process)
        return None if code == 0 else _failure(code, output)


def _kill(process: subprocess.Popen[bytes]) -> None:
    if os.name == "nt":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _failure(code: int, output: IO[bytes]) -> str:
    size = output.seek(0, os.SEEK_END)
    output.seek(max(0, size - _TOLD_BYTES))
    said = " ".join(output.read().decode("utf-8", "replace").split())
    ended = f"ended with {code}" if code > 0 else f"was ended by signal {-code}"
    return f"{ended}: {ascii(said)[1:-1]}" if said else ended
