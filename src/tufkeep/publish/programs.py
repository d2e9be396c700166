"""Other programs that publishing runs: one that prints a secret, one that empties a cache.

What such a program prints or is told never comes into an error, for it may be a secret.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from tufkeep.errors import PersonNeeded

_SECONDS = 120.0  # long enough for a person to touch a fingerprint reader
_LIMIT_BYTES = 16_384
# What a program needs to find itself, its settings, and the person's language and session. Nothing in it is a secret.
_PLAIN = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TERM", "TMPDIR"),
        *("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "GPG_TTY"),  # password managers ask with these
        *("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"),
    }
)
_NEVER = ("_PASSPHRASE", "_PASSWORD")  # of signing keys: no program is given these, whoever names them


class CommandFailed(PersonNeeded):
    """A program named in tufkeep.toml did not do its work."""

    exit_code = 42

    def __init__(self, program: str, fault: str):
        super().__init__(f"the command {program}: {fault}")


def runner(environment: Mapping[str, str], *, passed: Collection[str] = ()) -> Callable[[Sequence[str]], str]:
    """Return what runs a command and gives the first line of its output.

    A program sees a few plain variables, and those that the policy names for it; and it runs in the top folder of the
    system. What it is called by is looked up in PATH or is a whole path: a folder that came on a drive must not be able
    to put another program in its place.

    Args:
        passed: the variables that the policy names.
    """
    given = _given(environment, passed)

    def run(command: Sequence[str]) -> str:
        if os.sep in command[0] and not Path(command[0]).is_absolute():
            raise CommandFailed(command[0], "a relative path; name the program alone, or give its whole path")
        try:
            done = subprocess.run(
                tuple(command),
                env=given,
                cwd=os.sep,  # an empty part of PATH is the folder that a program runs in
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            fault = f"no answer within {_SECONDS:g} seconds"
        except (OSError, ValueError) as error:
            fault = (getattr(error, "strerror", None) or type(error).__name__).lower()
        else:
            if done.returncode == 0:
                lines = done.stdout[:_LIMIT_BYTES].decode(errors="replace").splitlines()
                return lines[0].strip() if lines else ""
            fault = f"failed with exit code {done.returncode}"
        raise CommandFailed(command[0], fault)

    return run


def _given(environment: Mapping[str, str], passed: Collection[str]) -> dict[str, str]:
    """Return all that a program sees of the environment."""
    return {
        name: value
        for name, value in environment.items()
        if (name in _PLAIN or name.startswith("LC_") or name in passed) and not name.upper().endswith(_NEVER)
    }
