"""The cost of whole processes: CPU seconds, wall seconds, peak memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Python keeps what it compiled, as where a program is installed, whatever this machine's habit; not in the checkout.
COMPILED = {
    "PYTHONDONTWRITEBYTECODE": "",
    "PYTHONPYCACHEPREFIX": str(Path(__file__).resolve().parent.parent / "build" / "bench" / "compiled"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One process to run."""

    argv: Sequence[str | Path]
    folder: Path
    environment: Mapping[str, str] | None = None  # besides what is there


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What some processes took: the sum of their times, the largest of their peaks."""

    cpu_seconds: float  # user + system, children that were waited for included
    wall_seconds: float
    peak_bytes: int  # no less than this process's own: a new process begins with the memory of its parent
    requests: int | None = None


class CommandFailed(Exception):
    """A measured command ended badly, so its cost means nothing."""


def run(*commands: Command) -> Cost:
    """Run commands one after the other."""
    each = [_run_one(command) for command in commands]
    return Cost(
        cpu_seconds=sum(cost.cpu_seconds for cost in each),
        wall_seconds=sum(cost.wall_seconds for cost in each),
        peak_bytes=max(cost.peak_bytes for cost in each),
    )


def median(times: int, measure: Callable[[int], Cost]) -> Cost:
    """Return the medians of several measurements; each is told its number.

    One more run comes first and does not count: it fills the caches, of the disk and of compiled Python.
    """
    measure(times)
    costs = [measure(number) for number in range(times)]
    requests = [cost.requests for cost in costs if cost.requests is not None]
    return Cost(
        cpu_seconds=statistics.median(cost.cpu_seconds for cost in costs),
        wall_seconds=statistics.median(cost.wall_seconds for cost in costs),
        peak_bytes=max(cost.peak_bytes for cost in costs),
        requests=max(requests) if requests else None,
    )


def _run_one(command: Command) -> Cost:
    started = time.monotonic()
    process = subprocess.Popen(
        [str(word) for word in command.argv],
        cwd=command.folder,
        env={**os.environ, **COMPILED, **(command.environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    said = process.stderr.read()
    process.stderr.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        words = " ".join(map(str, command.argv))
        raise CommandFailed(f"{words}: exit code {process.returncode}: {said.decode(errors='replace').strip()}")
    return Cost(
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        wall_seconds=time.monotonic() - started,
        peak_bytes=usage.ru_maxrss * 1024,
    )
