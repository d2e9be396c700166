"""Whether a new root takes a role away from the keys that held it.

Spec: TUF 1.0.34 #update-root.
"""

from __future__ import annotations

from tuf.api.metadata import Root

from tufkeep.metadata.model import public_identity


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
