"""What to type next, for those who called the program `fleetctl`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tufkeep.cli.base.hints import Table

HINTS: Final[Table] = {
    "NotARepository": "make one: fleetctl updates init",
    "ClockDoubted": (
        "compare it with a watch, and set it; if it is right, show it once to the record: "
        "tufkeep renew timestamp --commit --clock-is-right"
    ),
    "KeyNotFound": "copy the key file to {folder}",
    "NoPassphrase": "run the command on a terminal, or set the variable FLEET_<ROLE>_PASSPHRASE",
}
