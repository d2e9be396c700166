"""What to type next, for those who called the program `fleetctl`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tufkeep.cli.base.hints import Table

HINTS: Final[Table] = {
    "NotARepository": "make one: fleetctl updates init",
    "KeyNotFound": "copy the key file to {folder}",
    "NoPassphrase": "run the command on a terminal, or set the variable FLEET_<ROLE>_PASSPHRASE",
}
