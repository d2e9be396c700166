"""The procedures in which root keys are used, as data that screen, paper, tests all read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tufkeep.cli.commands.ceremony.procedures.create import CREATE
from tufkeep.cli.commands.ceremony.procedures.releaser import RELEASER
from tufkeep.cli.commands.ceremony.procedures.rotate import ROTATE
from tufkeep.cli.commands.ceremony.procedures.step import Procedure, Step

PROCEDURES: Final[Mapping[str, Procedure]] = {procedure.name: procedure for procedure in (CREATE, RELEASER, ROTATE)}

__all__ = ["PROCEDURES", "Procedure", "Step"]
