"""Other programs that publishing runs: one that prints a secret, one that empties a cache.

What such a program prints or is told never comes into an error, for it may be a secret.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence

from tufkeep.errors import PersonNeeded

_SECONDS = 120.0  # long enough for a person to touch a fingerprint reader
_LIMIT_BYTES = 16_384
_OURS = ("_PASSPHRASE", "_PASSWORD")  # what a program gets from us is not what we were told in confidence


class CommandFailed(PersonNeeded):
    """A program named in tufkeep.toml did not do its work."""

    exit_code = 42

    def __init__(self, program: str, fault: str):
        super().__init__(f"the command {program}: {fault}")


def runner(environment: Mapping[str, str]) -> Callable[[Sequence[str]], str]:
    """Return what runs a command and gives the first line of its output."""
    given = {name: value for name, value in environment.items() if not name.endswith(_OURS)}

    def run(command: Sequence[str]) -> str:
        try:
            done = subprocess.run(
                tuple(command),
                env=given,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            fault = f"no answer within {_SECONDS:g} seconds"
        except OSError as error:
            fault = (error.strerror or type(error).__name__).lower()
        else:
            if done.returncode == 0:
                lines = done.stdout[:_LIMIT_BYTES].decode(errors="replace").splitlines()
                return lines[0].strip() if lines else ""
            fault = f"failed with exit code {done.returncode}"
        raise CommandFailed(command[0], fault)

    return run
