"""The keyring as far as whoever looks may see it: an account that only watches may not open keys/.

Nor need it: what it looks at is public.
"""

from __future__ import annotations

from tufkeep.keys.keyring import Keyring
from tufkeep.stores import StoreDenied
from tufkeep.workspace import Workspace

OUT_OF_SIGHT = "keys: belongs to another user, so the key files were not checked"


def keys_in_sight(workspace: Workspace) -> Keyring | None:
    """Return the keyring, None where this user may not look into keys/."""
    try:
        workspace.keyring.files()
    except StoreDenied:
        return None
    return workspace.keyring
