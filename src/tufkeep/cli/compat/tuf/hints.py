"""What to type next, for those who called the program `tuf`.

What is not here is said in the words of `tufkeep`: it is the same program, and has the command.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tufkeep.cli.base.hints import Table
    from tufkeep.metadata.chain import RootChainBroken
    from tufkeep.metadata.quorum import Quorum, ThresholdNotReached

_REMAKE = "drop the staged change with tuf clean, then make it again"


def _threshold(error: ThresholdNotReached) -> str:
    return _signatures(error.quorum)


def _chain(error: RootChainBroken) -> str | None:
    return _signatures(error.quorum) if error.quorum is not None else None


def _signatures(quorum: Quorum) -> str:
    if not quorum.waiting:
        return f"{quorum.role} has too few keys for its threshold: tuf gen-key {quorum.role}"
    if quorum.by_older_root:
        sign = "bring an old root key into keys/, then: tuf sign root.json"
        return f"an agent that trusts {quorum.delegator} would refuse v{quorum.version}; {sign}"
    return f"{quorum.missing} more of: {', '.join(sorted(keyid[:8] for keyid in quorum.waiting))}"


HINTS: Final[Table] = {
    "ThresholdNotReached": _threshold,
    "RootChainBroken": _chain,
    "SamePublicKey": "make another key: tuf gen-key {role}",
    "ThresholdUnreachable": (
        "add a key first (tuf gen-key {role}) or lower the threshold first (tuf set-threshold {role} N)"
    ),
    "NoPassphrase": "run the command on a terminal, or set the variable TUF_<ROLE>_PASSPHRASE",
    "NotARepository": "make one: tuf init, or name another folder: tuf -d DIR",
    "UnaddedArtifacts": "list it: tuf add {paths[0]!q}, or drop the staged change: tuf clean",
    "ArtifactMissing": "put the file at staged/targets/{path}, then: tuf add {path!q}",
    "ArtifactChanged": "add it again: tuf add {path!q}",
    "ListingOutdated": "make the next ones: tuf snapshot, then tuf timestamp",
    "SignedButExpired": "compare this machine's clock; if it is right, make the next {role}.json",
    "StaleStaged": _REMAKE,
    "NeverCommitted": "finish it with tuf commit, or remove the folder yourself and begin again",
    "NoPlaceForArtifact": "tuf clean, then another name; or commit the removal of what is in its way first",
    "PlanOutdated": "look at what is staged, then tuf commit again",
}
