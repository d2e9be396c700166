"""The process a command runs in, and what was chosen for this run."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from tufkeep.cli.base.secrets import Secrets
from tufkeep.clock import Clock, system_clock

if TYPE_CHECKING:
    from tufkeep.keys.machine import Machine


def this_machine(folder: Path) -> Machine:
    """Return what the system tells of this machine, and of the place where a folder lies."""
    from tufkeep.keys.machine import read_machine

    return read_machine(folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """The process a command runs in; a test hands in its own."""

    stdin: TextIO = field(default_factory=lambda: sys.stdin)
    stdout: TextIO = field(default_factory=lambda: sys.stdout)
    stderr: TextIO = field(default_factory=lambda: sys.stderr)
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    clock: Clock = system_clock
    machine: Callable[[Path], Machine] = this_machine


@dataclass(slots=True)
class Choices:
    """What was chosen with the options that every command takes."""

    directory: Path = field(default_factory=Path)
    json: bool = False
    yes: bool = False
    debug: bool = False
    verbose: bool = False
    clock_is_right: bool = False  # though it is far from the last signature here
    trust_config: bool = False  # for this run: tufkeep.toml may run programs and take credentials along
    person: str = ""  # who the record is to name
    network: dict[str, str] = field(default_factory=dict)  # what the options of `options.network` say
    secrets: Secrets = field(default_factory=Secrets)
