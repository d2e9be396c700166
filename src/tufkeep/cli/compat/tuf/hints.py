"""What to type next, for those who called the program `tuf`.

What is not here is said in the words of `tufkeep`: it is the same program, and has the command. Most of what go-tuf
checks by itself has its hint where it is raised, because the words of the error are go-tuf's, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tufkeep.cli.base.hints import Table
    from tufkeep.metadata.chain import RootChainBroken


def _chain(error: RootChainBroken) -> str | None:
    if error.quorum is None:
        return None
    sign = "bring an old root key into keys/, then: tuf sign root.json"
    return f"an agent that trusts {error.quorum.delegator} would refuse v{error.quorum.version}; {sign}"


HINTS: Final[Table] = {
    "RootChainBroken": _chain,
    "NoPassphrase": "run the command on a terminal, or set the variable TUF_<ROLE>_PASSPHRASE",
    "NotARepository": "make one: tuf init, or name another folder with -d DIR",
    "ClockDoubted": (
        "compare it with a watch, and set it; if it is right, show it once to the record: "
        "tufkeep renew timestamp --commit --clock-is-right"
    ),
    "ArtifactMissing": "put the file at staged/targets/{path}, then: tuf add {path!q}",
    "ArtifactChanged": "add it again: tuf add {path!q}",
    "ListingOutdated": "make the next ones: tuf snapshot, then tuf timestamp",
    "StaleStaged": "drop the staged change with tuf clean, then make it again",
    "NoPlaceForArtifact": "tuf clean, then another name; or commit the removal of what is in its way first",
}
