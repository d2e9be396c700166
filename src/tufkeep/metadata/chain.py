"""The chain of root versions, walked as a client walks it, and what a new root takes away.

Spec: TUF 1.0.34 #update-root.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tufkeep.errors import TrustRefused
from tufkeep.metadata.model import public_identity
from tufkeep.metadata.quorum import Quorum, ThresholdNotReached, root_quorums

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuf.api.metadata import Root

    from tufkeep.metadata.document import Document


class RootChainBroken(TrustRefused):
    """A client on one root version can't come to the newest."""

    exit_code = 21

    def __init__(self, fact: str, *, version: int, quorum: Quorum | None = None):
        super().__init__(f"root v{version}: {fact}")
        self.fact = fact
        self.quorum = quorum  # where it is signatures that are missing
        self.version = version  # the root version that stops the client


def walk(roots: Mapping[int, Document[Root]], start: int) -> Document[Root]:
    """Return the root on which a client ends that trusts only version `start`.

    It asks for one version after the other until there is none; each must be signed by the root
    before it and by itself and carry exactly the next version. Expiry of the roots between does
    not matter. Roots beyond a gap are never asked for: compare the result with the newest.

    Args:
        roots: by the version in the file name, which is what a client asks for.

    Raises:
        RootChainBroken: a version is refused, or `start` is not there.
    """
    if start not in roots:
        raise RootChainBroken("is not among the published versions", version=start)
    trusted = roots[start]
    _require_own_quorum(trusted, start)
    while (following := roots.get(trusted.version + 1)) is not None:
        _require_successor(following, trusted.signed)
        trusted = following
    return trusted


def require_whole_chain(roots: Mapping[int, Document[Root]]) -> Document[Root]:
    """Return the newest root, which a client on any of these versions reaches.

    Raises:
        RootChainBroken: from some version a client is refused or stops earlier.
    """
    if not roots:
        raise RootChainBroken("is missing", version=1)
    newest = max(roots)
    for start in sorted(roots, reverse=True):  # the verdicts are cached: each step is verified once
        reached = walk(roots, start)
        if reached.version != newest:
            raise RootChainBroken(
                f"is missing, so that an agent that trusts v{start} never sees v{newest}",
                version=reached.version + 1,
            )
    return roots[newest]


def _require_own_quorum(root: Document[Root], name: int) -> None:
    if root.version != name:
        raise RootChainBroken(f"the file contains v{root.version}", version=name)
    try:
        root_quorums(root, None)[0].require()
    except ThresholdNotReached as error:
        raise _refused(error, name) from error


def _require_successor(following: Document[Root], trusted: Root) -> None:
    expected = trusted.version + 1
    if following.version != expected:
        raise RootChainBroken(f"the file contains v{following.version}", version=expected)
    try:
        for quorum in root_quorums(following, trusted):
            quorum.require()
    except ThresholdNotReached as error:
        raise _refused(error, expected) from error


def _refused(error: ThresholdNotReached, version: int) -> RootChainBroken:
    return RootChainBroken(error.quorum.fact, version=version, quorum=error.quorum)


def rotated(old: Root, new: Root, role: str) -> bool:
    """Whether so many of a role's keys left that those alone could have signed for it.

    Then they may have been stolen, and their thief may have signed a version so high that no
    honest one reaches it. A client forgets what they signed. A key that comes in, or fewer
    that leave than can sign, is no reason to: it would give up the protection from rollback.
    """
    gone = _public_keys(old, role) - _public_keys(new, role)
    return len(gone) >= old.roles[role].threshold


def _public_keys(root: Root, role: str) -> set[object]:
    return {public_identity(root.keys[keyid]) for keyid in root.roles[role].keyids if keyid in root.keys}
