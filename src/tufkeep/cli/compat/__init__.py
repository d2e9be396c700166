"""The programs that this one replaces: `tuf` of go-tuf v0.5.2, and `fleetctl updates` of Fleet.

What they print, ask, accept and return is theirs, so that scripts written for them continue to work. What they do is
ours: it goes through the workspace, so it is locked, proved and written atomically.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tufkeep.cli.base.process import Process
    from tufkeep.cli.compat.program import Program


def main(name: str, arguments: Sequence[str], process: Process | None = None, *, own_codes: bool = False) -> int:
    """Run the program under one of the two names; return its exit code.

    Args:
        own_codes: an error has its own exit code, as under the name `tufkeep`; without, it is 1, as theirs.
    """
    from tufkeep.cli.base.process import Process
    from tufkeep.cli.compat.program import run

    return run(_program(name), list(arguments), process or Process(), own_codes=own_codes)


def _program(name: str) -> Program:
    if name == "tuf":
        from tufkeep.cli.compat.tuf.program import TUF

        return TUF
    from tufkeep.cli.compat.fleetctl.program import FLEETCTL

    return FLEETCTL
