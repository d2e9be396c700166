"""The programs that this one takes the place of: `tuf` of go-tuf v0.5.2, `fleetctl updates` of Fleet.

What they print, ask, accept and return is theirs, so that a script written for them goes on working. What
they do is ours: it goes through the workspace, is locked, proved and written whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tufkeep.cli.base.process import Process


def main(name: str, arguments: Sequence[str], process: Process | None = None) -> int:
    """Run the program under one of the two names; return its exit code, 0 or 1 as theirs."""
    from tufkeep.cli.base.process import Process

    process = process or Process()
    if name == "tuf":
        from tufkeep.cli.compat.tuf import program as tuf

        return tuf.speak(list(arguments), process)
    from tufkeep.cli.compat.fleetctl import program as fleetctl

    return fleetctl.speak(list(arguments), process)
